import { MONITORING_NAMESPACE } from "../../components/cluster/addons/network.ts";
import type * as pulumi from "@pulumi/pulumi";
import type { Peers } from "../../components/cluster/flow-policies.ts";
import type { Connection, TierName } from "../../components/workload/spec.ts";
import type { CloudConfig } from "../config/types.ts";
import type { System } from "../systems/system.ts";
import type { Place } from "./place.ts";
import { prometheusUrl } from "./platform.ts";
import type { Platform } from "./platform.ts";

/** A tier as a workload meets it in one region. */
export interface Tier {
  readonly connection: Connection;
  /** Where it answers: what a workload that needs it may connect to. */
  readonly peers: readonly Peers[];
}
export type Tiers = Readonly<Partial<Record<TierName, Tier>>>;

/** A region, and where in it a system's own tiers go. */
export interface TierPlace {
  readonly config: CloudConfig;
  readonly system: System;
  readonly place: Place;
  readonly platform: Platform;
}

/** Namespace of the add-on keda, which asks queues for their length. */
const KEDA = "keda";

/** AWS's own servers: anywhere in the subnets for data. */
export function isolated({ cluster }: Place, port: number): Peers[] {
  return [{ cidrs: cluster.network.subnets.isolated.map(({ cidr }) => cidr), port }];
}

/** All pods of the system may connect; the policies of its own namespace say which do. */
export function commonArgs({ config, system, platform }: TierPlace) {
  const asksQueues = system.cloud?.queues !== undefined;
  return {
    system: system.name,
    clients: [{ namespace: system.name, labels: {} }, ...(asksQueues ? [{ namespace: KEDA, labels: {} }] : [])],
    protect: config.protect,
    ...(prometheusUrl(platform) !== undefined && { monitoring: MONITORING_NAMESPACE }),
  };
}

export function inCluster({ place, platform }: TierPlace): pulumi.ComponentResourceOptions {
  return { providers: [place.cluster.kubernetes, place.provider], dependsOn: [...platform.ready] };
}
