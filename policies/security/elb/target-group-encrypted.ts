import { textAt } from "../../framework/known.ts";
import { resourcePolicy } from "../../framework/policy.ts";
import { isUndecided, securityHub } from "../values.ts";
import { TARGET_GROUPS } from "./types.ts";

/** These have no protocol of their own. */
const WITHOUT_PROTOCOL: readonly string[] = ["lambda", "alb"];

export const targetGroupEncrypted = resourcePolicy({
  name: "target-group-encrypted",
  family: "security",
  severity: "medium",
  level: "advisory",
  description: "Load balancers speak to their targets, and check their health, over an encrypted protocol.",
  why: "Behind the balancer the request crosses a network that others share, with the session in it.",
  fix: 'Write protocol: "HTTPS" or "TLS" and healthCheck.protocol: "HTTPS".',
  control: securityHub("Target groups should use encrypted transport and health check protocols", ["ELB.22", "ELB.21"]),
  settings: {},
  types: TARGET_GROUPS,
  check(resource, _settings, report) {
    const { inputs } = resource;
    const what = "whether what goes to the targets is encrypted";
    if (isUndecided(resource, report, what, "protocol", "targetType", "healthCheck.protocol")) return;
    const type = textAt(inputs, "targetType") ?? "instance";
    if (WITHOUT_PROTOCOL.includes(type)) return;
    const protocol = textAt(inputs, "protocol");
    if (protocol !== undefined && ["HTTP", "TCP"].includes(protocol)) {
      report.violation(`protocol is ${protocol}; write "${protocol === "TCP" ? "TLS" : "HTTPS"}".`);
    }
    // the default is the group's protocol for an application load balancer, TCP for a network one
    const check = textAt(inputs, "healthCheck.protocol") ?? protocol;
    if (check === "HTTP" && protocol !== "HTTP") report.violation('healthCheck.protocol is HTTP; write "HTTPS".');
  },
});
