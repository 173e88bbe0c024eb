import { textAt } from "../../framework/known.ts";
import { stackPolicy } from "../../framework/policy.ts";
import { fsbp } from "../values.ts";

const REPOSITORY = "aws:ecr/repository:Repository";
const LIFECYCLE = "aws:ecr/lifecyclePolicy:LifecyclePolicy";

export const repositoryExpiresImages = stackPolicy({
  name: "repository-expires-images",
  family: "security",
  severity: "medium",
  level: "mandatory",
  description: "Each ECR repository has a lifecycle policy that takes old images away.",
  why: "Old images stay startable with every flaw found since, and are paid for by the gigabyte.",
  fix: "Add an aws.ecr.LifecyclePolicy for the repository.",
  control: fsbp("ECR repositories should have at least one lifecycle policy configured", ["ECR.3"]),
  settings: {},
  types: [REPOSITORY, LIFECYCLE],
  checkStack(stack, _settings, report) {
    const policies = stack.ofType(LIFECYCLE);
    const kept = new Set(policies.flatMap(({ urn }) => stack.nearest(urn, REPOSITORY, "repository")));
    const names = new Set(policies.map(({ inputs }) => textAt(inputs, "repository")));
    for (const repository of stack.ofType(REPOSITORY)) {
      const name = textAt(repository.inputs, "name");
      if (kept.has(repository.urn) || (name !== undefined && names.has(name))) continue;
      report.violation(
        `Repository ${repository.name} keeps every image for ever; add an aws.ecr.LifecyclePolicy for it.`,
        repository.urn,
      );
    }
  },
});
