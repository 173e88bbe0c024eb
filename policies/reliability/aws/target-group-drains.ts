import { numberAt, unknownAt } from "../../framework/known.ts";
import { resourcePolicy } from "../../framework/policy.ts";
import { number } from "../../framework/settings.ts";
import { TARGET_GROUPS } from "./target-groups.ts";

const settings = {
  atLeast: number(10, "Least seconds in which a target that goes may finish its requests.", 0, 3600),
  atMost: number(300, "Most seconds of that, because each rollout waits so long.", 0, 3600),
};

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html */
const DEFAULT_SECONDS = 300;

export const targetGroupDrains = resourcePolicy({
  name: "target-group-drains",
  family: "reliability",
  severity: "low",
  level: "advisory",
  description: "Targets that go finish their requests first, within bounds.",
  why: "With no time each rollout breaks requests; with too much it takes longer than anyone waits.",
  fix: "Write deregistrationDelay: a little more than the slowest request takes.",
  control: {
    name: "Elastic Load Balancing: Deregistration delay",
    url: "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html",
  },
  settings,
  types: [...TARGET_GROUPS],
  check({ inputs, unknown }, { atLeast, atMost }, report) {
    const seconds = numberAt(inputs, "deregistrationDelay") ?? DEFAULT_SECONDS;
    const path = unknownAt(unknown, "deregistrationDelay");
    if (path !== undefined) report.undecided(path, "whether targets finish their requests");
    else if (seconds < atLeast)
      report.violation(
        `deregistrationDelay is ${seconds} seconds, below the ${atLeast} of target-group-drains.atLeast; write more.`,
      );
    else if (seconds > atMost)
      report.violation(
        `deregistrationDelay is ${seconds} seconds, above the ${atMost} of target-group-drains.atMost; write less.`,
      );
  },
});
