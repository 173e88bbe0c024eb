import { MONITORING_NAMESPACE, PROMETHEUS_PODS } from "../../components/cluster/addons/network.ts";
import { EGRESS_PEERS } from "../../components/cluster/mesh-egress.ts";
import { waypointPeers } from "../../components/cluster/mesh-waypoint.ts";
import type { Peers } from "../../components/cluster/flow-policies.ts";
import type { Flow } from "../../components/cluster/namespace.ts";
import { HTTPS, POD_IDENTITY } from "../../components/cluster/tier-namespace.ts";
import type { PlannedWorkload } from "../../components/workload/rollout.ts";
import type { WorkloadSpec } from "../../components/workload/spec.ts";
import { prometheusUrl } from "./platform.ts";
import type { Platform } from "./platform.ts";
import type { TierPlace, Tiers } from "./tier.ts";
import { tierOf } from "./tiers.ts";
import { collectorPeers } from "./traces.ts";
import { frontPeers } from "./traffic.ts";
import type { Traffic } from "./traffic.ts";

/** What each workload may talk to, and who to it. */
export function flowsOf(
  workloads: readonly PlannedWorkload[],
  tiers: Tiers,
  traffic: Traffic,
  { config, place, platform }: TierPlace,
): Flow[] {
  const specs = workloads.map(({ spec }) => spec);
  return specs.map((spec) => {
    const [port] = spec.ports;
    const callers = specs.filter(({ calls = [] }) => calls.includes(spec.name));
    const called = specs.filter(({ name }) => spec.calls?.includes(name));
    return {
      workload: spec.name,
      ingress: [
        ...(spec.exposure === undefined || port === undefined ? [] : frontPeers(traffic, place, port.containerPort)),
        ...fromPrometheus(spec, platform),
        ...fromCallers(spec, callers, traffic),
      ],
      egress: [
        ...spec.needs.flatMap((need) => tierOf(spec, need, tiers).peers),
        ...toCalled(called, traffic),
        ...collectorPeers(config),
        // by name, which the waypoint at the way out knows, and an address does not tell
        ...(spec.internetHosts === undefined ? [] : [EGRESS_PEERS]),
        ...(spec.permissions === undefined ? [] : [POD_IDENTITY, HTTPS]),
      ],
    };
  });
}

/** Metrics are on the first port. */
function fromPrometheus({ ports: [port] }: WorkloadSpec, platform: Platform): Peers[] {
  if (prometheusUrl(platform) === undefined || port === undefined) return [];
  return [{ pods: { namespace: MONITORING_NAMESPACE, labels: PROMETHEUS_PODS }, port: port.containerPort }];
}

function fromCallers({ ports }: WorkloadSpec, callers: readonly WorkloadSpec[], { waypoint }: Traffic): Peers[] {
  if (callers.length === 0) return [];
  if (waypoint !== undefined) return ports.map(({ containerPort: port }) => ({ ...waypointPeers(waypoint), port }));
  return callers.flatMap((caller) => podsOn(caller, ports));
}

function toCalled(called: readonly WorkloadSpec[], { waypoint }: Traffic): Peers[] {
  if (called.length === 0) return [];
  return waypoint === undefined ? called.flatMap((other) => podsOn(other, other.ports)) : [waypointPeers(waypoint)];
}

/** The workload's pods, on the ports of the one that is called. */
function podsOn({ name }: WorkloadSpec, ports: WorkloadSpec["ports"]): Peers[] {
  const labels = { "app.kubernetes.io/name": name };
  return ports.map(({ containerPort }) => ({ pods: { labels }, port: containerPort }));
}
