import { isGiven } from "../../aws/presence.ts";
import { textAt, unknownAt } from "../../framework/known.ts";
import { resourcePolicy } from "../../framework/policy.ts";
import { fsbp } from "../values.ts";

export const certificateRenewsItself = resourcePolicy({
  name: "certificate-renews-itself",
  family: "security",
  severity: "medium",
  level: "advisory",
  description: "Certificates are renewed without anybody's hand.",
  why: "A certificate that waits for a click in a mail, or for somebody to import it, runs out on a weekend.",
  fix: "Write validationMethod: DNS, and keep the validation record.",
  control: fsbp("Imported and ACM-issued certificates should be renewed after a specified time period", ["ACM.1"]),
  settings: {},
  types: ["aws:acm/certificate:Certificate"],
  check(certificate, _settings, report) {
    const path = unknownAt(certificate.unknown, "validationMethod");
    if (path !== undefined) report.undecided(path, "whether the certificate renews itself");
    else if (textAt(certificate.inputs, "validationMethod") === "EMAIL")
      report.violation("validationMethod is EMAIL, so a renewal waits for somebody to click; write DNS.");
    else if (isGiven(certificate, "privateKey"))
      report.violation("The certificate is imported, so somebody has to renew it by hand; let ACM issue it.");
  },
});
