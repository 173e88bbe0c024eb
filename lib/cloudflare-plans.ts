/** What a Cloudflare zone has booked, from small to large. */
export type CloudflarePlan = "free" | "pro" | "business" | "enterprise";

export const CLOUDFLARE_PLANS: readonly CloudflarePlan[] = ["free", "pro", "business", "enterprise"];

type ByPlan<T> = Readonly<Record<CloudflarePlan, T>>;

/** Cloudflare's own table of plans and features. */
export const PLANS_SOURCE =
  "https://github.com/cloudflare/cloudflare-docs/blob/production/src/content/plans/index.json";

export const RATE_LIMITS_SOURCE = "https://developers.cloudflare.com/waf/rate-limiting-rules/#availability";

/**
 * How many rules a zone has in a phase; a phase that is not listed has no such limit. Enterprise with rate limiting
 * booked, and with the rule of DDoS overrides of every plan but Advanced DDoS Protection.
 */
export const RULES_BY_PHASE: Readonly<Record<string, ByPlan<number>>> = {
  ddos_l7: { free: 1, pro: 1, business: 1, enterprise: 1 },
  http_config_settings: { free: 10, pro: 25, business: 50, enterprise: 300 },
  http_ratelimit: { free: 1, pro: 2, business: 5, enterprise: 100 },
  http_request_cache_settings: { free: 10, pro: 25, business: 50, enterprise: 300 },
  http_request_dynamic_redirect: { free: 10, pro: 25, business: 50, enterprise: 300 },
  http_request_firewall_custom: { free: 5, pro: 20, business: 100, enterprise: 1000 },
  http_request_origin: { free: 10, pro: 25, business: 50, enterprise: 300 },
  http_response_cache_settings: { free: 10, pro: 25, business: 50, enterprise: 300 },
  http_response_compression: { free: 10, pro: 25, business: 50, enterprise: 300 },
};

export interface RateLimitEntitlement {
  /** Seconds over which requests are counted. */
  readonly longestPeriod: number;
  /** Seconds for which the action goes on. */
  readonly longestMitigation: number;
  /** Fields that the rule's expression may use; absent: all. */
  readonly fields?: readonly string[];
  /** What requests are counted by, besides the data center (`cf.colo.id`). */
  readonly characteristics: readonly RegExp[];
  /** Whether counting has an expression of its own. */
  readonly countingExpression: boolean;
}

const HOST_AND_PATH = [
  ...["http.host", "http.request.uri", "http.request.uri.path", "http.request.full_uri", "http.request.uri.query"],
  "cf.client.bot",
];

/** https://developers.cloudflare.com/waf/rate-limiting-rules/#availability */
export const RATE_LIMITS: ByPlan<RateLimitEntitlement> = {
  free: {
    longestPeriod: 10,
    longestMitigation: 10,
    fields: ["http.request.uri.path", "cf.client.bot"],
    characteristics: [/^ip\.src$/],
    countingExpression: false,
  },
  pro: {
    longestPeriod: 60,
    longestMitigation: 3600,
    fields: HOST_AND_PATH,
    characteristics: [/^ip\.src$/],
    countingExpression: false,
  },
  business: {
    longestPeriod: 600,
    longestMitigation: 86_400,
    fields: [...HOST_AND_PATH, "http.request.method", "ip.src", "http.user_agent"],
    characteristics: [/^ip\.src$/, /^cf\.unique_visitor_id$/],
    countingExpression: true,
  },
  enterprise: {
    longestPeriod: 65_535,
    longestMitigation: 86_400,
    characteristics: [/./],
    countingExpression: true,
  },
};

/** Seconds that a limit may count over, and that its action may go on for: the same source. */
export const RATE_LIMIT_PERIODS: readonly number[] = [
  10, 15, 20, 30, 40, 45, 60, 90, 120, 180, 240, 300, 480, 600, 900, 1200, 1800, 2400, 3600, 65_535, 86_400,
];

/** Seconds. https://developers.cloudflare.com/cache/how-to/edge-browser-cache-ttl/ */
export const SHORTEST_EDGE_TTL: ByPlan<number> = { free: 7200, pro: 3600, business: 1, enterprise: 1 };

/** Whether expressions may use `matches`, i.e. regular expressions. */
export const REGULAR_EXPRESSIONS: ByPlan<boolean> = { free: false, pro: false, business: true, enterprise: true };

/** Rulesets that Cloudflare keeps, the same in every zone. https://developers.cloudflare.com/waf/managed-rules/ */
export const MANAGED_RULESETS = {
  free: { id: "77454fe2d30c4220b5701f6fdfb893ba", phase: "http_request_firewall_managed", from: "free" },
  cloudflare: { id: "efb7b8c949ac4650a09736fc376e9aee", phase: "http_request_firewall_managed", from: "pro" },
  owasp: { id: "4814384a9e5d4991b9815dcfc25d2f1f", phase: "http_request_firewall_managed", from: "pro" },
  httpDdos: { id: "4d21379b4f9f4bb088e0729962c8b3cf", phase: "ddos_l7", from: "free" },
} as const satisfies Readonly<Record<string, { id: string; phase: string; from: CloudflarePlan }>>;

/** The rule of the OWASP ruleset that blocks by the sum of the scores. https://developers.cloudflare.com/waf/managed-rules/reference/owasp-core-ruleset/configure-api/ */
export const OWASP_SCORE_RULE = "6179ae15870a4bb7b2d480d4843b323c";

/** Whether a plan has what needs at least another one. */
export function offers(plan: CloudflarePlan, least: CloudflarePlan): boolean {
  return CLOUDFLARE_PLANS.indexOf(plan) >= CLOUDFLARE_PLANS.indexOf(least);
}

/** The smallest plan that has it; undefined where none does. */
export function smallestPlan(has: (plan: CloudflarePlan) => boolean): CloudflarePlan | undefined {
  return CLOUDFLARE_PLANS.find(has);
}

/** What an account has of Load Balancing on every plan but Enterprise. https://developers.cloudflare.com/load-balancing/reference/limitations/ */
export const LOAD_BALANCING = {
  balancers: 20,
  pools: 20,
  endpoints: 20,
  /** One and a half times the pools. */
  monitors: 30,
  /** Parts of the world to check from; one is booked by default. https://github.com/cloudflare/cloudflare-docs/pull/31421 */
  checkRegions: 8,
} as const;
