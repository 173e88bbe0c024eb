import { pairs } from "../../aws/pairing.ts";
import { textAt } from "../../framework/known.ts";
import { ZONE } from "./zones.ts";

export const zoneIsSigned = pairs(
  {
    name: "zone-is-signed",
    family: "security",
    severity: "medium",
    level: "advisory",
    description: "Zones are signed (DNSSEC).",
    why: "Without signatures a forged answer sends visitors, mail and certificates elsewhere.",
    fix: "Make a ZoneDnssec with status: active, and give its DS record to the registrar.",
    control: { name: "Cloudflare: DNSSEC", url: "https://developers.cloudflare.com/dns/dnssec/" },
    settings: {},
  },
  {
    owners: [ZONE],
    names: [],
    companions: ["cloudflare:index/zoneDnssec:ZoneDnssec"],
    property: "zoneId",
    fits: ({ inputs }) => textAt(inputs, "status") === "active",
    hangsOn: ["status"],
    // a zone of another type has its names elsewhere
    spared: ({ inputs }) => (textAt(inputs, "type") ?? "full") !== "full",
    sparedHangsOn: ["type"],
    says: ({ name }) => `Zone ${name} is not signed; make a ZoneDnssec for it with status: active.`,
    asks: "whether the zone is signed",
  },
);
