import type { Dashboards } from "../../components/monitoring/dashboards/index.ts";
import type { MonitoredSystem } from "../../components/monitoring/rules/groups.ts";
import type { Autoscaling, WorkloadSpec } from "../../components/workload/spec.ts";
import type { System } from "./system.ts";

/** What rules and dashboards go by, wherever the system runs. */
export function observed({ pipeline, chat }: System, workloads: readonly WorkloadSpec[]) {
  return {
    parts: workloads.map(({ name, replicas }) => ({
      part: name,
      ...(typeof replicas === "object" ? { replicas } : { expected: replicas }),
    })),
    ...(pipeline && { pipeline }),
    ...(chat && { chat }),
  } satisfies Partial<MonitoredSystem>;
}

/** Dashboards by what the system is there for; its tiers are the target's business. */
export function pictured({ name, workloads, pipeline, chat }: System): Omit<Dashboards, "tiers"> {
  const scaled = workloads.find(({ replicas }) => typeof replicas === "object");
  return {
    system: name,
    ...(pipeline && { pipeline: { items: name, goal: pipeline.itemsPerHour } }),
    ...(scaled && { agents: agents(scaled) }),
    ...(chat && {
      chat: { hitGoal: chat.hitRatio, concurrency: chat.concurrent, limit: chat.latencySeconds },
    }),
  };
}

/** The rules of the autoscaler as shares, as the dashboard draws them. */
function agents({ name, replicas }: WorkloadSpec) {
  const rules = typeof replicas === "object" ? replicas : { cpuPercent: 100 };
  const {
    cpuPercent,
    memoryPercent = 100,
    scaleDownPercent = cpuPercent / 2,
  }: Omit<Autoscaling, "min" | "max"> = rules;
  return {
    worker: name,
    scaleOut: { cpu: cpuPercent / 100, memory: memoryPercent / 100 },
    scaleIn: scaleDownPercent / 100,
  };
}
