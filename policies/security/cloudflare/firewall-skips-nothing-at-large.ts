import { listAt, textAt, unknownAt } from "../../framework/known.ts";
import { resourcePolicy } from "../../framework/policy.ts";
import { flagAt } from "../values.ts";
import { RULESET } from "./zones.ts";

export const firewallSkipsNothingAtLarge = resourcePolicy({
  name: "firewall-skips-nothing-at-large",
  family: "security",
  severity: "high",
  level: "mandatory",
  description: "No rule of the firewall skips the others for every request.",
  why: "Such a rule, left behind after a search for an error, turns the firewall off, and it looks as if it were on.",
  fix: "Give the rule an expression that names hosts, paths or callers, or take it away.",
  control: {
    name: "Cloudflare WAF: Skip option of custom rules",
    url: "https://developers.cloudflare.com/waf/custom-rules/skip/",
  },
  settings: {},
  types: [RULESET],
  check({ inputs, unknown }, _settings, report) {
    for (const rule of listAt(inputs, "rules")) {
      const expression = textAt(rule, "expression");
      if (textAt(rule, "action") !== "skip" || flagAt(rule, "enabled") === false) continue;
      if (expression === undefined || !isForAll(expression)) continue;
      const name = textAt(rule, "description") ?? textAt(rule, "ref") ?? expression;
      report.violation(`The rule "${name}" skips the firewall for every request; narrow its expression ${expression}.`);
    }
    const path = unknownAt(unknown, "rules", "rules[].action", "rules[].expression");
    if (path !== undefined) report.undecided(path, "whether a rule skips the firewall for every request");
  },
});

/** Expressions that hold for every request: https://developers.cloudflare.com/ruleset-engine/rules-language/expressions/ */
function isForAll(expression: string): boolean {
  const bare = expression.replaceAll(/[\s()]/g, "").toLowerCase();
  return /^(true|notfalse|(http\.host|http\.request\.full_uri|http\.request\.uri(\.path)?)(ne""|contains""|contains"\/"|matches"\.\*"|wildcard"\*"))$/.test(
    bare,
  );
}
