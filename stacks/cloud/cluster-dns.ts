import * as pulumi from "@pulumi/pulumi";
import type { AddonSettings } from "../../components/cluster/addons/settings.ts";
import type { CloudConfig } from "../config/types.ts";

/** What cert-manager and external-dns are told; the token is a secret from the configuration to the cluster. */
export function dnsSettings({ acmeEmail }: Pick<CloudConfig, "acmeEmail">): Pick<AddonSettings, "cloudflare"> {
  if (acmeEmail === undefined) return {};
  return { cloudflare: { email: acmeEmail, apiToken: new pulumi.Config().requireSecret("cloudflareToken") } };
}
