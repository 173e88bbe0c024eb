import type { Policy } from "../framework/policy.ts";
import { cloudflareBalancers } from "../reliability/cloudflare/index.ts";
import { cloudflare } from "../security/cloudflare/index.ts";
import { elasticache } from "../security/elasticache/index.ts";
import { kms } from "../security/kms/index.ts";
import { rds } from "../security/rds/index.ts";
import { s3 } from "../security/s3/index.ts";

/** Where data is, what guards it, and the edge before it. */
export const data: readonly Policy[] = [...rds, ...elasticache, ...s3, ...kms, ...cloudflare, ...cloudflareBalancers];
