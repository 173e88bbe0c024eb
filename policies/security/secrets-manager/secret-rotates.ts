import { pairs } from "../../aws/pairing.ts";
import { numberAt, textAt } from "../../framework/known.ts";
import { number } from "../../framework/settings.ts";
import { fsbp } from "../values.ts";

const settings = { days: number(90, "Most days between two rotations of a secret.", 1, 1000) };

export const secretRotates = pairs<typeof settings>(
  {
    name: "secret-rotates",
    family: "security",
    severity: "medium",
    level: "advisory",
    description: "Secrets are changed by themselves, often enough.",
    why: "A secret that never changes is known to everyone who ever saw it.",
    fix: "Make an aws.secretsmanager.SecretRotation for the secret with rotationRules: { automaticallyAfterDays: 30 }.",
    control: fsbp("Secrets Manager secrets should have automatic rotation enabled", [
      "SecretsManager.1",
      "SecretsManager.4",
    ]),
    settings,
  },
  {
    owners: ["aws:secretsmanager/secret:Secret"],
    names: ["name"],
    companions: ["aws:secretsmanager/secretRotation:SecretRotation"],
    property: "secretId",
    fits: ({ inputs }, { days }) => {
      const written = numberAt(inputs, "rotationRules.automaticallyAfterDays");
      return written === undefined ? textAt(inputs, "rotationRules.scheduleExpression") !== undefined : written <= days;
    },
    hangsOn: ["rotationRules"],
    says: ({ name }, rotations) =>
      rotations.length === 0
        ? `Secret ${name} has no rotation, so it stays as it is for ever; make a SecretRotation for it.`
        : `The rotation of secret ${name} is rarer than the days of secret-rotates.days; write a smaller automaticallyAfterDays.`,
    asks: "whether the secret is changed often enough",
  },
);
