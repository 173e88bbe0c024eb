import { cisDocker, ownName } from "../../framework/docker.ts";
import { textAt, unknownAt } from "../../framework/known.ts";
import { resourcePolicy } from "../../framework/policy.ts";
import { isSecret, namesSecret } from "../../framework/secret-names.ts";

export const dockerConfigHoldsNoSecret = resourcePolicy({
  name: "docker-config-holds-no-secret",
  family: "security",
  severity: "high",
  level: "mandatory",
  description: "No config of a Swarm holds a secret.",
  why: "Configs are not encrypted at rest and are readable by everybody who may inspect them; secrets are neither.",
  fix: "Use `docker.Secret` and the service's `secrets` in place of `docker.ServiceConfig` and `configs`.",
  control: cisDocker("https://docs.docker.com/engine/swarm/secrets/", "7.4"),
  settings: {},
  types: ["docker:index/serviceConfig:ServiceConfig"],
  check(resource, _settings, report) {
    const name = ownName(resource);
    const unknown = unknownAt(resource.unknown, "data");
    if (unknown !== undefined) report.undecided(unknown, `whether config ${name} holds a secret`);
    const content = Buffer.from(textAt(resource.inputs, "data") ?? "", "base64").toString("utf8");
    if (namesSecret(name)) report.violation(`Config ${name} is called like a secret; make it a docker.Secret.`);
    else if (isSecret(content)) report.violation(`Config ${name} holds a key or a login; make it a docker.Secret.`);
  },
});
