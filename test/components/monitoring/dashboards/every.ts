import type { DashboardSpec } from "../../../../components/monitoring/dashboards/dashboard.ts";
import { dashboardsOf } from "../../../../components/monitoring/dashboards/index.ts";

/** Every dashboard there is, for the systems that have them. */
export const every: readonly DashboardSpec[] = [
  ...dashboardsOf({
    system: "tracks",
    tiers: ["postgres", "redis", "rabbitmq"],
    pipeline: { items: "tracks", goal: 20_000 },
  }),
  ...dashboardsOf({
    system: "flowx",
    tiers: ["postgres", "redis"],
    agents: { worker: "worker", scaleOut: { cpu: 0.7, memory: 0.8 }, scaleIn: 0.5 },
  }),
  ...dashboardsOf({
    system: "sophia",
    tiers: [],
    chat: { hitGoal: 0.8, concurrency: 50, limit: 30 },
    secretDrift: true,
  }),
  ...dashboardsOf({ system: "finai-nexus", tiers: ["postgres", "redis", "mongodb"] }),
];
