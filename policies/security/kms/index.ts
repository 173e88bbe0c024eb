import type { Policy } from "../../framework/policy.ts";
import { decryptionNamesItsKeys } from "./decryption-names-its-keys.ts";
import { keyDeletionCanBeStopped } from "./key-deletion-can-be-stopped.ts";
import { keyNotPublic } from "./key-not-public.ts";
import { keyRotates } from "./key-rotates.ts";

/** Keys of KMS, and who may decrypt with them. */
export const kms: readonly Policy[] = [keyNotPublic, keyRotates, keyDeletionCanBeStopped, decryptionNamesItsKeys];
