import type { Policy } from "../../framework/policy.ts";
import { firewallSkipsNothingAtLarge } from "./firewall-skips-nothing-at-large.ts";
import { monitorUsesTls } from "./monitor-uses-tls.ts";
import { originAsksWhoCalls } from "./origin-asks-who-calls.ts";
import { originNotExposed } from "./origin-not-exposed.ts";
import { zoneHasHsts } from "./zone-has-hsts.ts";
import { zoneHasManagedFirewall } from "./zone-has-managed-firewall.ts";
import { zoneIsSigned } from "./zone-is-signed.ts";
import { zoneLimitsRates } from "./zone-limits-rates.ts";
import { zoneRedirectsToHttps } from "./zone-redirects-to-https.ts";
import { zoneRefusesOldTls } from "./zone-refuses-old-tls.ts";
import { zoneSpeaksNewTls } from "./zone-speaks-new-tls.ts";
import { zoneTlsIsStrict } from "./zone-tls-is-strict.ts";

/** The edge: TLS, firewall, and no way around them. */
export const cloudflare: readonly Policy[] = [
  zoneTlsIsStrict,
  zoneRefusesOldTls,
  zoneRedirectsToHttps,
  zoneHasHsts,
  zoneSpeaksNewTls,
  zoneHasManagedFirewall,
  firewallSkipsNothingAtLarge,
  zoneLimitsRates,
  originNotExposed,
  originAsksWhoCalls,
  monitorUsesTls,
  zoneIsSigned,
];
