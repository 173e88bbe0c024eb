import {
  MANAGED_RULESETS,
  offers,
  PLANS_SOURCE,
  RATE_LIMIT_PERIODS,
  RATE_LIMITS,
  RATE_LIMITS_SOURCE,
  REGULAR_EXPRESSIONS,
  SHORTEST_EDGE_TTL,
} from "@groundwork/lib/cloudflare-plans";
import type { Ctx, Properties } from "../../table.ts";
import { list, plain, text } from "../values.ts";
import type { SourcedFailure } from "../values.ts";
import { readExpression } from "./expressions.ts";
import { DOCS, texts } from "./rules.ts";
import type { ZonePlan } from "./rules.ts";

interface At {
  readonly path: string;
  readonly rule: Properties;
  readonly phase: string;
  readonly plan: ZonePlan;
  readonly ctx: Ctx;
}

type Check = (at: At) => SourcedFailure | undefined;

/** What a rule of a phase can do. https://developers.cloudflare.com/ruleset-engine/rules-language/actions/ */
const CHALLENGES = ["block", "challenge", "js_challenge", "managed_challenge", "log"];
const ACTIONS: Readonly<Record<string, readonly string[]>> = {
  ddos_l4: ["execute"],
  ddos_l7: ["execute"],
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
  http_response_cache_settings: ["set_cache_settings", "set_cache_tags", "set_cache_control"],
  http_response_compression: ["compress_response"],
  http_response_headers_transform: ["rewrite"],
};

const expression: Check = ({ path, rule, phase, plan, ctx }) => {
  const at = `${path}.expression`;
  const read = readExpression(text(rule.expression));
  if ("reason" in read) return { path: at, ...read };
  const refused = (reason: string, source: string) => ({ path: at, reason, source });
  if (read.hasPattern && !REGULAR_EXPRESSIONS[plan.plan])
    return refused(`write it without regular expressions on ${plan.shown}: they need the business plan`, PLANS_SOURCE);
  if (phase.startsWith("ddos_") && text(rule.expression).trim() !== "true" && plan.plan !== "enterprise")
    return refused(
      'write "true": another expression needs Advanced DDoS Protection',
      `${DOCS}/ddos-protection/managed-rulesets/http/override-expressions/`,
    );
  const stranger = [...read.lists].find((name) => ctx.find("cloudflare:index/list:List", "name", name) === undefined);
  return stranger === undefined
    ? undefined
    : refused(`the list $${stranger} does not exist in the account`, `${DOCS}/waf/tools/lists/use-in-expressions/`);
};

const action: Check = ({ path, rule, phase, plan }) => {
  const allowed = ACTIONS[phase];
  const at = `${path}.action`;
  const source = `${DOCS}/ruleset-engine/rules-language/actions/`;
  if (allowed && !allowed.includes(text(rule.action)))
    return { path: at, reason: `write one of ${allowed.join(", ")} in the phase ${phase}`, source };
  return rule.action === "log" && phase === "http_request_firewall_custom" && plan.plan !== "enterprise"
    ? {
        path: at,
        reason: `write another action on ${plan.shown}: log is for the enterprise plan`,
        source: PLANS_SOURCE,
      }
    : undefined;
};

/** Rulesets that a rule may execute: Cloudflare's own, by plan, or one of the account's. */
const execution: Check = ({ path, rule, phase, plan, ctx }) => {
  if (rule.action !== "execute") return undefined;
  const at = `${path}.actionParameters.id`;
  const id = text(plain(rule.actionParameters).id);
  const source = `${DOCS}/ruleset-engine/managed-rulesets/`;
  if (id === "") return { path: at, reason: "write the id of the ruleset to execute", source };
  const managed = Object.values(MANAGED_RULESETS).find((each) => each.id === id);
  if (managed === undefined)
    return ctx.find("cloudflare:index/ruleset:Ruleset", "id", id) === undefined
      ? { path: at, reason: "no ruleset has this id, neither Cloudflare's nor the account's", source }
      : undefined;
  if (managed.phase !== phase)
    return { path: at, reason: `this ruleset belongs to the phase ${managed.phase}, not ${phase}`, source };
  return offers(plan.plan, managed.from)
    ? undefined
    : {
        path: at,
        reason: `this ruleset needs the ${managed.from} plan, the zone has ${plan.shown}`,
        source: PLANS_SOURCE,
      };
};

const rateLimit: Check = ({ path, rule, phase, plan }) => {
  const at = `${path}.ratelimit`;
  const isLimit = phase === "http_ratelimit" && rule.action !== "execute";
  if (!isLimit)
    return rule.ratelimit === undefined
      ? undefined
      : {
          path: at,
          reason: "leave it out: only rules of the phase http_ratelimit have it",
          source: RATE_LIMITS_SOURCE,
        };
  if (rule.ratelimit === undefined)
    return { path: at, reason: "write how many requests in which period", source: RATE_LIMITS_SOURCE };
  return entitled(path, rule, plan) ?? counting(at, plain(rule.ratelimit), plan);
};

/** The fields that the plan's rate limits may look at. */
function entitled(path: string, rule: Properties, { plan, shown }: ZonePlan): SourcedFailure | undefined {
  const { fields } = RATE_LIMITS[plan];
  const read = readExpression(text(rule.expression));
  if (fields === undefined || "reason" in read) return undefined;
  const foreign = [...read.fields].find((field) => !fields.includes(field));
  return foreign === undefined
    ? undefined
    : {
        path: `${path}.expression`,
        reason: `${foreign} cannot be used in rate limits on ${shown}: write ${fields.join(", ")}`,
        source: RATE_LIMITS_SOURCE,
      };
}

