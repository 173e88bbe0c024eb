import { at } from "../../framework/known.ts";
import { resourcePolicy } from "../../framework/policy.ts";
import { flagAt, fsbp, isUndecided } from "../values.ts";
import { BALANCERS, CLASSIC, isApplication } from "./types.ts";

export const loadBalancerLogsAccess = resourcePolicy({
  name: "load-balancer-logs-access",
  family: "security",
  severity: "medium",
  level: "advisory",
  description: "Application and classic load balancers write each request to an access log.",
  why: "After an incident the log is the only record of who asked for what before it reached a server.",
  fix: "Write accessLogs: { enabled: true, bucket }, with a bucket that lets the log delivery service write.",
  control: fsbp("Application and Classic Load Balancers logging should be enabled", ["ELB.5"]),
  settings: {},
  types: [...BALANCERS, CLASSIC],
  check(resource, _settings, report) {
    const { inputs, type } = resource;
    if (type !== CLASSIC && !isApplication(resource)) return;
    // a classic one that names a bucket logs to it unless it says otherwise
    const byBucket = type === CLASSIC && at(inputs, "accessLogs") !== undefined;
    const logs = flagAt(inputs, "accessLogs.enabled") ?? byBucket;
    if (logs || isUndecided(resource, report, "whether requests are logged", "accessLogs", "loadBalancerType")) return;
    report.violation("No access log is written; write accessLogs: { enabled: true, bucket }.");
  },
});
