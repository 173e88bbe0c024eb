import type { Expansion, Plain, Unexpanded } from "./expansion.ts";
import { text } from "./read.ts";

/** What an EKS managed add-on runs, from its `configurationValues`. */
export interface ManagedAddon {
  /** EKS's name of it, e.g. `vpc-cni`. */
  readonly name: string;
  /** Where EKS documents what it runs and what may be configured. */
  readonly source: string;
  readonly expand: (configuration: Plain) => Expansion;
}

export const MANAGED: readonly ManagedAddon[] = [];

/** The pods of an `aws:eks/addon:Addon`. */
export function expandManaged(inputs: Plain): Expansion | Unexpanded {
  const name = text(inputs.addonName);
  const addon = MANAGED.find((known) => known.name === name);
  if (addon === undefined) {
    return {
      unknown: `EKS add-on ${name || "(not known yet)"} has no expander; add it to lib/expanders/managed.ts`,
    };
  }
  return addon.expand(configurationOf(inputs.configurationValues));
}

/** EKS takes JSON or YAML there; we write JSON. */
function configurationOf(written: unknown): Plain {
  if (typeof written !== "string" || written.trim() === "") return {};
  const parsed: unknown = JSON.parse(written);
  return typeof parsed === "object" && parsed !== null ? (parsed as Plain) : {};
}
