import type { Size } from "@groundwork/lib/quantity";
import { DockerTraces, tracesConnection } from "../../components/monitoring/traces.ts";
import type { Connection, WorkloadSpec } from "../../components/workload/spec.ts";
import type { DockerConfig, DockerSize } from "../config.ts";
import type { DockerForm, System } from "../systems/system.ts";
import type { NamedNetworks } from "./networks.ts";

const SIZES: Readonly<Record<DockerSize, Size>> = {
  laptop: { cpu: 0.25, memory: "384Mi" },
  full: { cpu: 0.5, memory: "1Gi" },
};
/** One person wants to see the request that was just made; under load a tenth says the same. */
const SHARES: Readonly<Record<DockerSize, number>> = { laptop: 1, full: 0.1 };

/** Where a system with monitoring keeps its traces, if the stack wants them: found from everywhere in the system. */
export function systemTraces(
  { name }: System,
  form: DockerForm,
  networks: NamedNetworks,
  { traces, size, protect }: DockerConfig,
): DockerTraces | undefined {
  if (!traces || form.monitoring === undefined) return undefined;
  return new DockerTraces(`${name}-traces`, {
    system: name,
    size: SIZES[size],
    networks: networks.named(form.networks.map((network) => network.name)),
    protect,
  });
}

/** What each workload is told of it; nothing where there is none. */
export function traceConnections(
  traces: DockerTraces | undefined,
  { name: system }: System,
  { name: service }: WorkloadSpec,
  { size }: DockerConfig,
): Connection[] {
  return traces === undefined ? [] : [tracesConnection(traces, { system, service, share: SHARES[size] })];
}
