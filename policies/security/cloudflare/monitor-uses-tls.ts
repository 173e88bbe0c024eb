import { textAt, unknownAt } from "../../framework/known.ts";
import { resourcePolicy } from "../../framework/policy.ts";
import { flagAt } from "../values.ts";

export const monitorUsesTls = resourcePolicy({
  name: "monitor-uses-tls",
  family: "security",
  severity: "medium",
  level: "mandatory",
  description: "Health checks of origins use HTTPS and check the certificate.",
  why: "A check without it says healthy while visitors get an error for a certificate that has run out, and keeps a plain port open.",
  fix: "Write type: https, and take allowInsecure away.",
  control: { name: "Cloudflare: Monitors", url: "https://developers.cloudflare.com/load-balancing/monitors/" },
  settings: {},
  types: ["cloudflare:index/loadBalancerMonitor:LoadBalancerMonitor"],
  check({ inputs, unknown }, _settings, report) {
    const path = unknownAt(unknown, "type", "allowInsecure");
    // http is what Cloudflare takes where nothing is written
    const type = textAt(inputs, "type") ?? "http";
    if (path !== undefined) report.undecided(path, "whether the check uses TLS");
    else if (type === "http") report.violation("The monitor checks by http; write type: https.");
    else if (flagAt(inputs, "allowInsecure") === true)
      report.violation("allowInsecure is true, so a certificate that has run out counts as healthy; take it away.");
  },
});
