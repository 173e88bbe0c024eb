import type { HealthCheck, Resources } from "../../components/workload/spec.ts";
import type { Size } from "@groundwork/lib/quantity";
import type { System } from "./system.ts";

const PORT = 8000;
const health: HealthCheck = {
  path: "/health",
  readiness: "/ready",
  port: PORT,
  interval: 30,
  timeout: 5,
  retries: 3,
  startPeriod: 20,
};
const exactly = (size: Size): Resources => ({ requests: size, limits: size });
const service = { ports: [{ name: "http", containerPort: PORT }], secrets: {}, health };

/** Connections that a replica keeps to PostgreSQL; a test holds their sum below `maxConnections`. */
const pool = (size: number) => ({ DATABASE_POOL_SIZE: String(size), DATABASE_POOL_TIMEOUT_SECONDS: "30" });

/** A data pipeline that brings 1,600 tracks an hour to 20,000: scrapers fill a queue, transformers empty it into the database. */
export const tracks: System = {
  name: "tracks",
  description: "Data pipeline, 20,000 tracks an hour",
  budget: { start: 1500, limit: 3000 },
  tiers: {
    postgres: { database: "tracks", size: { cpu: 4, memory: "6Gi" }, maxConnections: 200 },
    redis: { size: { cpu: 2, memory: "2Gi" }, maxClients: 10_000, tcpKeepalive: 60 },
    rabbitmq: { size: { cpu: 2, memory: "2Gi" }, vhost: "tracks", managementHostPort: 15673 },
  },
  workloads: [
    {
      ...service,
      name: "scraper",
      environment: { SERVICE_ROLE: "source", CONCURRENT_REQUESTS: "12", DOWNLOAD_DELAY_SECONDS: "0.8" },
      resources: exactly({ cpu: 1.5, memory: "1.5Gi" }),
      replicas: 4,
      needs: ["redis", "rabbitmq"],
      networks: ["backend"],
    },
    {
      ...service,
      name: "data-transformer",
      environment: { SERVICE_ROLE: "worker", ...pool(10) },
      resources: exactly({ cpu: 2, memory: "2Gi" }),
      replicas: 4,
      needs: ["postgres", "redis", "rabbitmq"],
      networks: ["backend"],
    },
    {
      ...service,
      name: "rest-api",
      environment: { SERVICE_ROLE: "api", ...pool(30) },
      resources: exactly({ cpu: 1.5, memory: "1.5Gi" }),
      replicas: 3,
      needs: ["postgres", "redis"],
      exposure: { path: "/", hostPort: 8080, public: true },
      networks: ["backend", "frontend"],
    },
  ],
  // before and after: the rules warn below what the pipeline is built for, and cry below what it did before
  pipeline: { source: "scraper", itemsPerHour: 20_000, leastPerHour: 1600, queueDepth: 10_000 },
  docker: {
    networks: [
      { name: "backend", cidr: "172.28.0.0/16", mtu: 1500 },
      { name: "frontend", cidr: "172.29.0.0/16", mtu: 1500 },
      { name: "monitoring", cidr: "172.30.0.0/16", mtu: 1500 },
    ],
    joins: { postgres: ["backend"], redis: ["backend"], rabbitmq: ["backend"], gateway: ["frontend"] },
    gateway: { cpu: 0.5, memory: "128Mi" },
    tlsPort: 8444,
    backup: { everyHours: 24, keepCount: 7, keepDays: 7 },
    monitoring: { prometheusPort: 9091, alertmanagerPort: 9094, grafanaPort: 3001 },
    laptop: {
      postgres: { replicas: 1, cpu: 1, memory: "1Gi" },
      redis: { replicas: 1, cpu: 0.25, memory: "256Mi" },
      rabbitmq: { replicas: 1, cpu: 0.5, memory: "768Mi" },
      scraper: { replicas: 2, cpu: 0.25, memory: "256Mi" },
      "data-transformer": { replicas: 2, cpu: 0.25, memory: "256Mi" },
      "rest-api": { replicas: 2, cpu: 0.25, memory: "256Mi" },
      gateway: { replicas: 1, cpu: 0.1, memory: "64Mi" },
    },
  },
  cloud: {
    minReplicas: { primary: {}, failover: {} },
    // the queue grows before the CPU does; a replica empties 1,000 messages in seconds
    queues: { "data-transformer": { queue: "items", messagesPerReplica: 1000, max: 8 } },
    releases: { "rest-api": { kind: "blueGreen", keepSeconds: 600, maxErrorRatio: 0.05 } },
  },
};
