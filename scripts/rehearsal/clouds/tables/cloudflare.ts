import type { Table } from "../table.ts";
import { balancer, monitor, pool } from "./cloudflare/balancing.ts";
import { dnsRecord } from "./cloudflare/dns.ts";
import { ruleset } from "./cloudflare/ruleset.ts";
import { securityTypes } from "./cloudflare/security.ts";
import { zoneTypes } from "./cloudflare/zone.ts";

export const table: Table = {
  package: "cloudflare",
  types: [monitor, pool, balancer, dnsRecord, ruleset, ...securityTypes, ...zoneTypes],
};
