import type { Ctx, Properties, ResourceType } from "../../table.ts";
import { ifKnown } from "../../values.ts";
import { list, oneOf, plain, text } from "../values.ts";
import type { SourcedFailure } from "../values.ts";
import { DOCS, identifier, now, planOf, schema, texts } from "./rules.ts";
import type { Plan } from "./rules.ts";

const PHASES = [
  ...["ddos_l4", "ddos_l7", "http_config_settings", "http_custom_errors", "http_log_custom_fields", "http_ratelimit"],
  ...["http_request_cache_settings", "http_request_dynamic_redirect", "http_request_firewall_custom"],
  ...["http_request_firewall_managed", "http_request_late_transform", "http_request_origin", "http_request_redirect"],
  ...["http_request_sanitize", "http_request_sbfm", "http_request_transform", "http_response_cache_settings"],
  ...["http_response_compression", "http_response_firewall_managed", "http_response_headers_transform"],
  ...["magic_transit", "magic_transit_ids_managed", "magic_transit_managed", "magic_transit_ratelimit"],
];

/** What a rule of a phase can do. https://developers.cloudflare.com/ruleset-engine/rules-language/actions/ */
const CHALLENGES = ["block", "challenge", "js_challenge", "managed_challenge", "log"];
const ACTIONS: Readonly<Record<string, readonly string[]>> = {
  http_config_settings: ["set_config"],
  http_custom_errors: ["serve_error"],
  http_log_custom_fields: ["log_custom_field"],
  http_ratelimit: [...CHALLENGES, "execute"],
  http_request_cache_settings: ["set_cache_settings"],
  http_request_dynamic_redirect: ["redirect"],
  http_request_firewall_custom: [...CHALLENGES, "execute", "skip"],
  http_request_firewall_managed: ["execute", "skip", "log"],
  http_request_late_transform: ["rewrite"],
  http_request_origin: ["route"],
  http_request_redirect: ["redirect"],
  http_request_transform: ["rewrite"],
  http_response_compression: ["compress_response"],
  http_response_headers_transform: ["rewrite"],
};

type ByPlan = Readonly<Record<Plan, number>>;

/** How many rules a zone has in a phase. https://github.com/cloudflare/cloudflare-docs/blob/production/src/content/plans/index.json */
const RULES: Readonly<Record<string, ByPlan>> = {
  http_config_settings: { free: 10, pro: 25, business: 50, enterprise: 300 },
  http_ratelimit: { free: 1, pro: 2, business: 5, enterprise: 100 },
  http_request_cache_settings: { free: 10, pro: 25, business: 50, enterprise: 300 },
  http_request_dynamic_redirect: { free: 10, pro: 25, business: 50, enterprise: 300 },
  http_request_firewall_custom: { free: 5, pro: 20, business: 100, enterprise: 1000 },
  http_request_origin: { free: 10, pro: 25, business: 50, enterprise: 300 },
};

// https://developers.cloudflare.com/waf/rate-limiting-rules/#availability
const PERIODS = [
  10, 15, 20, 30, 40, 45, 60, 90, 120, 180, 240, 300, 480, 600, 900, 1200, 1800, 2400, 3600, 65535, 86400,
];
const LONGEST_PERIOD: ByPlan = { free: 10, pro: 60, business: 600, enterprise: 65535 };
const LONGEST_MITIGATION: ByPlan = { free: 10, pro: 3600, business: 86400, enterprise: 86400 };
const RATE_LIMITS = `${DOCS}/waf/rate-limiting-rules/#availability`;

/** Seconds. https://developers.cloudflare.com/cache/how-to/edge-browser-cache-ttl/ */
const SHORTEST_EDGE_TTL: ByPlan = { free: 7200, pro: 3600, business: 1, enterprise: 1 };

interface At {
  readonly path: string;
  readonly rule: Properties;
  readonly phase: string;
  readonly plan: { readonly plan: Plan; readonly shown: string };
}

type Check = (at: At) => SourcedFailure | undefined;

const expression: Check = ({ path, rule }) => {
  const written = text(rule.expression);
  const source = `${DOCS}/ruleset-engine/rules-language/expressions/`;
  if (written.trim() === "")
    return { path: `${path}.expression`, reason: 'write an expression, or "true" for everything', source };
  return isBalanced(written)
    ? undefined
    : { path: `${path}.expression`, reason: "a quotation mark or bracket is not closed", source };
};

