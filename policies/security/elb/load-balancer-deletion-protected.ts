import { resourcePolicy } from "../../framework/policy.ts";
import { flagAt, fsbp, isUndecided, mend } from "../values.ts";
import { BALANCERS } from "./types.ts";

const PATH = "enableDeletionProtection";

// advisory, because a stack that is to be torn down has to lift the protection by an update first
export const loadBalancerDeletionProtected = resourcePolicy({
  name: "load-balancer-deletion-protected",
  family: "security",
  severity: "medium",
  level: "advisory",
  description: "Load balancers cannot be deleted by one call.",
  why: "A deleted balancer comes back with another address, and everything that points to it stays away until it is found out.",
  fix: "Write enableDeletionProtection: true.",
  control: fsbp("Application, Gateway, and Network Load Balancers should have deletion protection enabled", ["ELB.6"]),
  settings: {},
  types: BALANCERS,
  check(resource, _settings, report) {
    if (flagAt(resource.inputs, PATH) === true) return;
    if (isUndecided(resource, report, "whether the load balancer can be deleted by one call", PATH)) return;
    report.violation(`${PATH} is ${flagAt(resource.inputs, PATH) ?? "not set, which means false"}; write true.`);
  },
  remediate(resource) {
    return mend(resource, flagAt(resource.inputs, PATH) === true ? [] : [PATH], true);
  },
});
