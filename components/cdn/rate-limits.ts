import type { types } from "@pulumi/cloudflare";
import { BadInput } from "@groundwork/lib/errors";
import { RATE_LIMITS, RATE_LIMITS_SOURCE, RULES_BY_PHASE, smallestPlan } from "@groundwork/lib/cloudflare-plans";
import type { CloudflarePlan } from "@groundwork/lib/cloudflare-plans";
import { isHost } from "./expressions.ts";
import type { EdgeSite } from "./spec.ts";

/** Seconds over which requests are counted, and for which a client that asks for more is refused: what every plan has. */
const PERIOD = 10;

/**
 * A limit for each client and data center. Sites with the same limit share a rule, and so a client's count, because the
 * smaller plans have one or two rules in all; on the free plan, which cannot tell hosts apart, the most generous limit
 * holds for the whole zone. Throws when the plan does not have as many rules as there are different limits.
 */
export function rateLimitRules(sites: readonly EdgeSite[], plan: CloudflarePlan): types.input.RulesetRule[] {
  const knowsHosts = RATE_LIMITS[plan].fields?.includes("http.host") ?? true;
  if (!knowsHosts) {
    const most = Math.max(...sites.map(({ requestsPerTenSeconds }) => requestsPerTenSeconds));
    return [rule("zone", 'starts_with(http.request.uri.path, "/")', most)];
  }
  const limits = [...new Set(sites.map(({ requestsPerTenSeconds }) => requestsPerTenSeconds))];
  refuseTooMany(limits, plan);
  return limits.map((limit) => {
    const sharing = sites.filter((site) => site.requestsPerTenSeconds === limit);
    return rule(sharing.map(({ name }) => name).join("-"), isHost(sharing.map(({ host }) => host)), limit);
  });
}

function refuseTooMany(limits: readonly number[], plan: CloudflarePlan): void {
  const permitted = RULES_BY_PHASE["http_ratelimit"];
  const most = permitted?.[plan] ?? 0;
  if (limits.length <= most) return;
  const larger = smallestPlan((candidate) => (permitted?.[candidate] ?? 0) >= limits.length);
  throw new BadInput(
    `cdn: the systems have ${limits.length} different rate limits (${limits.join(", ")} requests in ${PERIOD} s), and the ${plan} plan has ${most} rules; write at most ${most} different ones${larger === undefined ? "" : `, or cloudflarePlan: ${larger}`} (${RATE_LIMITS_SOURCE}).`,
  );
}

function rule(name: string, expression: string, requestsPerPeriod: number): types.input.RulesetRule {
  return {
    ref: `limit-${name}`,
    description: `At most ${requestsPerPeriod} requests of one client in ${PERIOD} seconds`,
    expression,
    action: "block",
    ratelimit: {
      characteristics: ["cf.colo.id", "ip.src"],
      period: PERIOD,
      requestsPerPeriod,
      mitigationTimeout: PERIOD,
    },
  };
}
