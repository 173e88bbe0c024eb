/**
 * Upstream images, each pinned to an exact tag and in one place, so that an upgrade is one line. Debian variants where
 * there is a choice: their users and shells are what the health checks and user ids below them rely on.
 */
export const IMAGES = {
  /** The minor version that Aurora PostgreSQL offers too, so that both targets run the same. https://hub.docker.com/_/postgres */
  postgres: "postgres:17.9-bookworm",
  /** Valkey, the open fork of Redis: same protocol. https://hub.docker.com/r/valkey/valkey */
  valkey: "valkey/valkey:9.1.1-trixie",
  /** The Alpine variant has the wget of its health check. https://github.com/oliver006/redis_exporter/releases */
  redisExporter: "oliver006/redis_exporter:v1.89.0-alpine",
  /** With the management plug-in. https://hub.docker.com/_/rabbitmq */
  rabbitmq: "rabbitmq:4.3.5-management",
  /** Stable branch; `resolve` in upstreams needs 1.27.3 or newer. https://hub.docker.com/_/nginx */
  nginx: "nginx:1.30.5",
} as const;
