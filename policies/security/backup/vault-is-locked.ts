import { pairs } from "../../aws/pairing.ts";

export const vaultIsLocked = pairs(
  {
    name: "vault-is-locked",
    family: "security",
    severity: "medium",
    level: "advisory",
    description: "Backup vaults are locked: recovery points cannot be deleted before their time.",
    why: "Who takes over an account deletes the backups first.",
    fix: "Make an aws.backup.VaultLockConfiguration for the vault; with changeableForDays it cannot be undone afterwards.",
    control: {
      name: "AWS Backup Vault Lock",
      url: "https://docs.aws.amazon.com/aws-backup/latest/devguide/vault-lock.html",
    },
    settings: {},
  },
  {
    owners: ["aws:backup/vault:Vault"],
    names: ["name"],
    companions: ["aws:backup/vaultLockConfiguration:VaultLockConfiguration"],
    property: "backupVaultName",
    fits: () => true,
    hangsOn: [],
    says: ({ name }) =>
      `Backup vault ${name} is not locked, so who may delete may delete every backup; make a VaultLockConfiguration for it.`,
    asks: "whether the vault is locked",
  },
);
