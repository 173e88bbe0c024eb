import type { DesiredState } from "../desired-state.ts";
import { isProxy } from "./parts.ts";
import type { Part } from "./parts.ts";
import type { Pool } from "./pools.ts";
import type { Servers } from "./servers.ts";

/** What to change when a limit is near: the resource's own property, and the config line where the project has Groundwork's keys. */
export class Advice {
  readonly #target: string | null;
  readonly #stack: string;

  constructor({ target, stack }: DesiredState) {
    this.#target = target;
    this.#stack = stack;
  }

  ofPart({ part, system, group, flow }: Part): string {
    if (group === undefined) return this.#ofServers(part, system);
    const own = group.system === system;
    const { scaler, name } = group;
    if (!own || isProxy(group)) return `Give ${name} more replicas or cores.`;
    const bigger = flow === "requests" ? "or give each replica more cores" : "or let each replica do more at once";
    return scaler === undefined
      ? `Raise the replicas of ${name} ${bigger}${this.#key(`workloads.${system}.${name}.replicas`)}.`
      : `Raise ${scaler.kind === "ScaledObject" ? "maxReplicaCount" : "maxReplicas"} of ${scaler.kind} ${scaler.name} ${bigger}${this.#file(`replicas.max of ${name} in stacks/systems/${system}.ts, or workloads.${system}.${name}.cpu`)}.`;
  }

  ofConnections({ name, pooled, system }: Servers): string {
    const pool = pooled ? "" : ", put a pooler before the writer";
    return `Lower the connections that each replica opens (DATABASE_POOL_SIZE)${pool}, or raise max_connections or the class of ${name}${this.#key(`database.systems.${system}.instanceClass`)}.`;
  }

  ofCacheConnections({ name, system }: Servers): string {
    return `Let replicas share clients of ${name}, or raise its maxclients where the engine lets you${this.#key(`cache.systems.${system}.shards`)}.`;
  }

  ofStorage(system: string, elastic: boolean): string {
    if (elastic) return `Archive what is old: Aurora's volume grows no further than its service limit.`;
    return `Claim larger volumes${this.#key(`documents.systems.${system}.storage`)}.`;
  }

  ofQuota(namespace: string, name: string): string {
    return `Raise ${name} in the ResourceQuota of namespace ${namespace}${this.#file("it follows replicas.max and the sizes of the workloads in stacks/systems")}.`;
  }

  ofNodes({ name, kind }: Pool): string {
    return kind === "node group"
      ? `Raise scalingConfig.maxSize of node group ${name}, or take a larger instance type${this.#key("nodes.max")}.`
      : `Raise spec.limits of NodePool ${name}${this.#key(name === "gpu" ? "workloadNodes.gpus" : "workloadNodes.cpu")}.`;
  }

  ofAwsQuota(code: string, region: string): string {
    return `Ask AWS for more of ${code} in ${region}: it takes days (aws service-quotas request-service-quota-increase).`;
  }

  #ofServers(part: string, system: string): string {
    const [role = ""] = part.split(" ");
    const keys: Readonly<Record<string, string>> = {
      database: `database.systems.${system}.instanceClass or readers`,
      cache: `cache.systems.${system}.shards or nodeType`,
      broker: `brokers.systems.${system}.nodes`,
    };
    return `Take a larger class or more servers of ${part}${this.#key(keys[role] ?? "")}.`;
  }

  #key(key: string): string {
    if (this.#target !== "cloud") return this.#target !== null && key.startsWith("workloads.") ? this.#file(key) : "";
    return this.#file(key);
  }

  #file(line: string): string {
    return this.#target === null || line === ""
      ? ""
      : ` (${line.startsWith("replicas") || line.startsWith("it ") ? line : `groundwork:${line} in Pulumi.${this.#stack}.yaml`})`;
  }
}
