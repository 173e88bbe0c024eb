import { letsNobodyIn } from "../../aws/public-documents.ts";

export const secretNotPublic = letsNobodyIn(
  {
    name: "secret-not-public",
    family: "security",
    severity: "critical",
    level: "mandatory",
    description: "No policy of a secret lets anyone in the world read it.",
    why: "A secret that everyone may read is none.",
    fix: "Name the principals, or narrow the statement by aws:PrincipalOrgID.",
    control: {
      name: "Secrets Manager: Resource-based policies",
      url: "https://docs.aws.amazon.com/secretsmanager/latest/userguide/auth-and-access_resource-policies.html",
    },
    types: ["aws:secretsmanager/secret:Secret", "aws:secretsmanager/secretPolicy:SecretPolicy"],
  },
  ["policy"],
  "the secret",
);
