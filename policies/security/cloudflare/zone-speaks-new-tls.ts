import { textAt } from "../../framework/known.ts";
import { setting, zoneNeeds } from "./zones.ts";

export const zoneSpeaksNewTls = zoneNeeds(
  {
    name: "zone-speaks-new-tls",
    family: "security",
    severity: "low",
    level: "advisory",
    description: "Visitors may come with TLS 1.3.",
    why: "It needs one round trip less and has no weak ciphers left to choose.",
    fix: "Write on as the value of the ZoneSetting tls_1_3, or take the setting away.",
    control: {
      name: "Cloudflare: TLS 1.3",
      url: "https://developers.cloudflare.com/ssl/edge-certificates/additional-options/tls-13/",
    },
    settings: {},
  },
  {
    ...setting("tls_1_3"),
    fits: ({ inputs }) => ["on", "zrt"].includes(textAt(inputs, "value") ?? ""),
    wrong: ({ inputs }) => `tls_1_3 is ${textAt(inputs, "value") ?? "not on"}; write on.`,
    asks: "whether visitors may use TLS 1.3",
  },
);
