import type { Policy } from "../framework/policy.ts";
import { elasticache } from "../security/elasticache/index.ts";
import { kms } from "../security/kms/index.ts";
import { rds } from "../security/rds/index.ts";
import { s3 } from "../security/s3/index.ts";

/** Where data is, and what guards it. */
export const data: readonly Policy[] = [...rds, ...elasticache, ...s3, ...kms];
