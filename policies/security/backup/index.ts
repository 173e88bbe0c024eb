import type { Policy } from "../../framework/policy.ts";
import { vaultHasOwnKey } from "./vault-has-own-key.ts";
import { vaultIsLocked } from "./vault-is-locked.ts";
import { vaultNotPublic } from "./vault-not-public.ts";

/** Vaults of AWS Backup. */
export const backup: readonly Policy[] = [vaultNotPublic, vaultHasOwnKey, vaultIsLocked];
