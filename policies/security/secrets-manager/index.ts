import type { Policy } from "../../framework/policy.ts";
import { secretNotPublic } from "./secret-not-public.ts";
import { secretRotates } from "./secret-rotates.ts";

/** Secrets of Secrets Manager. */
export const secretsManager: readonly Policy[] = [secretNotPublic, secretRotates];
