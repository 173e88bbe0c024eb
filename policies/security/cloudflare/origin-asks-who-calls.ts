import { textAt } from "../../framework/known.ts";
import { flagAt } from "../values.ts";
import { ZONE_SETTING, zoneNeeds } from "./zones.ts";

const SETTINGS = "cloudflare:index/authenticatedOriginPullsSettings:AuthenticatedOriginPullsSettings";
const TUNNEL = "cloudflare:index/zeroTrustTunnelCloudflared:ZeroTrustTunnelCloudflared";

export const originAsksWhoCalls = zoneNeeds(
  {
    name: "origin-asks-who-calls",
    family: "security",
    severity: "medium",
    level: "advisory",
    description: "Origins answer Cloudflare alone: it shows a certificate, or comes through a tunnel.",
    why: "An origin that answers everyone can be attacked around the firewall as soon as its address is known.",
    fix: "Make AuthenticatedOriginPullsSettings with enabled: true and let the origin check the certificate, or use a tunnel.",
    control: {
      name: "Cloudflare: Authenticated Origin Pulls",
      url: "https://developers.cloudflare.com/ssl/origin-configuration/authenticated-origin-pull/",
    },
    settings: {},
  },
  {
    givers: [SETTINGS, "cloudflare:index/authenticatedOriginPulls:AuthenticatedOriginPulls", ZONE_SETTING, TUNNEL],
    concerns: ({ type, inputs }) => type !== ZONE_SETTING || textAt(inputs, "settingId") === "tls_client_auth",
    fits: ({ type, inputs }) => {
      if (type === ZONE_SETTING) return textAt(inputs, "value") === "on";
      return type !== SETTINGS || flagAt(inputs, "enabled") === true;
    },
    hangsOn: ["settingId", "value", "enabled"],
    missing: (host) =>
      `Cloudflare shows no certificate to the origins of ${host}, so they cannot tell it from anyone else; make AuthenticatedOriginPullsSettings with enabled: true.`,
    asks: "whether origins can tell who calls",
  },
);
