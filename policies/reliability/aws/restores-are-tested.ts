import { stackPolicy } from "../../framework/policy.ts";

const PLAN = "aws:backup/plan:Plan";
const TEST = "aws:backup/restoreTestingPlan:RestoreTestingPlan";

export const restoresAreTested = stackPolicy({
  name: "restores-are-tested",
  family: "reliability",
  severity: "medium",
  level: "advisory",
  description: "Where backups are planned, restoring them is tried too.",
  why: "A backup that nobody has ever restored is a hope.",
  fix: "Make an aws.backup.RestoreTestingPlan and a RestoreTestingSelection for what counts.",
  control: {
    name: "AWS Well-Architected REL09-BP04 (perform periodic recovery of the data)",
    url: "https://docs.aws.amazon.com/wellarchitected/latest/reliability-pillar/rel_backing_up_data_periodic_recovery_testing_data.html",
  },
  settings: {},
  types: [PLAN, TEST],
  checkStack(stack, _settings, report) {
    const [plan] = stack.ofType(PLAN);
    if (!plan || stack.ofType(TEST).length > 0) return;
    report.violation(
      `Backups are planned by ${plan.name}, but no RestoreTestingPlan tries to restore one; make one.`,
      plan.urn,
    );
  },
});
