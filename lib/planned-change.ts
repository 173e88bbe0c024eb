import type { Plain } from "./desired-state.ts";

/** What stands in a planned change for a value that only the update will tell. */
export const KNOWN_AFTER_UP = "(known after up)";

/** What the engine plans to do to one resource, from the state before to the one after. */
export interface PlannedChange {
  readonly urn: string;
  readonly type: string;
  /** `same` where the engine has nothing to do but keeps other options from now on. */
  readonly change: "create" | "update" | "replace" | "delete" | "same";
  /** Secrets are the text `[secret]`, what is not known yet is {@link KNOWN_AFTER_UP}; absent of what is created. */
  readonly before?: Plain;
  /** As `before`; absent of what is deleted. */
  readonly after?: Plain;
  /** Paths that the provider calls changed, such as `scalingConfig.maxSize`. */
  readonly paths: readonly string[];
  /** Those of `paths` that force a replacement. */
  readonly replacing: readonly string[];
  /** Changed paths of which no table says whether they replace. */
  readonly mayReplace: readonly string[];
  /** Options of the engine, before and after. */
  readonly protect: { readonly before: boolean; readonly after: boolean };
  readonly retainOnDelete: { readonly before: boolean; readonly after: boolean };
}
