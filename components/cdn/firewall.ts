import * as cloudflare from "@pulumi/cloudflare";
import type { types } from "@pulumi/cloudflare";
import { ComponentResource } from "@pulumi/pulumi";
import type { ComponentResourceOptions } from "@pulumi/pulumi";
import { MANAGED_RULESETS, OWASP_SCORE_RULE, offers } from "@groundwork/lib/cloudflare-plans";
import type { CloudflarePlan } from "@groundwork/lib/cloudflare-plans";
import { all, either, isBelow, isHost, quoted, set } from "./expressions.ts";
import { rateLimitRules } from "./rate-limits.ts";
import type { EdgeSettings, EdgeSite } from "./spec.ts";

export interface FirewallArgs extends Pick<EdgeSettings, "plan" | "bots" | "ddosSensitivity" | "exemptCidrs"> {
  readonly zoneId: string;
  readonly sites: readonly [EdgeSite, ...EdgeSite[]];
}

type Rule = types.input.RulesetRule;

/** The phases that an exempt address passes untouched. */
const EXEMPT_FROM = ["http_ratelimit", "http_request_firewall_managed"];

/** Super Bot Fight Mode. https://developers.cloudflare.com/waf/custom-rules/skip/options/ */
const BOT_PHASE = "http_request_sbfm";

/** The score at which a request is refused: Cloudflare's medium. https://developers.cloudflare.com/waf/managed-rules/reference/owasp-core-ruleset/concepts/ */
const OWASP_THRESHOLD = 40;

/** What a public address never has to answer for. */
const PRIVATE_FILES = ["/.env", "/.git/", "/.aws/", "/.svn/", "/.hg/"];

/**
 * What never reaches the origin: attacks that Cloudflare's rulesets know, requests for what is private, clients that ask
 * for too much, bots. Which of it exists depends on what the zone has booked.
 */
export class ZoneFirewall extends ComponentResource {
  constructor(name: string, args: FirewallArgs, opts: ComponentResourceOptions = {}) {
    super("groundwork:cdn:ZoneFirewall", name, {}, opts);
    const limits = rateLimitRules(args.sites, args.plan);
    const ruleset = (phase: string, what: string, rules: Rule[]) =>
      new cloudflare.Ruleset(
        `${name}-${what}`,
        { zoneId: args.zoneId, kind: "zone", phase, name: `${name}-${what}`, rules },
        { parent: this },
      );
    ruleset("ddos_l7", "ddos", [ddosOverride(args.ddosSensitivity)]);
    ruleset("http_request_firewall_custom", "custom", customRules(args));
    ruleset("http_ratelimit", "rate-limits", limits);
    ruleset("http_request_firewall_managed", "managed", managedRules(args.plan));
    createBotManagement(`${name}-bots`, args, this);
    this.registerOutputs({});
  }
}

/** Attacks are answered by themselves, whatever the plan; the expression of an override must be `true`. https://developers.cloudflare.com/ddos-protection/managed-rulesets/http/override-expressions/ */
function ddosOverride(sensitivityLevel: string): Rule {
  return {
    ref: "ddos-http",
    description: "HTTP floods are blocked",
    expression: "true",
    action: "execute",
    actionParameters: { id: MANAGED_RULESETS.httpDdos.id, overrides: { action: "block", sensitivityLevel } },
  };
}

function customRules({ plan, sites, bots, exemptCidrs }: FirewallArgs): Rule[] {
  const hosts = isHost(sites.map(({ host }) => host));
  const skipsBots = offers(plan, "pro") && bots !== "off";
  const data = sites.filter(({ apis }) => apis.length > 0).map(({ host, apis }) => all(isHost([host]), isBelow(apis)));
  return [
    ...(exemptCidrs.length === 0
      ? []
      : [
          skip("exempt", "Named addresses are not limited", all(hosts, `ip.src in {${exemptCidrs.join(" ")}}`), [
            ...EXEMPT_FROM,
            ...(skipsBots ? [BOT_PHASE] : []),
          ]),
        ]),
    block(
      "private-files",
      "Nobody asks for these by accident",
      all(hosts, either(PRIVATE_FILES.map((file) => `http.request.uri.path contains ${quoted(file)}`))),
    ),
    block(
      "operators-only",
      "Metrics and details of health are for operators, who are inside",
      all(hosts, either([`http.request.uri.path eq "/metrics"`, `starts_with(http.request.uri.path, "/health/")`])),
    ),
    block(
      "methods",
      "No service answers these",
      all(hosts, `http.request.method in ${set(["CONNECT", "TRACE", "TRACK"])}`),
    ),
    ...(skipsBots && data.length > 0
      ? [
          skip("data", "A program cannot solve a challenge: data is protected by tokens and limits", either(data), [
            BOT_PHASE,
          ]),
        ]
      : []),
  ];
}

function block(ref: string, description: string, expression: string): Rule {
  return { ref: `custom-${ref}`, description, expression, action: "block" };
}

function skip(ref: string, description: string, expression: string, phases: string[]): Rule {
  return {
    ...{ ref: `custom-${ref}`, description, expression, action: "skip" },
    ...{ actionParameters: { phases }, logging: { enabled: true } },
  };
}

/** The free plan has a ruleset of its own; the others have the full one and the OWASP rules. https://developers.cloudflare.com/waf/managed-rules/ */
function managedRules(plan: CloudflarePlan): Rule[] {
  const execute = (ref: string, description: string, actionParameters: types.input.RulesetRuleActionParameters) => ({
    ...{ ref: `managed-${ref}`, description, expression: "true", action: "execute", actionParameters },
  });
  if (!offers(plan, MANAGED_RULESETS.cloudflare.from))
    return [execute("free", "Cloudflare Free Managed Ruleset", { id: MANAGED_RULESETS.free.id })];
  return [
    execute("cloudflare", "Cloudflare Managed Ruleset", { id: MANAGED_RULESETS.cloudflare.id }),
    execute("owasp", "Cloudflare OWASP Core Ruleset, paranoia level 1", {
      id: MANAGED_RULESETS.owasp.id,
      overrides: {
        categories: [2, 3, 4].map((level) => ({ category: `paranoia-level-${level}`, enabled: false })),
        rules: [{ id: OWASP_SCORE_RULE, action: "block", scoreThreshold: OWASP_THRESHOLD }],
      },
    }),
  ];
}

const BOT_ACTIONS = { off: "allow", challenge: "managed_challenge", block: "block" } as const;

/** What each plan may set. https://developers.cloudflare.com/api/resources/bot_management/methods/update/ */
function createBotManagement(name: string, { zoneId, plan, bots }: FirewallArgs, parent: ComponentResource): void {
  const action = BOT_ACTIONS[bots];
  new cloudflare.BotManagement(
    name,
    {
      zoneId,
      // Finds headless browsers, and changes pages by a script of its own: it would break a strict content security policy.
      enableJs: false,
      ...(!offers(plan, "pro") && { fightMode: bots !== "off" }),
      ...(offers(plan, "pro") && {
        sbfmDefinitelyAutomated: action,
        sbfmVerifiedBots: "allow",
        sbfmStaticResourceProtection: false,
      }),
      ...(offers(plan, "business") && { sbfmLikelyAutomated: bots === "off" ? "allow" : "managed_challenge" }),
    },
    { parent },
  );
}
