import { numberAt, unknownAt } from "../framework/known.ts";
import { NODE_GROUP } from "../framework/nodes.ts";
import { stackPolicy } from "../framework/policy.ts";
import type { Resource } from "../framework/policy.ts";
import { number } from "../framework/settings.ts";

const settings = {
  maxNodes: number(40, "Most nodes of all node groups of the stack together, at their maximum size."),
};

export const nodeCountWithinBudget = stackPolicy({
  name: "node-count-within-budget",
  family: "resource-limits",
  severity: "medium",
  level: "mandatory",
  description: "All node groups together stay below the environment's number of nodes, and their bounds are in order.",
  why: "An autoscaler that runs away buys nodes up to maxSize, and nobody looks at it until the invoice comes.",
  fix: "Lower maxSize, or raise the number of nodes for this stack in the policy config.",
  control: {
    ids: ["AWS Well-Architected COST02-BP05"],
    name: "Implement cost controls",
    url: "https://docs.aws.amazon.com/wellarchitected/latest/framework/cost_govern_usage_controls.html",
  },
  settings,
  types: [NODE_GROUP],
  checkStack(stack, { maxNodes }, report) {
    const groups = stack.ofType(NODE_GROUP);
    const sizes = groups.map(size);
    for (const { group, min, desired, max } of sizes) {
      if (max === undefined || ((min ?? 0) <= max && (desired ?? 0) <= max && (desired ?? max) >= (min ?? 0))) continue;
      report.violation(
        `Node group ${group.name} has minSize ${min ?? "-"}, desiredSize ${desired ?? "-"}, maxSize ${max}; put them in that order, each no larger than the next.`,
        group.urn,
      );
    }
    const total = sizes.reduce((sum, { max }) => sum + (max ?? 0), 0);
    const largest = sizes.toSorted((a, b) => (b.max ?? 0) - (a.max ?? 0))[0]?.group;
    if (total > maxNodes) {
      const names = groups.map(({ name }) => name).join(", ");
      report.violation(
        `The node groups ${names} may grow to ${total} nodes together, above the ${maxNodes} of node-count-within-budget.maxNodes; lower maxSize or raise that limit.`,
        largest?.urn,
      );
      return;
    }
    for (const group of groups) {
      const unknown = unknownAt(group.unknown, "scalingConfig.maxSize");
      if (unknown !== undefined) report.undecided(unknown, "whether the node count is within the budget", group.urn);
    }
  },
});

function size(group: Resource): { group: Resource; min?: number; desired?: number; max?: number } {
  const read = (name: string) => numberAt(group.inputs, `scalingConfig.${name}`);
  const [min, desired, max] = [read("minSize"), read("desiredSize"), read("maxSize")];
  return {
    group,
    ...(min !== undefined && { min }),
    ...(desired !== undefined && { desired }),
    ...(max !== undefined && { max }),
  };
}
