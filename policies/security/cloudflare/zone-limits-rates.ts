import { listAt, textAt } from "../../framework/known.ts";
import { flagAt } from "../values.ts";
import { RULESET, zoneNeeds } from "./zones.ts";

const PHASE = "http_ratelimit";

export const zoneLimitsRates = zoneNeeds(
  {
    name: "zone-limits-rates",
    family: "security",
    severity: "medium",
    level: "advisory",
    description: "Every zone that visitors come through limits how often one of them may ask.",
    why: "Guessing passwords, copying a whole site and overloading an origin all need many requests.",
    fix: `Make a Ruleset of phase ${PHASE} with a rule that has ratelimit.`,
    control: {
      name: "Cloudflare WAF: Rate limiting rules",
      url: "https://developers.cloudflare.com/waf/rate-limiting-rules/",
    },
    settings: {},
  },
  {
    givers: [RULESET],
    concerns: ({ inputs }) => textAt(inputs, "phase") === PHASE,
    fits: ({ inputs }) => listAt(inputs, "rules").some((rule) => flagAt(rule, "enabled") !== false),
    hangsOn: ["phase", "rules"],
    missing: (host) =>
      `Nothing limits how often one visitor may ask on the zone of ${host}; make a Ruleset of phase ${PHASE} with a rule.`,
    asks: "whether rates are limited",
  },
);
