import { letsNobodyIn } from "../../aws/public-documents.ts";

export const vaultNotPublic = letsNobodyIn(
  {
    name: "vault-not-public",
    family: "security",
    severity: "critical",
    level: "mandatory",
    description: "No policy of a backup vault lets anyone in the world in.",
    why: "A recovery point is the whole of the data that it was made of.",
    fix: "Name the principals, or narrow the statement by aws:PrincipalOrgID.",
    control: {
      name: "AWS Backup: Vault access policies",
      url: "https://docs.aws.amazon.com/aws-backup/latest/devguide/create-a-vault-access-policy.html",
    },
    types: ["aws:backup/vaultPolicy:VaultPolicy"],
  },
  ["policy"],
  "the backup vault",
);