function isBalanced(written: string): boolean {
  const bare = written.replace(/r(#*)"[\s\S]*?"\1/g, "").replace(/"(?:\\.|[^"\\])*"/g, "");
  const open: string[] = [];
  const pairs: Readonly<Record<string, string>> = { ")": "(", "]": "[", "}": "{" };
  for (const character of bare) {
    if (character === '"') return false;
    if ("([{".includes(character)) open.push(character);
    if (pairs[character] !== undefined && open.pop() !== pairs[character]) return false;
  }
  return open.length === 0;
}

const action: Check = ({ path, rule, phase }) => {
  const allowed = ACTIONS[phase];
  if (!allowed || allowed.includes(text(rule.action))) return undefined;
  return {
    path: `${path}.action`,
    reason: `write one of ${allowed.join(", ")} in the phase ${phase}`,
    source: `${DOCS}/ruleset-engine/rules-language/actions/`,
  };
};

const rateLimit: Check = ({ path, rule, phase, plan }) => {
  const at = `${path}.ratelimit`;
  const isLimit = phase === "http_ratelimit" && rule.action !== "execute";
  if (!isLimit)
    return rule.ratelimit === undefined
      ? undefined
      : { path: at, reason: "leave it out: only rules of the phase http_ratelimit have it", source: RATE_LIMITS };
  const limit = plain(rule.ratelimit);
  if (rule.ratelimit === undefined)
    return { path: at, reason: "write how many requests in which period", source: RATE_LIMITS };
  const refused = (name: string, reason: string) => ({ path: `${at}.${name}`, reason, source: RATE_LIMITS });
  if (!texts(limit.characteristics).includes("cf.colo.id"))
    return refused("characteristics", "name cf.colo.id: counters are kept by data center");
  const [period, mitigation] = [Number(limit.period), Number(limit.mitigationTimeout ?? 0)];
  if (!PERIODS.includes(period)) return refused("period", `write one of ${PERIODS.join(", ")}`);
  const [longest, longestMitigation] = [LONGEST_PERIOD[plan.plan], LONGEST_MITIGATION[plan.plan]];
  if (period > longest) return refused("period", `write at most ${longest} on ${plan.shown}`);
  if (mitigation > longestMitigation)
    return refused("mitigationTimeout", `write at most ${longestMitigation} on ${plan.shown}`);
  const counts = limit.requestsPerPeriod ?? limit.scorePerPeriod;
  return typeof counts === "number" && counts >= 1 ? undefined : refused("requestsPerPeriod", "write at least 1");
};

const cacheTtl: Check = ({ path, rule, phase, plan }) => {
  if (phase !== "http_request_cache_settings") return undefined;
  const edge = plain(plain(rule.actionParameters).edgeTtl);
  const at = `${path}.actionParameters.edgeTtl`;
  const source = `${DOCS}/cache/how-to/edge-browser-cache-ttl/`;
  const overrides = edge.mode === "override_origin";
  if (overrides && edge.default === undefined)
    return { path: `${at}.default`, reason: "write the seconds that override the origin's", source };
  if (edge.mode === "respect_origin" && edge.default !== undefined)
    return { path: `${at}.default`, reason: "leave it out where the origin is respected", source };
  const shortest = SHORTEST_EDGE_TTL[plan.plan];
  return overrides && Number(edge.default) < shortest
    ? { path: `${at}.default`, reason: `write at least ${shortest} seconds on ${plan.shown}`, source }
    : undefined;
};

const RULE_CHECKS = [expression, action, rateLimit, cacheTtl];

function checkRules(ctx: Ctx): SourcedFailure | undefined {
  const { inputs } = ctx;
  const phase = text(inputs.phase);
  const rules = list(inputs.rules);
  const plan = planOf(ctx, inputs.zoneId);
  const most = inputs.zoneId === undefined ? undefined : RULES[phase]?.[plan.plan];
  if (most !== undefined && rules.length > most) {
    return {
      path: "rules",
      reason: `write at most ${most} rules in the phase ${phase} on ${plan.shown}`,
      source: "https://github.com/cloudflare/cloudflare-docs/blob/production/src/content/plans/index.json",
    };
  }
  const refs = rules.map((rule) => text(plain(rule).ref));
  const twice = refs.findIndex((ref, index) => ref !== "" && refs.indexOf(ref) < index);
  if (twice >= 0)
    return {
      path: `rules[${twice}].ref`,
      reason: "write a ref that no other rule has",
      source: `${DOCS}/ruleset-engine/rulesets-api/`,
    };
  for (const [index, rule] of rules.entries()) {
    for (const check of RULE_CHECKS) {
      const failure = ifKnown(() => check({ path: `rules[${index}]`, rule: plain(rule), phase, plan }));
      if (failure) return failure;
    }
  }
  return undefined;
}

function checkPlace({ inputs }: Ctx): SourcedFailure | undefined {
  const source = `${DOCS}/ruleset-engine/about/rulesets/`;
  const [account, zone] = [inputs.accountId !== undefined, inputs.zoneId !== undefined];
  if (account === zone) return { path: "zoneId", reason: "write exactly one of zoneId and accountId", source };
  if (inputs.kind === "root" && zone)
    return { path: "kind", reason: "a ruleset of kind root belongs to an account: write zone", source };
  return inputs.kind === "zone" && account
    ? { path: "kind", reason: "a ruleset of kind zone belongs to a zone: write root or custom", source }
    : undefined;
}

/** The entry point of a phase exists once; further rulesets of an account (`custom`) are as many as there are names. */
function entryPoint({ inputs }: Ctx): string | undefined {
  const owner = text(inputs.zoneId) || text(inputs.accountId);
  return inputs.kind === "zone" || inputs.kind === "root" ? `${owner}/${text(inputs.phase)}` : undefined;
}

export const ruleset: ResourceType = {
  token: "cloudflare:index/ruleset:Ruleset",
  source: schema("ruleset"),
  id: (ctx) => ctx.hex(32, "ruleset"),
  key: entryPoint,
  exists:
    "A similar configuration with rules already exists and overwriting will have unintended consequences: a phase has one ruleset",
  rules: [
    identifier("zoneId"),
    identifier("accountId"),
    oneOf("kind", ["custom", "managed", "root", "zone"], schema("ruleset")),
    oneOf("phase", PHASES, schema("ruleset")),
  ],
  check: (ctx) => checkPlace(ctx) ?? checkRules(ctx),
  replaces: ["accountId", "kind", "phase", "zoneId"],
  updates: ["description", "name", "rules"],
  defaults: { description: "" },
  outputs: (ctx) => ({
    lastUpdated: now(),
    version: String(Number(ctx.old?.properties.version ?? 0) + 1),
    rules: list(ctx.inputs.rules).map((each, index) => {
      const rule = plain(each);
      const id = ctx.hex(32, `rule/${text(rule.ref) || index}`);
      return { id, ref: id, enabled: true, ...rule };
    }),
  }),
};
