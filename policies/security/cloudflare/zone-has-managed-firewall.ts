import { listAt, textAt } from "../../framework/known.ts";
import { flagAt } from "../values.ts";
import { RULESET, zoneNeeds } from "./zones.ts";

const PHASE = "http_request_firewall_managed";

export const zoneHasManagedFirewall = zoneNeeds(
  {
    name: "zone-has-managed-firewall",
    family: "security",
    severity: "high",
    level: "mandatory",
    description: "The rules of Cloudflare's firewall run on every zone that visitors come through.",
    why: "They stop the attacks that everybody is hit by, on the day that they are found.",
    fix: `Make a Ruleset of phase ${PHASE} with a rule whose action is execute and whose actionParameters.id is efb7b8c949ac4650a09736fc376e9aee.`,
    control: {
      name: "Cloudflare WAF: Managed Rules",
      url: "https://developers.cloudflare.com/waf/managed-rules/",
    },
    settings: {},
  },
  {
    givers: [RULESET],
    concerns: ({ inputs }) => textAt(inputs, "phase") === PHASE,
    fits: ({ inputs }) => listAt(inputs, "rules").some(runsRules),
    hangsOn: ["phase", "rules"],
    missing: (host) =>
      `No managed rules of the firewall run on the zone of ${host}; make a Ruleset of phase ${PHASE} that executes Cloudflare's.`,
    asks: "whether the managed rules of the firewall run",
  },
);

/** Only managed rulesets can be executed in this phase, so that any of them will do. */
function runsRules(rule: unknown): boolean {
  return textAt(rule, "action") === "execute" && flagAt(rule, "enabled") !== false;
}
