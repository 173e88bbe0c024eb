import { PLANS_SOURCE, RULES_BY_PHASE } from "@groundwork/lib/cloudflare-plans";
import type { Ctx, ResourceType } from "../../table.ts";
import { ifKnown } from "../../values.ts";
import { list, oneOf, plain, text } from "../values.ts";
import type { SourcedFailure } from "../values.ts";
import { RULE_CHECKS } from "./ruleset-rules.ts";
import { DOCS, identifier, now, planOf, schema } from "./rules.ts";

const PHASES = [
  ...["ddos_l4", "ddos_l7", "http_config_settings", "http_custom_errors", "http_log_custom_fields", "http_ratelimit"],
  ...["http_request_cache_settings", "http_request_dynamic_redirect", "http_request_firewall_custom"],
  ...["http_request_firewall_managed", "http_request_late_transform", "http_request_origin", "http_request_redirect"],
  ...["http_request_sanitize", "http_request_sbfm", "http_request_transform", "http_response_cache_settings"],
  ...["http_response_compression", "http_response_firewall_managed", "http_response_headers_transform"],
  ...["magic_transit", "magic_transit_ids_managed", "magic_transit_managed", "magic_transit_ratelimit"],
];

function checkRules(ctx: Ctx): SourcedFailure | undefined {
  const { inputs } = ctx;
  const phase = text(inputs.phase);
  const rules = list(inputs.rules);
  const plan = planOf(ctx, inputs.zoneId);
  const most = inputs.zoneId === undefined ? undefined : RULES_BY_PHASE[phase]?.[plan.plan];
  if (most !== undefined && rules.length > most) {
    return {
      path: "rules",
      reason: `write at most ${most} rules in the phase ${phase} on ${plan.shown}`,
      source: PLANS_SOURCE,
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
      const failure = ifKnown(() => check({ path: `rules[${index}]`, rule: plain(rule), phase, plan, ctx }));
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
