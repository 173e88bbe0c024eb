import { letsNobodyIn } from "../../aws/public-documents.ts";

export const repositoryNotPublic = letsNobodyIn(
  {
    name: "repository-not-public",
    family: "security",
    severity: "high",
    level: "mandatory",
    description: "The policy of an ECR repository lets only named principals in.",
    why: "Whoever pulls an image has the program in it; whoever pushes one runs theirs in your cluster.",
    fix: "Name accounts or roles as Principal, or add a Condition on aws:PrincipalOrgID.",
    control: {
      name: "Amazon ECR: private repository policies",
      url: "https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-policies.html",
    },
    types: ["aws:ecr/repositoryPolicy:RepositoryPolicy"],
  },
  ["policy"],
  "the repository",
);
