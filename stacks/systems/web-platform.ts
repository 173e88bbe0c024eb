import { resourcesOf } from "../../components/workload/sizes.ts";
import type { Exposure, HealthCheck } from "../../components/workload/spec.ts";
import type { System } from "./system.ts";

const health = (port: number): HealthCheck => ({
  path: "/health",
  readiness: "/ready",
  port,
  interval: 15,
  timeout: 5,
  retries: 3,
  startPeriod: 20,
});

const service = (port: number) => ({
  ports: [{ name: "http", containerPort: port }],
  secrets: {},
  health: health(port),
});

const exposed = (path: string, hostPort: number): Exposure => ({
  path,
  hostPort,
  public: true,
  rateLimit: { requestsPerSecond: 100, burst: 200 },
});

/** Where events go: Google Analytics 4 and the tracking pixel. https://developers.google.com/analytics/devguides/collection/protocol/ga4/reference */
const ANALYTICS_HOSTS = ["www.google-analytics.com", "region1.google-analytics.com", "www.facebook.com"];

/** FastAPI, a legacy Flask API and analytics; in the cloud behind Cloudflare, Kong and Istio, here at development size. */
export const webPlatform: System = {
  name: "web-platform",
  description: "FastAPI, Flask and analytics",
  // systems.md's worked example: where it comes from, and what it comes to when it is optimised
  budget: { start: 1650, limit: 2800 },
  tiers: {
    postgres: { database: "webplatform", size: { cpu: 2, memory: "4Gi" } },
    redis: { size: { cpu: 1, memory: "1Gi" }, eviction: "allkeys-lru" },
  },
  workloads: [
    {
      ...service(8001),
      name: "fastapi",
      environment: { DATABASE_POOL_SIZE: "20" },
      resources: resourcesOf("medium"),
      replicas: 2,
      needs: ["postgres", "redis"],
      calls: ["flask", "analytics"],
      exposure: { ...exposed("/", 8001), authentication: { kind: "jwt", roles: ["user", "admin"] } },
      networks: ["backend", "frontend"],
    },
    {
      ...service(5000),
      name: "flask",
      environment: { DATABASE_POOL_SIZE: "10" },
      resources: resourcesOf("low"),
      replicas: 2,
      needs: ["postgres"],
      calls: ["analytics"],
      exposure: exposed("/legacy", 5000),
      networks: ["backend", "frontend"],
    },
    {
      ...service(8000),
      name: "analytics",
      environment: {},
      resources: resourcesOf("low"),
      replicas: 1,
      needs: ["redis"],
      internetHosts: ANALYTICS_HOSTS,
      networks: ["backend"],
    },
  ],
  docker: {
    networks: [
      { name: "backend", cidr: "10.210.21.0/24", mtu: 1500 },
      { name: "frontend", cidr: "10.210.22.0/24", mtu: 1500 },
    ],
    joins: { postgres: ["backend"], redis: ["backend"], gateway: ["frontend"] },
    gateway: { cpu: 0.5, memory: "128Mi" },
    tlsPort: 8447,
    strictGateway: true,
    backup: { everyHours: 24, keepCount: 7, keepDays: 7 },
    laptop: {
      postgres: { replicas: 1, cpu: 0.25, memory: "512Mi" },
      redis: { replicas: 1, cpu: 0.1, memory: "128Mi" },
      fastapi: { replicas: 1, cpu: 0.25, memory: "256Mi" },
      flask: { replicas: 1, cpu: 0.1, memory: "192Mi" },
      analytics: { replicas: 1, cpu: 0.1, memory: "192Mi" },
      gateway: { replicas: 1, cpu: 0.1, memory: "64Mi" },
    },
  },
  cloud: { minReplicas: { primary: {}, failover: {} }, kong: true, mesh: true },
};
