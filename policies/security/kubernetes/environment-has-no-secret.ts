import { listAt, textAt } from "../../framework/known.ts";
import { pathOf, podPolicy, unknownIn } from "../../framework/pod-specs.ts";
import type { Container } from "../../framework/pod-specs.ts";
import type { Report } from "../../framework/policy.ts";
import { namesSecret, plainSecret, wordsOf } from "../../framework/secret-names.ts";
import { hardening } from "./standard.ts";

export const environmentHasNoSecret = podPolicy({
  name: "environment-has-no-secret",
  family: "security",
  severity: "high",
  level: "mandatory",
  description: "No container has a secret in plain text in its environment or arguments.",
  why: "Plain variables and arguments are readable by everybody who may read the pod, and end up in logs, crash reports and backups of the cluster.",
  fix: "Put the value into a Secret and mount it as a file, or name it with `valueFrom.secretKeyRef`.",
  control: hardening(
    "authentication and secrets",
    "https://kubernetes.io/docs/concepts/configuration/secret/",
    ...["5.4.1", "5.4.2"],
  ),
  settings: {},
  subject: "the environment of the containers",
  checkPod({ containers }, _settings, report) {
    for (const container of containers) {
      checkEnvironment(container, report);
      for (const list of ["command", "args"]) {
        wordsOf(listAt(container.fields, list)).forEach(({ name, value }, index) => {
          const wrong = plainSecret(name, value);
          if (wrong === undefined) return;
          const place = pathOf(container, `${list}.${index}`);
          report.violation(`An argument of ${container.name} ${wrong}; take it out of ${place} and mount a Secret.`);
        });
      }
    }
  },
});

function checkEnvironment(container: Container, report: Report): void {
  const variables = listAt(container.fields, "env");
  variables.forEach((variable, index) => {
    const name = textAt(variable, "name") ?? "";
    const unknown = unknownIn(container, `env.${index}.value`);
    if (unknown !== undefined && namesSecret(name)) {
      return report.undecided(unknown, `whether ${name} of ${container.name} is a secret in plain text`);
    }
    const wrong = plainSecret(name, (variable as { value?: unknown } | undefined)?.value);
    if (wrong === undefined) return;
    report.violation(
      `The variable ${name} of ${container.name} ${wrong}; use valueFrom.secretKeyRef in ${pathOf(container, `env.${index}`)}, or a file.`,
    );
  });
  const unknown = variables.length === 0 ? unknownIn(container, "env") : undefined;
  if (unknown !== undefined) report.undecided(unknown, `the environment of ${container.name}`);
}
