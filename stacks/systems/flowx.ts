import { resourcesOf } from "../../components/workload/sizes.ts";
import type { HealthCheck } from "../../components/workload/spec.ts";
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

/** The pool and the three cache layers of flowx. */
const tuning = {
  DATABASE_POOL_SIZE: "50",
  CACHE_MEMORY_MIB: "512",
  CACHE_MEMORY_ENTRIES: "10000",
  // in memory as /tmp is: counts against the container's limit
  CACHE_DISK_FOLDER: "/tmp/cache",
  CACHE_DISK_MIB: "64",
};

/** Agent orchestration: an API, workers that follow the load, and a dashboard. */
export const flowx: System = {
  name: "flowx",
  description: "Agent orchestration on one Docker Engine",
  budget: { start: 1200, limit: 2400 },
  tiers: {
    postgres: {
      database: "flowx",
      size: { cpu: 2, memory: "2Gi" },
      maxConnections: 200,
      parameters: {
        shared_buffers: "256MB",
        effective_cache_size: "1GB",
        work_mem: "4MB",
        maintenance_work_mem: "64MB",
      },
    },
    redis: {
      size: { cpu: 1, memory: "768Mi" },
      maxMemory: "512Mi",
      eviction: "allkeys-lru",
      save: "900 1",
      tcpKeepalive: 300,
    },
  },
  workloads: [
    {
      ...service(3000),
      name: "orchestrator",
      environment: tuning,
      resources: resourcesOf("medium"),
      replicas: 1,
      needs: ["postgres", "redis"],
      exposure: {
        path: "/api",
        hostPort: 3000,
        public: true,
        rateLimit: { requestsPerSecond: 50, burst: 100 },
        authentication: { kind: "jwt", roles: ["viewer", "operator"] },
      },
      networks: ["backend", "frontend"],
    },
    {
      ...service(8000),
      name: "worker",
      environment: tuning,
      resources: resourcesOf("medium"),
      replicas: { min: 1, max: 10, cpuPercent: 70, memoryPercent: 80, scaleDownPercent: 50, cooldown: 300 },
      needs: ["postgres", "redis"],
      networks: ["backend"],
    },
    {
      ...service(8080),
      name: "dashboard",
      environment: {},
      resources: resourcesOf("low"),
      replicas: 1,
      needs: [],
      exposure: { path: "/", hostPort: 8080, public: true },
      networks: ["frontend"],
    },
  ],
  docker: {
    networks: [
      { name: "backend", cidr: "10.210.1.0/24", mtu: 1500 },
      { name: "frontend", cidr: "10.210.2.0/24", mtu: 1500 },
      { name: "monitoring", cidr: "10.210.3.0/24", mtu: 1500 },
    ],
    joins: { postgres: ["backend"], redis: ["backend"], gateway: ["frontend"] },
    gateway: { cpu: 0.5, memory: "128Mi" },
    tlsPort: 8443,
    strictGateway: true,
    tierPorts: { postgres: 5432, redis: 6379 },
    backup: { everyHours: 6, keepCount: 28, keepDays: 7 },
    monitoring: { prometheusPort: 9090, alertmanagerPort: 9093, grafanaPort: 3333, kibanaPort: 5601 },
    laptop: {
      postgres: { replicas: 1, cpu: 0.25, memory: "768Mi" },
      redis: { replicas: 1, cpu: 0.25, memory: "768Mi" },
      orchestrator: { replicas: 1, cpu: 0.25, memory: "384Mi" },
      worker: { replicas: 1, cpu: 0.25, memory: "384Mi" },
      dashboard: { replicas: 1, cpu: 0.1, memory: "192Mi" },
      gateway: { replicas: 1, cpu: 0.1, memory: "64Mi" },
    },
  },
  cloud: { minReplicas: { primary: {}, failover: {} } },
};
