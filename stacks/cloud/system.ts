import { SystemNamespace } from "../../components/cluster/namespace.ts";
import type { Flow, Peers } from "../../components/cluster/namespace.ts";
import { WorkloadIdentities } from "../../components/cluster/workload-identities.ts";
import { KubernetesWorkload } from "../../components/workload/deployment.ts";
import type { PlannedWorkload } from "../../components/workload/rollout.ts";
import type { WorkloadSpec } from "../../components/workload/spec.ts";
import { SYSTEMS } from "../systems/index.ts";
import { workloadsIn } from "../systems/regional.ts";
import { createMongodb, createRabbitmq } from "./cluster-tiers.ts";
import type { RabbitmqTier } from "./cluster-tiers.ts";
import type { Place } from "./place.ts";
import { MONITORING, prometheusUrl } from "./platform.ts";
import type { Platform } from "./platform.ts";
import { serviceOf } from "./routes.ts";
import type { TierPlace, Tiers } from "./tier.ts";
import { sharedIn, tierOf } from "./tiers.ts";
import type { SharedTiers } from "./tiers.ts";

/** The pods that the Prometheus operator makes. https://prometheus-operator.dev/docs/platform/operator/ */
const PROMETHEUS = { "app.kubernetes.io/name": "prometheus" };

/** Everything of the system that runs in one region. */
export function deploySystem(where: TierPlace, shared: SharedTiers, ports: Readonly<Record<string, number>>): void {
  const { system, place, platform } = where;
  const name = `${place.region.name}-${system.name}`;
  const workloads = workloadsIn(place.region.role, system, SYSTEMS[system.name] ?? system);
  const { rabbitmq, tiers } = createTiers(where, shared);
  const inCluster = { providers: [place.cluster.kubernetes] };
  const watcher = prometheusUrl(platform);
  const namespace = new SystemNamespace(
    name,
    { namespace: system.name, workloads, flows: flowsOf(workloads, tiers, where) },
    inCluster,
  );
  const roles = new WorkloadIdentities(
    name,
    {
      clusterName: place.cluster.clusterName,
      namespace: system.name,
      workloads: workloads.map(({ spec }) => spec),
    },
    { providers: [place.provider] },
  );
  for (const { spec, queue, ...planned } of workloads) {
    new KubernetesWorkload(
      `${name}-${spec.name}`,
      {
        ...planned,
        ...(queue && rabbitmq && { queue: { ...queue, uri: rabbitmq.uri } }),
        ...(watcher !== undefined && { prometheusUrl: watcher }),
        system: system.name,
        spec,
        namespace: namespace.namespace,
        image: spec.image ?? place.image,
        connections: spec.needs.map((need) => tierOf(spec, need, tiers).connection),
        nodePort: ports[serviceOf(system, spec)],
      },
      // Quota, limits and policies stand before the first pod, its role, and the kinds that it is made of.
      { ...inCluster, dependsOn: [namespace, ...platform.ready, ...roles.ready] },
    );
  }
}

function createTiers(
  where: TierPlace,
  shared: SharedTiers,
): { readonly rabbitmq: RabbitmqTier | undefined; readonly tiers: Tiers } {
  const rabbitmq = createRabbitmq(where);
  const mongodb = createMongodb(where);
  const tiers = { ...sharedIn(where, shared), ...(rabbitmq && { rabbitmq }), ...(mongodb && { mongodb }) };
  return { rabbitmq, tiers };
}

/** What each workload may talk to, and who to it. */
function flowsOf(workloads: readonly PlannedWorkload[], tiers: Tiers, { place, platform }: TierPlace): Flow[] {
  return workloads.map(({ spec }) => {
    const callers = workloads.filter((other) => other.spec.calls?.includes(spec.name)).map((other) => other.spec);
    const called = workloads.filter((other) => spec.calls?.includes(other.spec.name)).map((other) => other.spec);
    return {
      workload: spec.name,
      ingress: [
        ...fromOutside(spec, place),
        ...fromPrometheus(spec, platform),
        ...callers.flatMap((caller) => at(caller, spec)),
      ],
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

/** Metrics are on the first port. */
function fromPrometheus({ ports: [port] }: WorkloadSpec, platform: Platform): Peers[] {
  if (prometheusUrl(platform) === undefined || port === undefined) return [];
  return [{ pods: { namespace: MONITORING, labels: PROMETHEUS }, port: port.containerPort }];
}

/** The workload's pods, on the ports of the one that is called. */
function at({ name }: WorkloadSpec, { ports }: WorkloadSpec): Peers[] {
  const labels = { "app.kubernetes.io/name": name };
  return ports.map(({ containerPort }) => ({ pods: { labels }, port: containerPort }));
}
