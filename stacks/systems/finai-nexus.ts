import type { HealthCheck } from "../../components/workload/spec.ts";
import type { System } from "./system.ts";

const health = (port: number): HealthCheck => ({
  path: "/health",
  port,
  interval: 10,
  timeout: 3,
  retries: 3,
  startPeriod: 30,
});

/** A finance platform for 10,000 and more concurrent users, in two regions. */
export const finaiNexus: System = {
  name: "finai-nexus",
  description: "Finance platform for 10,000+ concurrent users in two regions",
  tiers: {
    postgres: { database: "finai", size: { cpu: 2, memory: "16Gi" }, maxConnections: 1000 },
    redis: { size: { cpu: 2, memory: "6Gi" }, eviction: "allkeys-lru" },
  },
  workloads: [
    {
      name: "backend",
      ports: [{ name: "http", containerPort: 8000 }],
      environment: {},
      secrets: {},
      resources: { requests: { cpu: "500m", memory: "512Mi" }, limits: { cpu: 1, memory: "1Gi" } },
      replicas: { min: 5, max: 20, cpuPercent: 70, memoryPercent: 80 },
      health: health(8000),
      needs: ["postgres", "redis"],
      exposure: { path: "/api", public: true },
    },
    {
      name: "frontend",
      ports: [{ name: "http", containerPort: 3000 }],
      environment: {},
      secrets: {},
      resources: { requests: { cpu: "250m", memory: "256Mi" }, limits: { cpu: "500m", memory: "512Mi" } },
      replicas: { min: 2, max: 15, cpuPercent: 70 },
      health: health(3000),
      needs: [],
      exposure: { path: "/", public: true },
    },
  ],
  cloud: { minReplicas: { primary: {}, failover: { backend: 3 } } },
  budget: { start: 3000, limit: 8000 },
};
