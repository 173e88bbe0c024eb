import { EKS_ADDONS } from "./eks-addons.ts";
import type { Expansion, Plain, Unexpanded } from "./expansion.ts";
import { text } from "./read.ts";

/** The pods of an `aws:eks/addon:Addon`. */
export function expandManaged(inputs: Plain): Expansion | Unexpanded {
  const name = text(inputs.addonName);
  const addon = EKS_ADDONS.find((known) => known.name === name);
  if (addon === undefined) {
    return {
      unknown: `EKS add-on ${name || "(not known yet)"} has no expander; add it to lib/expanders/eks-addons.ts`,
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
