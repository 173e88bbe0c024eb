import { numberAt, plainAt } from "../../framework/known.ts";
import type { Resource } from "../../framework/policy.ts";
import { number } from "../../framework/settings.ts";
import { flagAt } from "../values.ts";
import { setting, zoneNeeds } from "./zones.ts";

const settings = {
  seconds: number(15_552_000, "Least seconds that a browser remembers it; the default is six months.", 0),
};

export const zoneHasHsts = zoneNeeds<typeof settings>(
  {
    name: "zone-has-hsts",
    family: "security",
    severity: "medium",
    level: "advisory",
    description: "Browsers are told to come with HTTPS alone (HSTS).",
    why: "A redirect can be caught on the first plain request; a browser that remembers makes none.",
    fix: "Write a ZoneSetting security_header with strict_transport_security: { enabled: true, max_age: 31536000, include_subdomains: true }.",
    control: {
      name: "Cloudflare: HTTP Strict Transport Security",
      url: "https://developers.cloudflare.com/ssl/edge-certificates/additional-options/http-strict-transport-security/",
    },
    settings,
  },
  {
    ...setting("security_header"),
    fits: (giver, { seconds }) => {
      const header = headerOf(giver);
      return flagAt(header, "enabled") === true && ageOf(header) >= seconds;
    },
    wrong: (giver, { seconds }) => {
      const header = headerOf(giver);
      return flagAt(header, "enabled") === true
        ? `max_age of strict_transport_security is ${ageOf(header)} seconds, below the ${seconds} of zone-has-hsts.seconds; write a longer one.`
        : "strict_transport_security is not enabled, so browsers may come without TLS; write enabled: true.";
    },
    missing: (host) =>
      `The zone of ${host} sends no Strict-Transport-Security; write a ZoneSetting security_header with strict_transport_security.`,
    asks: "whether browsers are told to come with HTTPS alone",
  },
);

function headerOf({ inputs }: Resource) {
  return plainAt(inputs, "value.strict_transport_security");
}

function ageOf(header: object): number {
  return numberAt(header, "max_age") ?? 0;
}
