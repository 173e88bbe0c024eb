import { isGiven } from "../../aws/presence.ts";
import { stackPolicy } from "../../framework/policy.ts";
import { flagAt, fsbp } from "../values.ts";

const INSTANCE = "aws:ec2/instance:Instance";
const DEFAULT = "aws:ebs/encryptionByDefault:EncryptionByDefault";

/** A root disk that the program does write is the business of volume-encrypted. */
export const instanceRootDiskEncrypted = stackPolicy({
  name: "instance-root-disk-encrypted",
  family: "security",
  severity: "medium",
  level: "advisory",
  description: "The root disk of an instance is encrypted, by the instance itself or by the region's default.",
  why: "A root disk that the program does not write is as its image and the region's default have it, which may be plain.",
  fix: "Write rootBlockDevice: { encrypted: true }, or make an aws.ebs.EncryptionByDefault.",
  control: fsbp("Attached Amazon EBS volumes should be encrypted at-rest", ["EC2.3"]),
  settings: {},
  types: [INSTANCE, DEFAULT],
  checkStack(stack, _settings, report) {
    // whether one that is not known yet is on, volume-encryption-by-default says
    if (stack.ofType(DEFAULT).some(({ inputs }) => flagAt(inputs, "enabled") !== false)) return;
    for (const instance of stack.ofType(INSTANCE)) {
      if (isGiven(instance, "rootBlockDevice") || isGiven(instance, "launchTemplate")) continue;
      report.violation(
        "rootBlockDevice is not written and the stack makes no aws.ebs.EncryptionByDefault, so the root disk may be plain; write rootBlockDevice: { encrypted: true }.",
        instance.urn,
      );
    }
  },
});
