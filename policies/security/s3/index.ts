import type { Policy } from "../../framework/policy.ts";
import { accessPointBlocksPublicAccess } from "./access-point-blocks-public-access.ts";
import { bucketBlocksPublicAccess } from "./bucket-blocks-public-access.ts";
import { bucketDisablesLists } from "./bucket-disables-lists.ts";
import { bucketHasAccessLog } from "./bucket-has-access-log.ts";
import { bucketHasLifecycle } from "./bucket-has-lifecycle.ts";
import { bucketHasObjectLock } from "./bucket-has-object-lock.ts";
import { bucketHasOwnKey } from "./bucket-has-own-key.ts";
import { bucketListNotPublic } from "./bucket-list-not-public.ts";
import { bucketPolicyKeepsControl } from "./bucket-policy-keeps-control.ts";
import { bucketPolicyNotPublic } from "./bucket-policy-not-public.ts";
import { bucketRequiresTls } from "./bucket-requires-tls.ts";
import { publicAccessBlockIsComplete } from "./public-access-block-is-complete.ts";

/** Buckets: who gets in, how their data is kept, and what is written down. */
export const s3: readonly Policy[] = [
  bucketBlocksPublicAccess,
  publicAccessBlockIsComplete,
  accessPointBlocksPublicAccess,
  bucketListNotPublic,
  bucketPolicyNotPublic,
  bucketPolicyKeepsControl,
  bucketDisablesLists,
  bucketRequiresTls,
  bucketHasOwnKey,
  bucketHasObjectLock,
  bucketHasAccessLog,
  bucketHasLifecycle,
];
