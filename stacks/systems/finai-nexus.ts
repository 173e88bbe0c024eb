import type { HealthCheck } from "../../components/workload/spec.ts";
import type { System } from "./system.ts";

const health = (port: number): HealthCheck => ({
  path: "/health",
  readiness: "/ready",
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
      exposure: { path: "/api", hostPort: 8083, public: true },
      networks: ["backend", "frontend"],
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
      exposure: { path: "/", hostPort: 8083, public: true },
      networks: ["frontend"],
    },
  ],
  docker: {
    networks: [
      { name: "backend", cidr: "10.210.31.0/24", mtu: 1500 },
      { name: "frontend", cidr: "10.210.32.0/24", mtu: 1500 },
    ],
    joins: { postgres: ["backend"], redis: ["backend"], mongodb: ["backend"], gateway: ["frontend"] },
    gateway: { cpu: 0.5, memory: "128Mi" },
    tlsPort: 8446,
    strictGateway: true,
    backup: { everyHours: 24, keepCount: 7, keepDays: 7 },
    // at development size: one server each, where the cloud has clusters
    tiers: { mongodb: { database: "finai", size: { cpu: 1, memory: "2Gi" } } },
    needs: { backend: ["mongodb"] },
    laptop: {
      postgres: { replicas: 1, cpu: 0.25, memory: "512Mi" },
      redis: { replicas: 1, cpu: 0.1, memory: "256Mi" },
      mongodb: { replicas: 1, cpu: 0.25, memory: "512Mi" },
      backend: { replicas: 1, cpu: 0.25, memory: "256Mi" },
      frontend: { replicas: 1, cpu: 0.1, memory: "192Mi" },
      gateway: { replicas: 1, cpu: 0.1, memory: "64Mi" },
    },
  },
  cloud: {
    minReplicas: { primary: {}, failover: { backend: 3 } },
    tiers: { mongodb: { database: "finai", size: { cpu: 1, memory: "4Gi" } } },
    needs: { backend: ["mongodb"] },
  },
  budget: { start: 3000, limit: 8000 },
};
