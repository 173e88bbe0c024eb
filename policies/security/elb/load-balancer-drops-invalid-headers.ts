import { unknownAt } from "../../framework/known.ts";
import { resourcePolicy } from "../../framework/policy.ts";
import { flagAt, fsbp, isUndecided, mend } from "../values.ts";
import { BALANCERS, isApplication } from "./types.ts";

const PATH = "dropInvalidHeaderFields";

export const loadBalancerDropsInvalidHeaders = resourcePolicy({
  name: "load-balancer-drops-invalid-headers",
  family: "security",
  severity: "medium",
  level: "mandatory",
  description: "Application load balancers drop HTTP headers with invalid names.",
  why: "A header that the balancer and the server read differently can carry a second request past every check.",
  fix: "Write dropInvalidHeaderFields: true.",
  control: fsbp("Application Load Balancer should be configured to drop invalid http headers", ["ELB.4"]),
  settings: {},
  types: BALANCERS,
  check(resource, _settings, report) {
    if (!isApplication(resource) || flagAt(resource.inputs, PATH) === true) return;
    if (isUndecided(resource, report, "whether invalid headers are dropped", PATH, "loadBalancerType")) return;
    report.violation(`${PATH} is ${flagAt(resource.inputs, PATH) ?? "not set, which means false"}; write true.`);
  },
  remediate(resource) {
    const isOther = !isApplication(resource) || unknownAt(resource.unknown, "loadBalancerType") !== undefined;
    const isRight = isOther || flagAt(resource.inputs, PATH) === true;
    return mend(resource, isRight ? [] : [PATH], true);
  },
});
