import { resourcePolicy } from "../framework/policy.ts";
import { isSecret, namesSecret } from "../framework/secret-names.ts";
import { textAt } from "../framework/known.ts";
import type { Resource } from "../framework/policy.ts";
import { givenName } from "./names.ts";
import { ownTags } from "./tags.ts";

export const noSecretInNamesAndTags = resourcePolicy({
  name: "no-secret-in-names-and-tags",
  family: "hygiene",
  severity: "high",
  level: "mandatory",
  description: "Names, descriptions, tags, labels and annotations hold no secret.",
  why: "Everybody who may list resources reads them, they stand on bills and in logs, and they are never encrypted.",
  fix: "Put the secret into Secrets Manager or a Kubernetes secret and name only its ARN; change it, because it is known now.",
  control: {
    name: "AWS: do not put sensitive information in tags",
    url: "https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html",
  },
  settings: {},
  types: [/^aws:/, /^docker:/, /^kubernetes:/],
  check(resource, _settings, report) {
    for (const [where, text] of texts(resource)) {
      if (isSecret(text))
        report.violation(`${where} holds a key or a login; take it out and change it, because it is known now.`);
    }
    for (const [key, value] of ownTags(resource)) {
      const isValue = typeof value === "string" && value.length >= SHORTEST && !/[\s/:.]/.test(value);
      // what stands before the slash says who made the label, not what it is
      if (!isValue || isSecret(value) || !namesSecret(key.slice(key.lastIndexOf("/") + 1))) continue;
      report.advice(
        `The tag or label ${key} is called like a secret and has a value; name where the secret is instead.`,
      );
    }
  },
});

/** A shorter value of a tag such as `secret: yes` is none. */
const SHORTEST = 8;

function texts(resource: Resource): readonly (readonly [where: string, text: string])[] {
  const tags = ownTags(resource).flatMap(([key, value]) =>
    typeof value === "string" ? [[`The tag or label ${key}`, value] as const] : [],
  );
  const name = givenName(resource);
  const description = textAt(resource.inputs, "description");
  return [
    ...(name === undefined ? [] : [["The name", name] as const]),
    ...(description === undefined ? [] : [["description", description] as const]),
    ...tags,
  ];
}
