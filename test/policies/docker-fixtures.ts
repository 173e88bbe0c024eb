import type { Fake } from "./harness.ts";

/** A container that follows every policy. */
export const dockerContainer: Fake = {
  type: "docker:index/container:Container",
  name: "api",
  props: {
    name: "shop-api",
    image: "registry.example.com/shop/api:1.4.2",
    user: "1000:1000",
    capabilities: { drops: ["ALL"] },
    securityOpts: ["no-new-privileges:true"],
    readOnly: true,
    envs: ["PORT=8080", "PGPASSWORD_FILE=/run/secrets/pgpassword"],
    labels: [{ label: "team", value: "shop" }],
    command: ["serve", "--level=info"],
    networksAdvanced: [{ name: "shop" }],
    ports: [{ internal: 8080, external: 8080, ip: "127.0.0.1" }],
    volumes: [{ containerPath: "/data", volumeName: "data" }],
    mounts: [{ type: "bind", source: "/srv/shop", target: "/srv" }],
    devices: [],
    memory: 512,
    memorySwap: 512,
    restart: "unless-stopped",
    healthcheck: { tests: ["CMD", "wget", "-q", "http://127.0.0.1:8080/health"], interval: "30s" },
    destroyGraceSeconds: 30,
    logDriver: "json-file",
    logOpts: { "max-size": "10m", "max-file": "3" },
  },
};

/** A Swarm service that follows every policy. */
export const dockerService: Fake = {
  type: "docker:index/service:Service",
  name: "chat",
  props: {
    name: "chat",
    labels: [],
    mode: { replicated: { replicas: 2 } },
    updateConfig: { failureAction: "rollback", parallelism: 1, monitor: "30s" },
    rollbackConfig: { parallelism: 1, failureAction: "pause" },
    taskSpec: {
      containerSpec: {
        image: "registry.example.com/shop/chat:2.0.1",
        user: "1000:1000",
        capDrops: ["ALL"],
        readOnly: true,
        env: { PORT: "8000", REDIS_PASSWORD_FILE: "/run/secrets/redis_password" },
        args: [],
        healthcheck: { tests: ["CMD", "true"] },
        stopGracePeriod: "30s",
        mounts: [{ type: "tmpfs", target: "/tmp" }],
        privileges: { seLinuxContext: {} },
      },
      networksAdvanceds: [{ name: "shop" }],
      logDriver: { name: "json-file", options: { "max-size": "10m" } },
      restartPolicy: { condition: "any" },
    },
  },
};
