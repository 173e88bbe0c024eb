import * as cloudflare from "@pulumi/cloudflare";
import { ComponentResource } from "@pulumi/pulumi";
import type { ComponentResourceOptions, Output } from "@pulumi/pulumi";

export interface ZoneArgs {
  readonly zoneId: string;
  /** Seconds for which browsers remember to use HTTPS only; 0 turns it off. Default 0. */
  readonly hstsSeconds?: number;
  /** Whether DNS records are signed. Default false. */
  readonly dnssec?: boolean;
}

/** What the zone's settings are set to. https://developers.cloudflare.com/api/resources/zones/subresources/settings/methods/edit/ */
const SETTINGS: Readonly<Record<string, string>> = {
  // https://developers.cloudflare.com/ssl/origin-configuration/ssl-modes/full-strict/
  ssl: "strict",
  always_use_https: "on",
  min_tls_version: "1.2",
  tls_1_3: "on",
  // Early data can be sent again by whoever has recorded it. https://developers.cloudflare.com/speed/optimization/protocol/0-rtt-connection-resumption/
  "0rtt": "off",
  http3: "on",
  automatic_https_rewrites: "on",
  opportunistic_encryption: "on",
  websockets: "on",
  early_hints: "on",
  brotli: "on",
};

/**
 * What must hold for the whole zone: visitors are always moved to HTTPS with TLS 1.2 or newer, offered HTTP/3, and
 * Cloudflare checks the origin's certificate. The settings stay as they are when the stack goes: Cloudflare cannot
 * delete them.
 */
export class ZoneSecurity extends ComponentResource {
  /** The DS record that the registrar must publish; undefined without DNSSEC. */
  readonly dsRecord: Output<string> | undefined;

  constructor(
    name: string,
    { zoneId, hstsSeconds = 0, dnssec = false }: ZoneArgs,
    opts: ComponentResourceOptions = {},
  ) {
    super("groundwork:cdn:ZoneSecurity", name, {}, opts);
    const set = (settingId: string, value: unknown) =>
      new cloudflare.ZoneSetting(
        `${name}-${settingId.replaceAll("_", "-")}`,
        { zoneId, settingId, value },
        { parent: this },
      );
    for (const [settingId, value] of Object.entries(SETTINGS)) set(settingId, value);
    set("security_header", strictTransport(hstsSeconds));
    this.dsRecord = dnssec
      ? new cloudflare.ZoneDnssec(`${name}-dnssec`, { zoneId, status: "active" }, { parent: this }).ds
      : undefined;
    this.registerOutputs({});
  }
}

/** The API's own names. https://developers.cloudflare.com/ssl/edge-certificates/additional-options/http-strict-transport-security/ */
function strictTransport(seconds: number): object {
  return {
    strict_transport_security: {
      enabled: seconds > 0,
      max_age: seconds,
      include_subdomains: true,
      // Browsers ship with the preload list: a domain comes off it only after months.
      preload: false,
      nosniff: true,
    },
  };
}
