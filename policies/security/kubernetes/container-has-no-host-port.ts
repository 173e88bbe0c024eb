import { listAt } from "../../framework/known.ts";
import { judge, podPolicy, unknownIn } from "../../framework/pod-specs.ts";
import { podSecurity } from "./standard.ts";

export const containerHasNoHostPort = podPolicy({
  name: "container-has-no-host-port",
  family: "security",
  severity: "medium",
  level: "mandatory",
  description: "No container takes a port of its node.",
  why: "A host port goes around Services and, with many network plug-ins, around network policies; and only one such pod fits on a node.",
  fix: "Leave `ports[].hostPort` out, and reach the pod through a Service.",
  control: podSecurity("baseline", "Host Ports", "5.2.13"),
  settings: {},
  subject: "the host ports of the containers",
  checkPod({ containers }, _settings, report) {
    for (const container of containers) {
      const ports = listAt(container.fields, "ports");
      const unknown = ports.length === 0 ? unknownIn(container, "ports") : undefined;
      if (unknown !== undefined) report.undecided(unknown, `the host ports of ${container.name}`);
      ports.forEach((_, index) =>
        judge(report, container, `ports.${index}.hostPort`, "the host ports", (value, path) =>
          value === undefined || value === 0
            ? undefined
            : `takes port ${JSON.stringify(value)} of its node; take ${path} away and use a Service.`,
        ),
      );
    }
  },
});
