import { textAt } from "../../framework/known.ts";
import { resourcePolicy } from "../../framework/policy.ts";
import { fsbp, isUndecided, mend } from "../values.ts";
import { BALANCERS, CLASSIC } from "./types.ts";

const PATH = "desyncMitigationMode";
const SAFE: readonly string[] = ["defensive", "strictest"];

export const loadBalancerDefendsAgainstDesync = resourcePolicy({
  name: "load-balancer-defends-against-desync",
  family: "security",
  severity: "medium",
  level: "mandatory",
  description: "Application and classic load balancers answer desync attacks in defensive or strictest mode.",
  why: "In monitor mode a request that hides another one in its body is passed on to the servers.",
  fix: 'Write desyncMitigationMode: "defensive", or take the input away: it is the default.',
  control: fsbp("Application Load Balancer should be configured with defensive or strictest desync mitigation mode", [
    "ELB.12",
    "ELB.14",
  ]),
  settings: {},
  types: [...BALANCERS, CLASSIC],
  check(resource, _settings, report) {
    if (isUndecided(resource, report, "how desync attacks are answered", PATH)) return;
    const mode = textAt(resource.inputs, PATH);
    if (mode === undefined || SAFE.includes(mode)) return;
    report.violation(`${PATH} is ${mode}; write "defensive" or "strictest".`);
  },
  remediate(resource) {
    const mode = textAt(resource.inputs, PATH);
    return mend(resource, mode === undefined || SAFE.includes(mode) ? [] : [PATH], "defensive");
  },
});
