import { textAt } from "../../framework/known.ts";
import { setting, zoneNeeds } from "./zones.ts";

/** https://developers.cloudflare.com/ssl/origin-configuration/ssl-modes/ */
const STRICT: readonly string[] = ["strict", "origin_pull"];

export const zoneTlsIsStrict = zoneNeeds(
  {
    name: "zone-tls-is-strict",
    family: "security",
    severity: "critical",
    level: "mandatory",
    description: "Cloudflare speaks TLS with the origins and checks their certificates.",
    why: "In every other mode somebody between Cloudflare and the origin can read and change all that visitors send.",
    fix: "Write a ZoneSetting ssl with the value strict, and give the origins certificates that are valid.",
    control: {
      name: "Cloudflare: Full (strict)",
      url: "https://developers.cloudflare.com/ssl/origin-configuration/ssl-modes/full-strict/",
    },
    settings: {},
  },
  {
    ...setting("ssl"),
    fits: ({ inputs }) => STRICT.includes(textAt(inputs, "value") ?? ""),
    wrong: ({ inputs }) =>
      `ssl is ${textAt(inputs, "value") ?? "not a mode"}, so the origin's certificate is not checked; write strict.`,
    missing: (host) =>
      `The zone of ${host} has no ssl setting, so its mode is whatever the dashboard says; write a ZoneSetting ssl with the value strict.`,
    asks: "whether the origin's certificate is checked",
  },
);
