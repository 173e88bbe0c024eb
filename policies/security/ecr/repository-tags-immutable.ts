import { textAt } from "../../framework/known.ts";
import { resourcePolicy } from "../../framework/policy.ts";
import { fsbp, isUndecided, mend } from "../values.ts";

const PATH = "imageTagMutability";

export const repositoryTagsImmutable = resourcePolicy({
  name: "repository-tags-immutable",
  family: "security",
  severity: "medium",
  level: "mandatory",
  description: "A tag in an ECR repository names the same image for ever.",
  why: "Where a tag can be moved, what was tested is not what runs, and a rollback brings back something else.",
  fix: 'Write imageTagMutability: "IMMUTABLE" and give each build a tag of its own.',
  control: fsbp("ECR private repositories should have tag immutability configured", ["ECR.2"]),
  settings: {},
  types: ["aws:ecr/repository:Repository"],
  check(resource, _settings, report) {
    if (isUndecided(resource, report, "whether tags can be moved", PATH)) return;
    const mutability = textAt(resource.inputs, PATH);
    if (mutability === "IMMUTABLE") return;
    report.violation(`${PATH} is ${mutability ?? "not set, which means MUTABLE"}; write "IMMUTABLE".`);
  },
  remediate(resource) {
    return mend(resource, textAt(resource.inputs, PATH) === "IMMUTABLE" ? [] : [PATH], "IMMUTABLE");
  },
});
