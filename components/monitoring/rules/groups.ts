import type { TierName } from "../../workload/spec.ts";
import { application } from "./application.ts";
import type { Chat } from "./assistant.ts";
import { chat, gpu } from "./assistant.ts";
import type { Pipeline } from "./business.ts";
import { business } from "./business.ts";
import { certificates, clusterBackups } from "./cluster.ts";
import { cloudnativePg } from "./cloudnative-pg.ts";
import { containers } from "./containers.ts";
import { capacity, host } from "./host.ts";
import { mongodb, mongodbReplication } from "./mongodb.ts";
import type { WatchedPart } from "./platform.ts";
import { autoscaling, availability, cost, probes, replication, security, withExpected } from "./platform.ts";
import { pods, volumes } from "./pods.ts";
import { postgres } from "./postgres.ts";
import { postgresReplication } from "./postgres-cluster.ts";
import { rabbitmq } from "./rabbitmq.ts";
import { redis, redisCluster } from "./redis.ts";
import type { RuleGroup } from "./rule.ts";
import { secretDrift } from "./secret-drift.ts";
import { backup, monitoring } from "./upkeep.ts";

/** What looks at something that does not tell about itself. */
export type Watcher =
  | ("node" | "containers" | "probes" | "gpu" | "secret-drift" | "bill")
  // of Kubernetes: kubelet and kube-state-metrics, volumes and PostgreSQL of tiers in the cluster, cert-manager, velero
  | ("pods" | "volumes" | "cloudnative-pg" | "certificates" | "cluster-backups");

/** What a system has, from which follows which rules can ever fire. */
export interface MonitoredSystem {
  /** The tiers whose metrics are scraped: one server, or several that replicate. */
  readonly tiers: Readonly<Partial<Record<TierName, "single" | "replicated">>>;
  /** Its workloads. */
  readonly parts: readonly WatchedPart[];
  readonly watchers: readonly Watcher[];
  /** Default: it has no pipeline over RabbitMQ. */
  readonly pipeline?: Pipeline;
  /** Default: it has no chat route. */
  readonly chat?: Chat;
  /** Tiers that are dumped on a schedule and whose backup metrics are scraped. Default: none. */
  readonly backups?: readonly TierName[];
  /** Hours from one backup to the next. Default 24. */
  readonly backupEveryHours?: number;
  /** US$ a month; needs the watcher `bill`. */
  readonly budget?: { readonly start: number; readonly limit: number };
}

/** The groups that a system can use, in the order in which people read them. */
export function ruleGroups(system: MonitoredSystem): readonly RuleGroup[] {
  const { parts, watchers, pipeline, chat: limits, backups = [], backupEveryHours = 24, budget } = system;
  const watched = (watcher: Watcher, ...groups: readonly RuleGroup[]) => (watchers.includes(watcher) ? groups : []);
  return [
    ...(parts.length === 0 ? [] : [availability(parts), application, security]),
    ...(withExpected(parts).length === 0 ? [] : [replication(parts)]),
    ...(parts.some(({ replicas }) => replicas !== undefined) ? [autoscaling(parts)] : []),
    ...(pipeline === undefined ? [] : [business(pipeline)]),
    ...(limits === undefined ? [] : [chat(limits)]),
    ...tierGroups(system.tiers),
    ...(backups.length === 0 ? [] : [backup(backups, backupEveryHours)]),
    ...watched("node", host, capacity),
    ...watched("containers", containers),
    ...watched("pods", pods),
    ...watched("volumes", volumes),
    ...watched("cloudnative-pg", cloudnativePg),
    ...watched("certificates", certificates),
    ...watched("cluster-backups", clusterBackups),
    ...watched("probes", probes),
    ...watched("gpu", gpu),
    ...watched("secret-drift", secretDrift),
    ...(budget === undefined ? [] : watched("bill", cost(budget))),
    monitoring,
  ];
}

const TIERS: Readonly<Record<TierName, { readonly single: RuleGroup; readonly replicated?: RuleGroup }>> = {
  postgres: { single: postgres, replicated: postgresReplication },
  redis: { single: redis, replicated: redisCluster },
  mongodb: { single: mongodb, replicated: mongodbReplication },
  rabbitmq: { single: rabbitmq },
};

function tierGroups(tiers: MonitoredSystem["tiers"]): RuleGroup[] {
  return (Object.keys(TIERS) as TierName[]).flatMap((tier) => {
    if (tiers[tier] === undefined) return [];
    const { single, replicated } = TIERS[tier];
    return replicated !== undefined && tiers[tier] === "replicated" ? [single, replicated] : [single];
  });
}

/** A system that has everything: its groups are all groups. The numbers are those of systems.md. */
export const EVERYTHING: MonitoredSystem = {
  tiers: { postgres: "replicated", redis: "replicated", mongodb: "replicated", rabbitmq: "single" },
  parts: [
    { part: "worker", replicas: { min: 1, max: 10 } },
    { part: "api", expected: 3 },
  ],
  watchers: [
    ...(["node", "containers", "probes", "gpu", "secret-drift", "bill"] as const),
    ...(["pods", "volumes", "cloudnative-pg", "certificates", "cluster-backups"] as const),
  ],
  pipeline: { itemsPerHour: 20_000, leastPerHour: 1_600, queueDepth: 10_000 },
  chat: { concurrent: 50, latencySeconds: 30, hitRatio: 0.8 },
  backups: ["postgres", "redis"],
  budget: { start: 3_000, limit: 8_000 },
};
