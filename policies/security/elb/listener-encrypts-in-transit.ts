import { listAt, textAt } from "../../framework/known.ts";
import type { Plain } from "../../framework/known.ts";
import { resourcePolicy } from "../../framework/policy.ts";
import { fsbp, isUndecided } from "../values.ts";
import { LISTENERS } from "./types.ts";

export const listenerEncryptsInTransit = resourcePolicy({
  name: "listener-encrypts-in-transit",
  family: "security",
  severity: "medium",
  level: "mandatory",
  description: "Listeners of load balancers speak HTTPS or TLS; one that speaks HTTP only sends clients on to HTTPS.",
  why: "What goes over plain HTTP is read and changed by everyone on the way, sessions and passwords included.",
  fix: 'Write protocol: "HTTPS" with a certificateArn, or a default action of type redirect to HTTPS on port 443.',
  control: fsbp("Application Load Balancer should be configured to redirect all HTTP requests to HTTPS", [
    "ELB.1",
    "ELB.18",
  ]),
  settings: {},
  types: LISTENERS,
  check(resource, _settings, report) {
    if (isUndecided(resource, report, "whether the listener encrypts", "protocol")) return;
    const protocol = textAt(resource.inputs, "protocol");
    if (protocol === "TCP") {
      report.advice("protocol is TCP; write TLS with a certificateArn, unless the targets end TLS themselves.");
    }
    if (protocol !== "HTTP" || redirects(resource.inputs)) return;
    if (isUndecided(resource, report, "whether the listener encrypts", "defaultActions")) return;
    report.violation(
      'The listener serves plain HTTP; write protocol: "HTTPS", or a default action of type redirect with redirect: { protocol: "HTTPS", port: "443", statusCode: "HTTP_301" }.',
    );
  },
});

function redirects(inputs: Plain): boolean {
  const actions = listAt(inputs, "defaultActions");
  return actions.length > 0 && actions.every((action) => textAt(action, "redirect.protocol") === "HTTPS");
}
