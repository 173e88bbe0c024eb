import { CATALOG } from "../../../../components/cluster/addons/catalog.ts";
import type { AddonContext } from "../../../../components/cluster/addons/context.ts";
import type { AddonName } from "../../../../components/cluster/addons/names.ts";
import type { AddonSettings } from "../../../../components/cluster/addons/settings.ts";

/** Everything that any add-on needs to be told; the tokens are canaries. */
export const SETTINGS: AddonSettings = {
  cloudflare: { apiToken: "canary-cloudflare", email: "platform@example.com" },
  esc: { organization: "acme", project: "groundwork", environment: "prod", accessToken: "canary-esc" },
  backups: { bucket: "backups", bucketArn: "arn:aws:s3:::backups", keyArn: "arn:aws:kms:us-west-2:123456789012:key/b" },
  rules: [{ name: "service", rules: [{ alert: "ServiceDown", expr: "up == 0", for: "5m" }] }],
  nodes: {
    nodeRoleArn: "arn:aws:iam::123456789012:role/node",
    interruptionQueue: { name: "interruptions", arn: "arn:aws:sqs:us-west-2:123456789012:interruptions" },
  },
  tracesTo: "tempo.example.com:4317",
};

export function contextWith(installed: readonly AddonName[] = CATALOG.map(({ name }) => name)): AddonContext {
  return {
    region: "us-west-2",
    accountId: "123456789012",
    clusterName: "groundwork-prod-us-west-2",
    vpcId: "vpc-1",
    networkCidr: "10.0.0.0/16",
    keyArn: "arn:aws:kms:us-west-2:123456789012:key/a",
    domain: "example.com",
    replicas: 2,
    installed: new Set(installed),
    placement: { nodeSelector: { pool: "system" }, tolerations: [{ key: "CriticalAddonsOnly", operator: "Exists" }] },
    settings: SETTINGS,
  };
}
