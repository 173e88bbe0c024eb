import type { Policy } from "../framework/policy.ts";
import { reliableAws } from "../reliability/aws/index.ts";
import { cloudflareBalancers } from "../reliability/cloudflare/index.ts";
import { acm } from "../security/acm/index.ts";
import { backup } from "../security/backup/index.ts";
import { cloudflare } from "../security/cloudflare/index.ts";
import { cloudtrail } from "../security/cloudtrail/index.ts";
import { elasticache } from "../security/elasticache/index.ts";
import { guardduty } from "../security/guardduty/index.ts";
import { kms } from "../security/kms/index.ts";
import { logs } from "../security/logs/index.ts";
import { mq } from "../security/mq/index.ts";
import { rds } from "../security/rds/index.ts";
import { s3 } from "../security/s3/index.ts";
import { secretsManager } from "../security/secrets-manager/index.ts";
import { sqs } from "../security/sqs/index.ts";

/** Where data is, what guards it, and the edge before it. */
export const data: readonly Policy[] = [
  ...rds,
  ...elasticache,
  ...mq,
  ...s3,
  ...kms,
  ...secretsManager,
  ...sqs,
  ...backup,
  ...cloudtrail,
  ...logs,
  ...guardduty,
  ...acm,
  ...cloudflare,
  ...reliableAws,
  ...cloudflareBalancers,
];
