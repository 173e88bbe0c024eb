import { textAt } from "../../framework/known.ts";
import { setting, zoneNeeds } from "./zones.ts";

export const zoneRedirectsToHttps = zoneNeeds(
  {
    name: "zone-redirects-to-https",
    family: "security",
    severity: "medium",
    level: "mandatory",
    description: "Who comes with HTTP is sent to HTTPS.",
    why: "The first request of a visitor is often plain, with cookies in it; off is what Cloudflare takes unless told otherwise.",
    fix: "Write a ZoneSetting always_use_https with the value on.",
    control: {
      name: "Cloudflare: Always Use HTTPS",
      url: "https://developers.cloudflare.com/ssl/edge-certificates/additional-options/always-use-https/",
    },
    settings: {},
  },
  {
    ...setting("always_use_https"),
    fits: ({ inputs }) => textAt(inputs, "value") === "on",
    wrong: ({ inputs }) =>
      `always_use_https is ${textAt(inputs, "value") ?? "not on"}, so pages are served without TLS; write on.`,
    missing: (host) =>
      `The zone of ${host} has no always_use_https, so pages are served without TLS; write a ZoneSetting always_use_https with the value on.`,
    asks: "whether visitors are sent to HTTPS",
  },
);
