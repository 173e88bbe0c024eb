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
  control: securityHub("ELB target groups should use encrypted transport protocols", ["ELB.22", "ELB.21"]),
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
    // AWS's default: HTTP behind an application load balancer, TCP behind a network one
    const byDefault = protocol === "TLS" || protocol === "TCP" ? "TCP" : "HTTP";
    const written = textAt(inputs, "healthCheck.protocol");
    const isEncrypted = protocol === "HTTPS" || protocol === "TLS";
    if (!isEncrypted || (written ?? byDefault) === "HTTPS") return;
    report.violation(
      `healthCheck.protocol is ${written ?? `not set, which means ${byDefault}`}; write "HTTPS", as the requests themselves.`,
    );
  },
});
