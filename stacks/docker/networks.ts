import type { Network } from "@pulumi/docker";
import { DockerNetworks } from "../../components/workload/networks.ts";
import { SwarmNetworks } from "../../components/workload/swarm-networks.ts";
import type { DockerConfig } from "../config.ts";
import type { DockerForm } from "../systems/system.ts";

/** The networks of a system, found by their short names. */
export interface NamedNetworks {
  readonly named: (names: readonly string[]) => Network[];
}

/**
 * Bridges of one engine, or encrypted overlays of a swarm. Data tiers, gateway and monitoring are containers of the engine
 * in both: their data lies in its volumes, so they join the overlays from there.
 */
export function systemNetworks(
  system: string,
  { networks }: DockerForm,
  { target, hostMtu }: DockerConfig,
): NamedNetworks {
  if (target === "docker") return new DockerNetworks(system, { networks });
  // Swarm chooses the blocks: with one of ours a changed network could not stand beside the one that it replaces
  return new SwarmNetworks(system, { networks: networks.map(({ name }) => ({ name })), hostMtu, attachable: true });
}
