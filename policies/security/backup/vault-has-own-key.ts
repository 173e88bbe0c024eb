import { gives } from "../../aws/given.ts";
import { fsbp } from "../values.ts";

export const vaultHasOwnKey = gives(
  {
    name: "vault-has-own-key",
    family: "security",
    severity: "medium",
    level: "advisory",
    description: "Backup vaults encrypt with a key of one's own.",
    why: "With the key of AWS recovery points cannot be copied to another account, and nobody else decides who reads them.",
    fix: "Write kmsKeyArn with a key of KMS; another one later makes a new vault.",
    control: fsbp("AWS Backup recovery points should be encrypted at rest", ["Backup.1"]),
    types: ["aws:backup/vault:Vault"],
  },
  { path: "kmsKeyArn", harm: "its recovery points are under the key of AWS and cannot leave the account" },
);
