import { resourcesOf } from "../../components/workload/sizes.ts";
import type { HealthCheck, Rollout } from "../../components/workload/spec.ts";
import type { System } from "./system.ts";

const PORT = 8000;
const service = {
  ports: [{ name: "http", containerPort: PORT }],
  secrets: {},
  health: {
    path: "/health",
    readiness: "/ready",
    port: PORT,
    interval: 30,
    timeout: 10,
    retries: 3,
    startPeriod: 40,
  } satisfies HealthCheck,
};

/** The new replica is healthy before the old one goes, and a bad version goes back by itself. */
const rollout: Rollout = {
  update: {
    parallelism: 1,
    delay: 10,
    order: "start-first",
    failureAction: "rollback",
    monitor: 60,
    maxFailureRatio: 0,
  },
  rollback: {
    parallelism: 1,
    delay: 5,
    order: "stop-first",
    failureAction: "pause",
    monitor: 30,
    maxFailureRatio: 0,
  },
};

/** The one GPU is free for the new replica only when the old one has gone. */
const oneAtATime: Rollout = { ...rollout, update: { ...rollout.update, order: "stop-first" } };

/** An AI assistant: a cached chat service, and inference on a GPU. */
export const sophia: System = {
  name: "sophia",
  description: "AI assistant on Docker Swarm",
  budget: { start: 2000, limit: 4000 },
  tiers: {
    postgres: { database: "sophia", size: { cpu: 2, memory: "4Gi" }, parameters: { shared_buffers: "1GB" } },
    redis: { size: { cpu: 1, memory: "5Gi" }, maxMemory: "4Gi", eviction: "allkeys-lru" },
  },
  workloads: [
    {
      ...service,
      name: "chat",
      environment: {
        CHAT_CONCURRENT_REQUESTS: "50",
        CHAT_TIME_LIMIT_SECONDS: "30",
      },
      resources: resourcesOf("medium"),
      replicas: 2,
      needs: ["postgres", "redis"],
      calls: ["inference", "assistant-api"],
      exposure: { path: "/", hostPort: 8082, public: true, rateLimit: { requestsPerSecond: 20, burst: 50 } },
      networks: ["internal", "edge"],
      rollout,
    },
    {
      ...service,
      name: "inference",
      environment: {},
      resources: resourcesOf("high"),
      replicas: 1,
      needs: ["redis"],
      networks: ["internal"],
      gpu: { count: 1, memory: "4Gi" },
      rollout: oneAtATime,
    },
    {
      ...service,
      name: "assistant-api",
      environment: {},
      resources: resourcesOf("low"),
      replicas: 2,
      needs: ["postgres"],
      networks: ["internal"],
      rollout,
    },
  ],
  chat: { concurrent: 50, latencySeconds: 30, hitRatio: 0.8 },
  docker: {
    networks: [
      { name: "internal", cidr: "10.210.11.0/24", mtu: 1500 },
      { name: "edge", cidr: "10.210.12.0/24", mtu: 1500 },
      { name: "monitoring", cidr: "10.210.13.0/24", mtu: 1500 },
    ],
    joins: { postgres: ["internal"], redis: ["internal"], gateway: ["edge"] },
    gateway: { cpu: 0.5, memory: "128Mi" },
    tlsPort: 8445,
    strictGateway: true,
    backup: { everyHours: 24, keepCount: 7, keepDays: 7 },
    monitoring: { prometheusPort: 9092, alertmanagerPort: 9095, grafanaPort: 3002 },
    secretDrift: ["monitoring"],
    laptop: {
      postgres: { replicas: 1, cpu: 0.25, memory: "512Mi" },
      redis: { replicas: 1, cpu: 0.25, memory: "512Mi" },
      chat: { replicas: 1, cpu: 0.25, memory: "256Mi" },
      inference: { replicas: 1, cpu: 0.25, memory: "256Mi" },
      "assistant-api": { replicas: 1, cpu: 0.1, memory: "192Mi" },
      gateway: { replicas: 1, cpu: 0.1, memory: "64Mi" },
    },
  },
  cloud: { minReplicas: { primary: {}, failover: {} } },
};
