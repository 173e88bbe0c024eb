import { at, unknownAt } from "../framework/known.ts";
import { resourcePolicy } from "../framework/policy.ts";
import type { ResourcePolicy } from "../framework/policy.ts";
import { isPublic, statementsOf } from "./documents.ts";
import type { Words } from "./requirement.ts";

/** The policy that no statement of a resource policy in one of these inputs lets anyone in. */
export function letsNobodyIn(words: Words, inputs: readonly string[], what: string): ResourcePolicy {
  return resourcePolicy({
    ...words,
    settings: {},
    check(resource, _settings, report) {
      for (const input of inputs) {
        for (const { sid } of statementsOf(at(resource.inputs, input)).filter(isPublic)) {
          report.violation(
            `${input} lets anyone in the world use ${what} (${sid}); name the principals, or add a condition with a fixed value such as aws:SourceAccount or aws:PrincipalOrgID.`,
          );
        }
      }
      const unknown = unknownAt(resource.unknown, ...inputs);
      if (unknown !== undefined) report.undecided(unknown, `whether it lets anyone use ${what}`);
    },
  });
}
