import { plainAt, textAt, unknownAt } from "../../framework/known.ts";
import { resourcePolicy } from "../../framework/policy.ts";
import { namesSecret, plainSecret } from "../../framework/secret-names.ts";
import { hardening } from "./standard.ts";

/** `secrets.properties`, `password-policy.json`: what is in a file says whether it is a secret, and not what it is called. */
const FILE = /\.(?:ya?ml|json|toml|ini|cfg|conf|properties|env|xml|md|sh|py|js|sql|lua|tpl|tmpl|html|pem|crt)$/i;

export const configMapHoldsNoSecret = resourcePolicy({
  name: "config-map-holds-no-secret",
  family: "security",
  severity: "high",
  level: "mandatory",
  description: "No ConfigMap holds a secret.",
  why: "ConfigMaps are not encrypted at rest, and roles that may read all of them are common.",
  fix: "Move the entry to a Secret.",
  control: hardening(
    "authentication and secrets",
    "https://kubernetes.io/docs/concepts/configuration/secret/",
    "5.4.2",
  ),
  settings: {},
  types: [/^kubernetes:core\/v1:ConfigMap(?:Patch)?$/],
  check({ inputs, unknown, name: logical }, _settings, report) {
    const name = textAt(inputs, "metadata.name") ?? logical;
    for (const [key, value] of Object.entries(plainAt(inputs, "data"))) {
      const wrong = plainSecret(FILE.test(key) ? "" : key, value);
      if (wrong !== undefined) {
        report.violation(`The entry ${key} of ConfigMap ${name} ${wrong}; move data["${key}"] to a Secret.`);
      }
    }
    const open = unknown.find(([data, key]) => data === "data" && (key === undefined || namesSecret(String(key))));
    if (open !== undefined) {
      report.undecided(unknownAt([open], "data") ?? "data", `whether ConfigMap ${name} holds a secret`);
    }
  },
});
