import type { TierName } from "../../workload/spec.ts";
import type { AgentsDashboard, ChatDashboard } from "./agents.ts";
import { agentsDashboard, chatDashboard } from "./agents.ts";
import type { DashboardSpec } from "./dashboard.ts";
import { infrastructureDashboard } from "./infrastructure.ts";
import { mongodbDashboard } from "./mongodb.ts";
import type { PipelineDashboard } from "./pipeline.ts";
import { pipelineDashboard } from "./pipeline.ts";
import { podsDashboard } from "./pods.ts";
import { postgresDashboard } from "./postgres.ts";
import { rabbitmqDashboard } from "./rabbitmq.ts";
import { redisDashboard } from "./redis.ts";
import { secretDriftDashboard } from "./secret-drift.ts";
import { serviceDashboard } from "./service.ts";

/** What a system has that is worth a dashboard; every system has services and runs on something. */
export interface Dashboards {
  readonly system: string;
  readonly tiers: readonly TierName[];
  /** Default: none of these. */
  readonly pipeline?: Omit<PipelineDashboard, "system">;
  readonly agents?: Omit<AgentsDashboard, "system">;
  readonly chat?: Omit<ChatDashboard, "system">;
  /** The secret-drift checker runs beside it. Default false. */
  readonly secretDrift?: boolean;
  /** In Kubernetes, beside its own namespace: those of its tiers. Default: it runs on one Docker host. */
  readonly namespaces?: readonly string[];
}

const TIERS: Readonly<Record<TierName, (system: string) => DashboardSpec>> = {
  postgres: postgresDashboard,
  redis: redisDashboard,
  rabbitmq: rabbitmqDashboard,
  mongodb: mongodbDashboard,
};

/** A system's dashboards, the one that says most first. */
export function dashboardsOf(args: Dashboards): DashboardSpec[] {
  const { system, tiers, pipeline, agents, chat, secretDrift = false, namespaces } = args;
  return [
    ...(pipeline === undefined
      ? []
      : [pipelineDashboard({ system, hasExporters: namespaces === undefined, ...pipeline })]),
    ...(agents === undefined ? [] : [agentsDashboard({ system, ...agents })]),
    ...(chat === undefined ? [] : [chatDashboard({ system, ...chat })]),
    serviceDashboard(system),
    ...tiers.map((tier) => TIERS[tier](system)),
    ...(secretDrift ? [secretDriftDashboard(system)] : []),
    namespaces === undefined ? infrastructureDashboard(system) : podsDashboard(system, namespaces),
  ];
}
