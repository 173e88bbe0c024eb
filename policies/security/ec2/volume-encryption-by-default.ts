import { resourcePolicy } from "../../framework/policy.ts";
import { flagAt, fsbp, isUndecided, mend } from "../values.ts";

export const volumeEncryptionByDefault = resourcePolicy({
  name: "volume-encryption-by-default",
  family: "security",
  severity: "medium",
  level: "mandatory",
  description: "A region whose default for new EBS volumes the program sets has them encrypted.",
  why: "Disks that nobody declared, of node groups and of volume claims, follow this default.",
  fix: "Write enabled: true, which is also the default of aws.ebs.EncryptionByDefault.",
  control: fsbp("EBS default encryption should be enabled", ["EC2.7"], ["CIS AWS 5.0.0 5.1.1"]),
  settings: {},
  types: ["aws:ebs/encryptionByDefault:EncryptionByDefault"],
  check(resource, _settings, report) {
    if (isUndecided(resource, report, "whether new volumes are encrypted", "enabled")) return;
    if (flagAt(resource.inputs, "enabled") !== false) return;
    report.violation("enabled is false, so new volumes of this region are not encrypted; write true.");
  },
  remediate(resource) {
    return mend(resource, flagAt(resource.inputs, "enabled") === false ? ["enabled"] : [], true);
  },
});
