import { listAt, textAt } from "../../framework/known.ts";
import { resourcePolicy } from "../../framework/policy.ts";
import { fsbp, isUndecided } from "../values.ts";
import { CLASSIC } from "./types.ts";

export const classicBalancerListenersEncrypted = resourcePolicy({
  name: "classic-balancer-listeners-encrypted",
  family: "security",
  severity: "medium",
  level: "mandatory",
  description: "Listeners of classic load balancers speak HTTPS or SSL, with a certificate of ACM.",
  why: "Plain listeners are read on the way, and a certificate that ACM does not renew runs out unseen.",
  fix: 'Write lbProtocol: "https" and the ARN of an ACM certificate; better, take an application load balancer.',
  control: fsbp("Classic Load Balancer listeners should be configured with HTTPS or TLS termination", [
    "ELB.3",
    "ELB.2",
  ]),
  settings: {},
  types: [CLASSIC],
  check(resource, _settings, report) {
    const listeners = listAt(resource.inputs, "listeners");
    if (listeners.length === 0) isUndecided(resource, report, "whether the listeners encrypt", "listeners");
    listeners.forEach((listener, index) => {
      const inner = `listeners.${index}`;
      if (isUndecided(resource, report, "whether the listener encrypts", `${inner}.lbProtocol`)) return;
      const protocol = (textAt(listener, "lbProtocol") ?? "").toLowerCase();
      const where = `listeners[${index}]`;
      if (protocol !== "https" && protocol !== "ssl") {
        report.violation(`${where}.lbProtocol is ${protocol || "not set"}; write "https" or "ssl" with a certificate.`);
        return;
      }
      const certificate = textAt(listener, "sslCertificateId");
      if (certificate === undefined || certificate.includes(":acm:")) return;
      report.violation(`${where}.sslCertificateId is not a certificate of ACM; write the ARN of one.`);
    });
  },
});
