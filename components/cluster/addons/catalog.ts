import type { Addon } from "./addon.ts";
import { MANAGED_ADDONS } from "./managed-addons.ts";

/** Every add-on that can be chosen, one line each; their order is of no importance (order.ts finds it). */
export const CATALOG: readonly Addon[] = [...MANAGED_ADDONS];
