import { listAt, unknownAt } from "../../framework/known.ts";
import { stackPolicy } from "../../framework/policy.ts";
import type { Resource } from "../../framework/policy.ts";
import { flagAt } from "../../security/values.ts";

const BALANCER = "cloudflare:index/loadBalancer:LoadBalancer";
const POOL = "cloudflare:index/loadBalancerPool:LoadBalancerPool";

export const balancerCanFailOver = stackPolicy({
  name: "balancer-can-fail-over",
  family: "reliability",
  severity: "medium",
  level: "mandatory",
  description: "A Cloudflare load balancer has at least two origins to choose from.",
  why: "With one there is nothing to fail over to: it costs what a balancer costs and balances nothing.",
  fix: "Name a second pool in defaultPools, or put a second origin into the pool.",
  control: {
    name: "Cloudflare: Load balancers",
    url: "https://developers.cloudflare.com/load-balancing/load-balancers/",
  },
  settings: {},
  types: [BALANCER, POOL],
  checkStack(stack, _settings, report) {
    const pools = new Map(stack.ofType(POOL).map((pool) => [pool.urn, pool]));
    for (const balancer of stack.ofType(BALANCER)) {
      const written = listAt(balancer.inputs, "defaultPools");
      const used = stack.nearest(balancer.urn, POOL, "defaultPools").flatMap((urn) => pools.get(urn) ?? []);
      const single = used[0];
      if (Math.max(distinct(written), used.length) > 1 || (single && originsOf(single) > 1)) continue;
      const unknown = single ? unknownAt(single.unknown, "origins") : unknownAt(balancer.unknown, "defaultPools");
      if (unknown !== undefined && (single === undefined || listAt(single.inputs, "origins").length === 0))
        report.undecided(unknown, "whether the balancer has a second origin", balancer.urn);
      else
        report.violation(
          `Load balancer ${balancer.name} has one pool with one origin, so there is nothing to fail over to; name a second pool in defaultPools.`,
          balancer.urn,
        );
    }
  },
});

/** Two that are not known yet are two. */
function distinct(pools: readonly unknown[]): number {
  const isOpen = (pool: unknown) => pool === undefined;
  return pools.filter(isOpen).length + new Set(pools.filter((pool) => !isOpen(pool))).size;
}

function originsOf(pool: Resource): number {
  return listAt(pool.inputs, "origins").filter((origin) => flagAt(origin, "enabled") !== false).length;
}
