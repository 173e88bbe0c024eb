import { textAt } from "../../framework/known.ts";
import { resourcePolicy } from "../../framework/policy.ts";
import { fits, patterns } from "../../framework/settings.ts";
import { fsbp, isUndecided } from "../values.ts";
import { LISTENERS } from "./types.ts";

const settings = {
  recommended: patterns(
    [
      "ELBSecurityPolicy-TLS13-1-3-2021-06",
      "ELBSecurityPolicy-TLS13-1-3-FIPS-2023-04",
      "ELBSecurityPolicy-TLS13-1-3-PQ-2025-09",
      "ELBSecurityPolicy-TLS13-1-3-FIPS-PQ-2025-09",
      "ELBSecurityPolicy-TLS13-1-2-Res-2021-06",
      "ELBSecurityPolicy-TLS13-1-2-Res-FIPS-2023-04",
      "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09",
      "ELBSecurityPolicy-TLS13-1-2-Res-FIPS-PQ-2025-09",
    ],
    "Security policies that the control recommends; another one without TLS 1.0 and 1.1 is advised against.",
  ),
};

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html */
const WITHOUT_OLD_TLS = /^ELBSecurityPolicy-(?:TLS13-1-[23]|TLS-1-2|FS-1-2)-/;
const DEFAULT = "ELBSecurityPolicy-2016-08";
const SUGGESTED = "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09";

export const listenerRefusesOldTls = resourcePolicy({
  name: "listener-refuses-old-tls",
  family: "security",
  severity: "medium",
  level: "mandatory",
  description: "HTTPS and TLS listeners of load balancers refuse TLS 1.0 and 1.1, and take only recommended ciphers.",
  why: "A client that is talked down to TLS 1.0 or to a cipher without forward secrecy can be read by whoever records it.",
  fix: `Write sslPolicy: "${SUGGESTED}".`,
  control: fsbp("Application and Network Load Balancers with listeners should use recommended security policies", [
    "ELB.17",
  ]),
  settings,
  types: LISTENERS,
  check(resource, { recommended }, report) {
    const what = "which versions of TLS the listener takes";
    if (isUndecided(resource, report, what, "protocol")) return;
    if (!["HTTPS", "TLS"].includes(textAt(resource.inputs, "protocol") ?? "")) return;
    if (isUndecided(resource, report, what, "sslPolicy")) return;
    const written = textAt(resource.inputs, "sslPolicy");
    const policy = written ?? DEFAULT;
    if (fits(policy, recommended)) return;
    const found = `sslPolicy is ${written ?? `not set, which means ${DEFAULT}`}`;
    if (WITHOUT_OLD_TLS.test(policy)) {
      report.advice(`${found}, which takes ciphers that are not recommended; write "${SUGGESTED}".`);
    } else {
      report.violation(`${found}, which takes TLS 1.0 or 1.1; write "${SUGGESTED}".`);
    }
  },
});
