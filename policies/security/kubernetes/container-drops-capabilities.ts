import { listed } from "../../framework/format.ts";
import { at } from "../../framework/known.ts";
import { judge, podPolicy } from "../../framework/pod-specs.ts";
import { fits, patterns } from "../../framework/settings.ts";
import { podSecurity } from "./standard.ts";

const settings = {
  mayAdd: patterns(["NET_BIND_SERVICE"], "Capabilities that a container may add; the restricted standard allows one."),
};

export const containerDropsCapabilities = podPolicy({
  name: "container-drops-capabilities",
  family: "security",
  severity: "high",
  level: "mandatory",
  description: "Every container drops all capabilities of Linux and adds none but NET_BIND_SERVICE.",
  why: "What a runtime leaves to root by default (NET_RAW, SETUID, DAC_OVERRIDE, ...) is what attackers use to get out of a container or to pose as its neighbours.",
  fix: 'Set `securityContext.capabilities: { drop: ["ALL"] }`; add only what the process cannot do without.',
  control: podSecurity("restricted", "Capabilities", "5.2.8", "5.2.9", "5.2.10"),
  settings,
  subject: "the capabilities of the containers",
  checkPod({ containers, windows }, { mayAdd }, report) {
    if (windows) return;
    for (const container of containers) {
      judge(report, container, "securityContext.capabilities", "the capabilities", (value, path) => {
        const added = texts(at(value, "add")).filter((name) => !fits(name, mayAdd));
        if (added.length > 0) {
          const allowed = mayAdd.length > 0 ? `only ${listed(mayAdd)} may be added` : "none may be added";
          return `adds ${listed(added)}, where ${allowed}; take ${added.length === 1 ? "it" : "them"} out of ${path}.add.`;
        }
        const dropsAll = texts(at(value, "drop")).includes("ALL");
        if (dropsAll || (container.partial && at(value, "drop") === undefined)) return undefined;
        return `does not drop all capabilities; set ${path}.drop to ["ALL"].`;
      });
    }
  },
});

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === "string") : [];
}
