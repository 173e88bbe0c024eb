/** Ports of OTLP. https://opentelemetry.io/docs/specs/otlp/#otlpgrpc-default-port */
export const OTLP_GRPC_PORT = 4317;
export const OTLP_HTTP_PORT = 4318;
export const QUERY_PORT = 16686;
export const HEALTH_PORT = 13133;
export const METRICS_PORT = 8888;

/** The volume is mounted at the one folder of the image that anybody may write: a new volume takes its rights from there. */
export const DATA = "/tmp";

export interface TracesSettings {
  /** Hours that a trace can be looked at. */
  readonly retentionHours: number;
}

const STORE = "badger";

/**
 * Configuration of an OpenTelemetry collector in Jaeger's distribution, which has the store in the same process.
 * https://opentelemetry.io/docs/collector/configuration/, https://www.jaegertracing.io/docs/2.21/deployment/configuration/;
 * Badger's fields: https://github.com/jaegertracing/jaeger/blob/main/internal/storage/v1/badger/config.go
 */
export function tracesSettings({ retentionHours }: TracesSettings): Record<string, unknown> {
  return {
    receivers: {
      otlp: {
        protocols: {
          grpc: { endpoint: `0.0.0.0:${OTLP_GRPC_PORT}` },
          http: { endpoint: `0.0.0.0:${OTLP_HTTP_PORT}` },
        },
      },
    },
    processors: {
      // first of all, so that a flood of spans is refused before it ends the process
      memory_limiter: { check_interval: "1s", limit_percentage: 75, spike_limit_percentage: 20 },
      batch: {},
    },
    exporters: { jaeger_storage_exporter: { trace_storage: STORE } },
    extensions: {
      jaeger_storage: {
        backends: {
          [STORE]: {
            badger: {
              ephemeral: false,
              directories: { keys: `${DATA}/badger/keys`, values: `${DATA}/badger/values` },
              ttl: { spans: `${retentionHours}h` },
            },
          },
        },
      },
      jaeger_query: { storage: { traces: STORE }, http: { endpoint: `0.0.0.0:${QUERY_PORT}` } },
      healthcheckv2: { use_v2: true, http: { endpoint: `127.0.0.1:${HEALTH_PORT}` } },
    },
    service: {
      extensions: ["jaeger_storage", "jaeger_query", "healthcheckv2"],
      pipelines: {
        traces: {
          receivers: ["otlp"],
          processors: ["memory_limiter", "batch"],
          exporters: ["jaeger_storage_exporter"],
        },
      },
      telemetry: {
        resource: { "service.name": "jaeger" },
        logs: { level: "warn", encoding: "json" },
        metrics: {
          level: "normal",
          readers: [{ pull: { exporter: { prometheus: { host: "0.0.0.0", port: METRICS_PORT } } } }],
        },
      },
    },
  };
}
