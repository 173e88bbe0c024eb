import * as pulumi from "@pulumi/pulumi";
import type { AddonSettings } from "../../components/cluster/addons/settings.ts";
import type { CloudConfig } from "../config/types.ts";

/** What External Secrets is told: the environment, and the token, which is a secret from the configuration to the cluster. */
export function escSettings({ secretStore }: Pick<CloudConfig, "secretStore">): Pick<AddonSettings, "esc"> {
  if (secretStore === undefined) return {};
  return { esc: { ...secretStore, accessToken: new pulumi.Config().requireSecret("pulumiAccessToken") } };
}
