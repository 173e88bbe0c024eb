import type { Policy } from "../../framework/policy.ts";
import { queueIsEncrypted } from "./queue-is-encrypted.ts";
import { queueNotPublic } from "./queue-not-public.ts";
import { topicHasOwnKey } from "./topic-has-own-key.ts";
import { topicNotPublic } from "./topic-not-public.ts";

/** Queues and topics. */
export const sqs: readonly Policy[] = [queueNotPublic, topicNotPublic, queueIsEncrypted, topicHasOwnKey];
