import { EKS_CLUSTER } from "../../framework/kubernetes.ts";
import { textAt, unknownAt } from "../../framework/known.ts";
import { resourcePolicy } from "../../framework/policy.ts";
import { fsbp, isUndecided, textsAt } from "../values.ts";

export const eksSecretsEncrypted = resourcePolicy({
  name: "eks-secrets-encrypted",
  family: "security",
  severity: "medium",
  level: "mandatory",
  description: "Kubernetes secrets of an EKS cluster are encrypted with a KMS key.",
  why: "With a key of one's own, who may read the secrets is decided and logged outside the cluster, and can be revoked.",
  fix: 'Write encryptionConfig: { resources: ["secrets"], provider: { keyArn: <ARN of a KMS key> } }.',
  control: fsbp("EKS clusters should use encrypted Kubernetes secrets", ["EKS.3"], ["CIS EKS 5.3.1"]),
  settings: {},
  types: [EKS_CLUSTER],
  check(resource, _settings, report) {
    const { inputs, unknown } = resource;
    if (isUndecided(resource, report, "whether secrets are encrypted", "encryptionConfig.resources")) return;
    // a key that is yet to be made is a key
    const key = textAt(inputs, "encryptionConfig.provider.keyArn") ?? unknownAt(unknown, "encryptionConfig.provider");
    if (key === undefined) {
      report.violation(
        'No KMS key encrypts the Kubernetes secrets; write encryptionConfig: { resources: ["secrets"], provider: { keyArn } }.',
      );
    } else if (!textsAt(inputs, "encryptionConfig.resources").includes("secrets")) {
      report.violation('encryptionConfig.resources does not name secrets; write ["secrets"].');
    }
  },
});
