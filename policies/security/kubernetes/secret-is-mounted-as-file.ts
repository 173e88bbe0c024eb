import { listed } from "../../framework/format.ts";
import { at, listAt, textAt } from "../../framework/known.ts";
import { podPolicy } from "../../framework/pod-specs.ts";
import { hardening } from "./standard.ts";

export const secretIsMountedAsFile = podPolicy({
  name: "secret-is-mounted-as-file",
  family: "security",
  severity: "low",
  level: "advisory",
  description: "Containers read secrets from files and not from their environment.",
  why: "Every child process and crash report has the environment, and a variable keeps the old value when the Secret is rotated.",
  fix: "Mount the Secret as a volume and have the process read the file; many images take a name that ends in _FILE.",
  control: hardening(
    "authentication and secrets",
    "https://kubernetes.io/docs/concepts/security/secrets-good-practices/",
    "5.4.1",
  ),
  settings: {},
  checkPod({ containers }, _settings, report) {
    for (const container of containers) {
      const named = listAt(container.fields, "env").flatMap((variable) =>
        at(variable, "valueFrom.secretKeyRef") === undefined ? [] : [textAt(variable, "name") ?? "one"],
      );
      const whole = listAt(container.fields, "envFrom").some((source) => at(source, "secretRef") !== undefined);
      const names = [...named, ...(whole ? ["all keys of a Secret"] : [])];
      if (names.length === 0) continue;
      report.violation(`${container.name} has ${listed(names)} in its environment; mount the Secret as a file.`);
    }
  },
});
