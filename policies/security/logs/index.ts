import type { Policy } from "../../framework/policy.ts";
import { logGroupHasOwnKey } from "./log-group-has-own-key.ts";
import { logGroupKeepsLongEnough } from "./log-group-keeps-long-enough.ts";

/** Log groups of CloudWatch. */
export const logs: readonly Policy[] = [logGroupKeepsLongEnough, logGroupHasOwnKey];
