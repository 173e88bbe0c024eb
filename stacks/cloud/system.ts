import { SystemNamespace } from "../../components/cluster/namespace.ts";
import type { Flow, Peers } from "../../components/cluster/namespace.ts";
import { KubernetesWorkload } from "../../components/workload/deployment.ts";
import type { PlannedWorkload } from "../../components/workload/rollout.ts";
import type { WorkloadSpec } from "../../components/workload/spec.ts";
import { SYSTEMS } from "../systems/index.ts";
import { workloadsIn } from "../systems/regional.ts";
import type { System } from "../systems/system.ts";
import type { Place } from "./place.ts";
import { serviceOf } from "./routes.ts";
import { createTiers, tierOf } from "./tiers.ts";
import type { SharedTiers, Tiers } from "./tiers.ts";

/** Everything of the system that runs in one region. */
export function deploySystem(
  system: System,
  place: Place,
  shared: SharedTiers,
  ports: Readonly<Record<string, number>>,
): void {
  const name = `${place.region.name}-${system.name}`;
  const workloads = workloadsIn(place.region.role, system, SYSTEMS[system.name] ?? system);
  const tiers = createTiers(place, shared);
  const inCluster = { providers: [place.cluster.kubernetes] };
  const namespace = new SystemNamespace(
    name,
    { namespace: system.name, workloads, flows: flowsOf(workloads, tiers, place) },
    inCluster,
  );
  for (const { spec } of workloads) {
    new KubernetesWorkload(
      `${name}-${spec.name}`,
      {
        system: system.name,
        spec,
        namespace: namespace.namespace,
        image: spec.image ?? place.image,
        connections: spec.needs.map((need) => tierOf(spec, need, tiers).connection),
        nodePort: ports[serviceOf(system, spec)],
      },
      // Quota, limits and policies stand before the first pod.
      { ...inCluster, dependsOn: [namespace] },
    );
  }
}

/** What each workload may talk to, and who to it. */
function flowsOf(workloads: readonly PlannedWorkload[], tiers: Tiers, place: Place): Flow[] {
  return workloads.map(({ spec }) => {
    const callers = workloads.filter((other) => other.spec.calls?.includes(spec.name)).map((other) => other.spec);
    const called = workloads.filter((other) => spec.calls?.includes(other.spec.name)).map((other) => other.spec);
    return {
      workload: spec.name,
      ingress: [...fromOutside(spec, place), ...callers.flatMap((caller) => at(caller, spec))],
      egress: [
        ...spec.needs.flatMap((need) => tierOf(spec, need, tiers).peers),
        ...called.flatMap((other) => at(other, other)),
      ],
    };
  });
}

/** From the whole VPC: the balancer's requests pass the nodes, whose addresses are among those of the pods. */
function fromOutside({ exposure, ports: [port] }: WorkloadSpec, { cluster }: Place): Peers[] {
  if (exposure === undefined || port === undefined) return [];
  return [{ cidrs: [cluster.network.cidr], port: port.containerPort }];
}

/** The workload's pods, on the ports of the one that is called. */
function at({ name }: WorkloadSpec, { ports }: WorkloadSpec): Peers[] {
  const labels = { "app.kubernetes.io/name": name };
  return ports.map(({ containerPort }) => ({ pods: { labels }, port: containerPort }));
}
