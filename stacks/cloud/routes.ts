import { readinessPath } from "../../components/workload/spec.ts";
import type { HealthCheck, WorkloadSpec } from "../../components/workload/spec.ts";
import type { System } from "../systems/system.ts";

export interface SystemRoute {
  /** Unique over all systems, e.g. `finai-nexus-backend`. */
  readonly service: string;
  readonly workload: string;
  readonly path: string;
  readonly health: HealthCheck;
  /** What the region's health check asks, on the one workload that tells most. */
  readonly exactPaths: readonly string[];
}

/** The path that answers 200 while the region can serve the system's requests; undefined: nothing of it is public. */
export function regionHealthPath(system: System): string | undefined {
  return routesOf(system).flatMap(({ exactPaths }) => exactPaths)[0];
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
    exactPaths: workload === telling ? [readinessPath(workload.health)] : [],
  }));
}

/**
 * The one that needs the most data tiers: while it is ready they answer, and a region whose database is gone is left. Of the
 * other workloads' own pods it tells nothing: those that fail are the region's matter.
 */
function mostTelling(workloads: readonly WorkloadSpec[]): WorkloadSpec | undefined {
  return [...workloads].sort((a, b) => b.needs.length - a.needs.length)[0];
}
