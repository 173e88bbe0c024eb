import { numberAt, textAt } from "../../framework/known.ts";
import { setting, zoneNeeds } from "./zones.ts";

const LEAST = 1.2;

export const zoneRefusesOldTls = zoneNeeds(
  {
    name: "zone-refuses-old-tls",
    family: "security",
    severity: "high",
    level: "mandatory",
    description: "Visitors come with TLS 1.2 or newer.",
    why: "TLS 1.0 and 1.1 are broken and withdrawn (RFC 8996); Cloudflare takes 1.0 unless told otherwise.",
    fix: "Write a ZoneSetting min_tls_version with the value 1.2.",
    control: {
      name: "Cloudflare: Minimum TLS Version",
      url: "https://developers.cloudflare.com/ssl/edge-certificates/additional-options/minimum-tls/",
    },
    settings: {},
  },
  {
    ...setting("min_tls_version"),
    fits: ({ inputs }) => (numberAt(inputs, "value") ?? 0) >= LEAST,
    wrong: ({ inputs }) =>
      `min_tls_version is ${textAt(inputs, "value") ?? "not a version"}, below ${LEAST}; write "${LEAST}".`,
    missing: (host) =>
      `The zone of ${host} has no min_tls_version, which means 1.0; write a ZoneSetting min_tls_version with the value "${LEAST}".`,
    asks: "which versions of TLS visitors may use",
  },
);
