/**
 * Upstream images, each pinned to an exact tag and in one place, so that an upgrade is one line. Debian variants where
 * there is a choice: their users and shells are what the health checks and user ids below them rely on.
 */
export const IMAGES = {
  /** The minor version that Aurora PostgreSQL offers too, so that both targets run the same. https://hub.docker.com/_/postgres */
  postgres: "postgres:17.9-bookworm",
  /** https://github.com/prometheus-community/postgres_exporter/releases */
  postgresExporter: "quay.io/prometheuscommunity/postgres-exporter:v0.19.1",
  /**
   * PostgreSQL of the same minor version with Patroni and its etcd client. Spilo's maintainers no longer publish regular
   * images, and Percona's has Patroni for Kubernetes only, without the etcd client. The tag is one that is never moved.
   * https://github.com/pgEdge/postgres-images#image-tags
   */
  patroni: "ghcr.io/pgedge/pgedge-postgres:17.9-spock5.0.6-standard-2",
  /** https://github.com/etcd-io/etcd/releases/tag/v3.6.16 */
  etcd: "gcr.io/etcd-development/etcd:v3.6.16",
  /** Long-term support until 2030. https://hub.docker.com/_/haproxy */
  haproxy: "haproxy:3.2.25",
  /** CloudNativePG's own default. https://github.com/cloudnative-pg/pgbouncer-containers */
  pgbouncer: "ghcr.io/cloudnative-pg/pgbouncer:1.25.1",
  /** Valkey, the open fork of Redis: same protocol. https://hub.docker.com/r/valkey/valkey */
  valkey: "valkey/valkey:9.1.1-trixie",
  /** The Alpine variant has the wget of its health check. https://github.com/oliver006/redis_exporter/releases */
  redisExporter: "oliver006/redis_exporter:v1.89.0-alpine",
  /** With the management plug-in. https://hub.docker.com/_/rabbitmq */
  rabbitmq: "rabbitmq:4.3.5-management",
  /** Stable branch; `resolve` in upstreams needs 1.27.3 or newer. https://hub.docker.com/_/nginx */
  nginx: "nginx:1.30.5",
  /** Alpine, with the wget of its health check. https://github.com/grafana/grafana/releases */
  grafana: "grafana/grafana:13.2.0",
  /** The four of one release, as Elastic asks for. https://github.com/docker-library/official-images/pull/22196, https://www.elastic.co/support/matrix#matrix_compatibility */
  elasticsearch: "docker.elastic.co/elasticsearch/elasticsearch:9.5.3",
  logstash: "docker.elastic.co/logstash/logstash:9.5.3",
  kibana: "docker.elastic.co/kibana/kibana:9.5.3",
  filebeat: "docker.elastic.co/beats/filebeat:9.5.3",
  /** https://hub.docker.com/_/mongo */
  mongodb: "mongo:8.3.11-noble",
  /** https://github.com/percona/mongodb_exporter/releases */
  mongodbExporter: "percona/mongodb_exporter:0.54.0",
  /** Long-term support. https://github.com/prometheus/prometheus/releases/tag/v3.13.1 */
  prometheus: "prom/prometheus:v3.13.1",
  /** https://github.com/prometheus/alertmanager/releases/tag/v0.34.0 */
  alertmanager: "prom/alertmanager:v0.34.0",
  /** https://github.com/prometheus/node_exporter/releases/tag/v1.12.1 */
  nodeExporter: "prom/node-exporter:v1.12.1",
  /** Images before 0.53 were in another registry. https://github.com/google/cadvisor/releases */
  cadvisor: "ghcr.io/google/cadvisor:v0.60.5",
  /** An OpenTelemetry collector with a store; Alpine, with the wget of its health check. https://github.com/jaegertracing/jaeger/issues/9274 */
  jaeger: "jaegertracing/jaeger:2.21.0",
} as const;
