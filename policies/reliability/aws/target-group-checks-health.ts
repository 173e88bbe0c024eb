import { requires } from "../../aws/requirement.ts";
import { TARGET_GROUPS } from "./target-groups.ts";

export const targetGroupChecksHealth = requires(
  {
    name: "target-group-checks-health",
    family: "reliability",
    severity: "high",
    level: "mandatory",
    description: "Target groups of load balancers check whether their targets are healthy.",
    why: "Without a check visitors are sent to targets that are down.",
    fix: "Write healthCheck: { enabled: true } with the path that tells readiness.",
    control: {
      name: "Elastic Load Balancing: Health checks for target groups",
      url: "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html",
    },
    types: [...TARGET_GROUPS],
  },
  {
    path: "healthCheck.enabled",
    value: true,
    otherwise: true,
    harm: "visitors are sent to targets that are down",
    // a function has no port to ask
    where: ({ inputs }) => inputs["targetType"] !== "lambda",
    hangsOn: ["targetType"],
  },
);
