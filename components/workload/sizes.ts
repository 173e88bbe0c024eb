import type { Size } from "@groundwork/lib/quantity";
import type { Resources } from "./spec.ts";

/** The three sizes that a workload may ask for by name. */
export type ResourceTier = "high" | "medium" | "low";

interface Tier {
  readonly requests: Size;
  readonly limits: Size;
}

/**
 * A request of a quarter of the limit's CPU: services wait most of the time, and CPU can be shared. Memory cannot, so
 * half of it is kept.
 */
export const RESOURCE_TIERS: Readonly<Record<ResourceTier, Tier>> = {
  high: { requests: { cpu: "500m", memory: "2Gi" }, limits: { cpu: 2, memory: "4Gi" } },
  medium: { requests: { cpu: "250m", memory: "512Mi" }, limits: { cpu: 1, memory: "1Gi" } },
  low: { requests: { cpu: "125m", memory: "128Mi" }, limits: { cpu: "500m", memory: "256Mi" } },
};

export function resourcesOf(tier: ResourceTier): Resources {
  return RESOURCE_TIERS[tier];
}
