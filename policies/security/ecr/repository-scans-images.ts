import { resourcePolicy } from "../../framework/policy.ts";
import { flagAt, fsbp, isUndecided, mend } from "../values.ts";

const PATH = "imageScanningConfiguration.scanOnPush";

export const repositoryScansImages = resourcePolicy({
  name: "repository-scans-images",
  family: "security",
  severity: "high",
  level: "mandatory",
  description: "ECR repositories scan each image for known vulnerabilities when it is pushed.",
  why: "Most of what runs in an image was written by others; a scan tells which of it is known to be broken.",
  fix: "Write imageScanningConfiguration: { scanOnPush: true }.",
  control: fsbp("ECR private repositories should have image scanning configured", ["ECR.1"], ["CIS EKS 5.1.1"]),
  settings: {},
  types: ["aws:ecr/repository:Repository"],
  check(resource, _settings, report) {
    if (flagAt(resource.inputs, PATH) === true) return;
    if (isUndecided(resource, report, "whether images are scanned", PATH)) return;
    report.violation(`${PATH} is ${flagAt(resource.inputs, PATH) ?? "not set, which means false"}; write true.`);
  },
  remediate(resource) {
    return mend(resource, flagAt(resource.inputs, PATH) === true ? [] : [PATH], true);
  },
});
