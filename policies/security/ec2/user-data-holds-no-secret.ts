import { textAt } from "../../framework/known.ts";
import { resourcePolicy } from "../../framework/policy.ts";
import { isSecret, plainSecret } from "../../framework/secret-names.ts";
import { isUndecided } from "../values.ts";

const PATHS = ["userData", "userDataBase64"] as const;

/** `export NAME=value`, but not one that is fetched when the script runs. */
const ASSIGNMENT = /(?:^|[\n;])[ \t]*(?:export[ \t]+)?([A-Za-z_]\w*)=["']?([^\s"'$`][^\s"']*)/g;

const BASE64 = /^[A-Za-z0-9+/\s]+={0,2}\s*$/;

export const userDataHoldsNoSecret = resourcePolicy({
  name: "user-data-holds-no-secret",
  family: "security",
  severity: "high",
  level: "mandatory",
  description: "Start scripts of EC2 instances and launch templates hold no secret.",
  why: "Every program on the instance, and everybody who may describe it, reads its user data.",
  fix: "Let the script fetch the secret from Secrets Manager with the instance's role; change it, because it is known now.",
  control: {
    name: "Amazon EC2: user data is not protected",
    url: "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-add-user-data.html",
  },
  settings: {},
  types: [
    "aws:ec2/instance:Instance",
    "aws:ec2/launchTemplate:LaunchTemplate",
    "aws:ec2/launchConfiguration:LaunchConfiguration",
  ],
  check(resource, _settings, report) {
    for (const path of PATHS) {
      if (isUndecided(resource, report, "whether the start script holds a secret", path)) continue;
      const script = decoded(textAt(resource.inputs, path) ?? "");
      const names = [...script.matchAll(ASSIGNMENT)].flatMap(([, name = "", value]) =>
        plainSecret(name, value) === undefined ? [] : [name],
      );
      if (names.length === 0 && !isSecret(script)) continue;
      const what =
        names.length > 0 ? `gives ${[...new Set(names)].join(", ")} a value in plain text` : "holds a key or a login";
      report.violation(`${path} ${what}; fetch it from Secrets Manager when the script runs, and change it.`);
    }
  },
});

function decoded(text: string): string {
  return BASE64.test(text) && !text.includes(" ") ? Buffer.from(text, "base64").toString("utf8") : text;
}
