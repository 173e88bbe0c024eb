import type { HealthCheck, WorkloadSpec } from "../../components/workload/spec.ts";
import type { System } from "../systems/system.ts";

export interface SystemRoute {
  /** Unique over all systems, e.g. `finai-nexus-backend`. */
  readonly service: string;
  readonly workload: string;
  readonly path: string;
  readonly health: HealthCheck;
  /** The region's health check, on the one workload that tells most. */
  readonly exactPaths: readonly string[];
}

/** The system's public host name. */
export function hostOf(system: System, domain: string): string {
  return `${system.name}.${domain}`;
}

export function serviceOf(system: System, workload: WorkloadSpec): string {
  return `${system.name}-${workload.name}`;
}

/** What the internet may reach of the system. */
export function routesOf(system: System): SystemRoute[] {
  const exposed = system.workloads.filter(({ exposure }) => exposure?.public === true);
  const telling = mostTelling(exposed);
  return exposed.map((workload) => ({
    service: serviceOf(system, workload),
    workload: workload.name,
    path: workload.exposure?.path ?? "/",
    health: workload.health,
    exactPaths: workload === telling ? [workload.health.path] : [],
  }));
}

/** The one with the most data tiers: when it answers, they answer too, so its health stands for the region's. */
function mostTelling(workloads: readonly WorkloadSpec[]): WorkloadSpec | undefined {
  return [...workloads].sort((a, b) => b.needs.length - a.needs.length)[0];
}
