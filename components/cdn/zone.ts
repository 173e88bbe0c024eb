import * as cloudflare from "@pulumi/cloudflare";
import { ComponentResource } from "@pulumi/pulumi";
import type { ComponentResourceOptions } from "@pulumi/pulumi";

export interface ZoneArgs {
  readonly zoneId: string;
}

/**
 * What must hold for the whole zone: visitors are always moved to HTTPS, and Cloudflare checks the origin's certificate.
 * The settings stay as they are when the stack goes: Cloudflare cannot delete them.
 */
export class ZoneSecurity extends ComponentResource {
  constructor(name: string, { zoneId }: ZoneArgs, opts: ComponentResourceOptions = {}) {
    super("groundwork:cdn:ZoneSecurity", name, {}, opts);
    const set = (settingId: string, value: string) =>
      new cloudflare.ZoneSetting(
        `${name}-${settingId.replaceAll("_", "-")}`,
        { zoneId, settingId, value },
        { parent: this },
      );
    // https://developers.cloudflare.com/ssl/origin-configuration/ssl-modes/full-strict/
    set("ssl", "strict");
    set("always_use_https", "on");
    set("min_tls_version", "1.2");
    this.registerOutputs({});
  }
}
