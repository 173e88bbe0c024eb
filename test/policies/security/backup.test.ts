import { vaultHasOwnKey } from "../../../policies/security/backup/vault-has-own-key.ts";
import { vaultIsLocked } from "../../../policies/security/backup/vault-is-locked.ts";
import { vaultNotPublic } from "../../../policies/security/backup/vault-not-public.ts";
import { describePolicy } from "../cases.ts";
import { type Fake, UNKNOWN } from "../harness.ts";

const OPEN = {
  Statement: [{ Effect: "Allow", Principal: { AWS: "*" }, Action: "backup:StartRestoreJob", Resource: "*" }],
};

const vaults: readonly Fake[] = [
  { type: "aws:backup/vault:Vault", name: "daily", props: { kmsKeyArn: UNKNOWN } },
  {
    type: "aws:backup/vaultLockConfiguration:VaultLockConfiguration",
    name: "lock",
    props: { backupVaultName: UNKNOWN, minRetentionDays: 7 },
    from: { backupVaultName: ["daily"] },
  },
  { type: "aws:backup/vault:Vault", name: "other", props: { name: "other", kmsKeyArn: UNKNOWN } },
  {
    type: "aws:backup/vaultLockConfiguration:VaultLockConfiguration",
    name: "other-lock",
    props: { backupVaultName: "other", minRetentionDays: 7 },
  },
  { type: "aws:backup/vaultPolicy:VaultPolicy", name: "policy", props: { policy: "{}" } },
];

describe("security of backup vaults", () => {
  describePolicy({
    policy: vaultHasOwnKey,
    compliant: vaults,
    breaks: [{ path: "daily/kmsKeyArn", value: undefined, says: /^kmsKeyArn is not written/ }],
  });

  describePolicy({
    policy: vaultIsLocked,
    compliant: vaults,
    breaks: [{ path: "other-lock/backupVaultName", value: "another", says: /^Backup vault other is not locked/ }],
    undecided: ["other-lock/backupVaultName"],
  });

  describePolicy({
    policy: vaultNotPublic,
    compliant: vaults,
    breaks: [{ path: "policy/policy", value: OPEN, says: /anyone in the world use the backup vault/ }],
    undecided: ["policy/policy"],
  });
});
