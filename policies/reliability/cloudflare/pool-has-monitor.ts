import { isGiven } from "../../aws/presence.ts";
import { resourcePolicy } from "../../framework/policy.ts";

export const poolHasMonitor = resourcePolicy({
  name: "pool-has-monitor",
  family: "reliability",
  severity: "high",
  level: "mandatory",
  description: "Every pool of a Cloudflare load balancer has a health check.",
  why: "Without one a pool is taken for healthy for ever, and visitors are sent to origins that are down.",
  fix: "Make a LoadBalancerMonitor and write its id as monitor of the pool.",
  control: { name: "Cloudflare: Pools", url: "https://developers.cloudflare.com/load-balancing/pools/" },
  settings: {},
  types: ["cloudflare:index/loadBalancerPool:LoadBalancerPool"],
  check(pool, _settings, report) {
    if (["monitor", "monitorGroup", "healthSources"].some((input) => isGiven(pool, input))) return;
    report.violation("The pool has no monitor, so visitors are sent to origins that are down; write monitor.");
  },
});