function counting(at: string, limit: Properties, { plan, shown }: ZonePlan): SourcedFailure | undefined {
  const refused = (name: string, reason: string) => ({ path: `${at}.${name}`, reason, source: RATE_LIMITS_SOURCE });
  const { longestPeriod, longestMitigation, characteristics, countingExpression } = RATE_LIMITS[plan];
  const counted = texts(limit.characteristics);
  if (!counted.includes("cf.colo.id"))
    return refused("characteristics", "name cf.colo.id: counters are kept by data center");
  const foreign = counted.find((name) => name !== "cf.colo.id" && !characteristics.some((known) => known.test(name)));
  if (foreign !== undefined) return refused("characteristics", `${foreign} is not counted by on ${shown}`);
  if (limit.countingExpression !== undefined && !countingExpression)
    return refused("countingExpression", `leave it out on ${shown}: it needs the business plan`);
  const [period, mitigation] = [Number(limit.period), Number(limit.mitigationTimeout ?? 0)];
  if (!RATE_LIMIT_PERIODS.includes(period)) return refused("period", `write one of ${RATE_LIMIT_PERIODS.join(", ")}`);
  if (period > longestPeriod) return refused("period", `write at most ${longestPeriod} on ${shown}`);
  if (mitigation > longestMitigation)
    return refused("mitigationTimeout", `write at most ${longestMitigation} on ${shown}`);
  const counts = limit.requestsPerPeriod ?? limit.scorePerPeriod;
  return typeof counts === "number" && counts >= 1 ? undefined : refused("requestsPerPeriod", "write at least 1");
}

const cacheTtl: Check = ({ path, rule, phase, plan }) => {
  if (phase !== "http_request_cache_settings") return undefined;
  const edge = plain(plain(rule.actionParameters).edgeTtl);
  const at = `${path}.actionParameters.edgeTtl`;
  const source = `${DOCS}/cache/how-to/edge-browser-cache-ttl/`;
  const overrides = edge.mode === "override_origin";
  if (overrides && edge.default === undefined)
    return { path: `${at}.default`, reason: "write the seconds that override the origin's", source };
  if (edge.mode !== undefined && !overrides && edge.default !== undefined)
    return { path: `${at}.default`, reason: "leave it out where the origin is respected", source };
  const shortest = SHORTEST_EDGE_TTL[plan.plan];
  return overrides && Number(edge.default) < shortest
    ? { path: `${at}.default`, reason: `write at least ${shortest} seconds on ${plan.shown}`, source }
    : undefined;
};

/** https://developers.cloudflare.com/cache/how-to/cache-keys/#availability */
const cacheKey: Check = ({ path, rule, plan }) => {
  const custom = plain(plain(plain(rule.actionParameters).cacheKey).customKey);
  const query = plain(custom.queryString);
  const ignoresQuery = plain(query.exclude).all === true || plain(query.include).all === true;
  const needs = ["cookie", "header", "host", "user"].find((part) => custom[part] !== undefined);
  const part = needs ?? (custom.queryString !== undefined && !ignoresQuery ? "queryString" : undefined);
  return part === undefined || plan.plan === "enterprise"
    ? undefined
    : {
        path: `${path}.actionParameters.cacheKey.customKey.${part}`,
        reason: `leave it out on ${plan.shown}: cache keys by ${part} need the enterprise plan`,
        source: `${DOCS}/cache/how-to/cache-keys/`,
      };
};

const ALGORITHMS = ["none", "auto", "default", "gzip", "brotli", "zstd"];

/** https://developers.cloudflare.com/rules/compression-rules/settings/ */
const compression: Check = ({ path, rule, phase }) => {
  if (phase !== "http_response_compression") return undefined;
  const at = `${path}.actionParameters.algorithms`;
  const source = `${DOCS}/rules/compression-rules/settings/`;
  const names = list(plain(rule.actionParameters).algorithms).map((each) => text(plain(each).name));
  if (names.length === 0) return { path: at, reason: "write at least one algorithm", source };
  const odd = names.findIndex((name) => !ALGORITHMS.includes(name));
  if (odd >= 0) return { path: `${at}[${odd}].name`, reason: `write one of ${ALGORITHMS.join(", ")}`, source };
  const early = names.findIndex((name, index) => index < names.length - 1 && /^(none|auto|default)$/.test(name));
  return early < 0 ? undefined : { path: `${at}[${early}].name`, reason: `${names[early]} must be the last`, source };
};

/** https://developers.cloudflare.com/waf/custom-rules/skip/options/ */
const SKIPPED_PHASES = ["http_ratelimit", "http_request_sbfm", "http_request_firewall_managed"];

const skipping: Check = ({ path, rule, phase }) => {
  if (rule.action !== "skip") return undefined;
  const at = `${path}.actionParameters`;
  const source = `${DOCS}/waf/custom-rules/skip/options/`;
  const { phases, ruleset, rulesets, rules, products } = plain(rule.actionParameters);
  if ([phases, ruleset, rulesets, rules, products].every((each) => each === undefined))
    return { path: at, reason: "write what to skip: phases, ruleset, rulesets, rules or products", source };
  const odd =
    phase === "http_request_firewall_custom" ? texts(phases).find((each) => !SKIPPED_PHASES.includes(each)) : undefined;
  return odd === undefined
    ? undefined
    : { path: `${at}.phases`, reason: `${odd} cannot be skipped: write ${SKIPPED_PHASES.join(", ")}`, source };
};

/** What every rule of a ruleset must fulfil. */
export const RULE_CHECKS: readonly Check[] = [
  expression,
  action,
  execution,
  rateLimit,
  cacheTtl,
  cacheKey,
  compression,
  skipping,
];
