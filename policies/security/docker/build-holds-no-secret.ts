import { cisDocker } from "../../framework/docker.ts";
import { plainAt, unknownAt } from "../../framework/known.ts";
import { resourcePolicy } from "../../framework/policy.ts";
import { namesSecret, plainSecret } from "../../framework/secret-names.ts";

/** Where each kind of build has its arguments. */
const ARGUMENTS: Readonly<Record<string, string>> = {
  "docker-build:index:Image": "buildArgs",
  "docker:index/image:Image": "build.args",
  "docker:index/remoteImage:RemoteImage": "build.buildArgs",
};

export const buildHoldsNoSecret = resourcePolicy({
  name: "build-holds-no-secret",
  family: "security",
  severity: "high",
  level: "mandatory",
  description: "No image is built with a secret as a build argument.",
  why: "Build arguments stay in the image's history, which everybody has who may pull it.",
  fix: "Mount it for the one step that needs it: `secrets` of the build, and `RUN --mount=type=secret` in the Dockerfile.",
  control: cisDocker("https://docs.docker.com/build/building/secrets/", "4.10"),
  settings: {},
  types: Object.keys(ARGUMENTS),
  check(resource, _settings, report) {
    const path = ARGUMENTS[resource.type] ?? "";
    for (const [name, value] of Object.entries(plainAt(resource.inputs, path))) {
      const wrong = plainSecret(name, value);
      if (wrong !== undefined) {
        report.violation(
          `The build argument ${name} of ${resource.name} ${wrong}; take it out of ${path} and use secrets.`,
        );
      }
    }
    const named = resource.unknown.find(
      (one) => unknownAt([one], path) !== undefined && namesSecret(String(one.at(-1))),
    );
    if (named) report.undecided(unknownAt([named], path) ?? path, `whether ${resource.name} is built with a secret`);
  },
});
