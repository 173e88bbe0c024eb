import type { HelmAddon } from "./addon.ts";
import { isMonitored, resources, RESTRICTED_CONTAINER, RESTRICTED_POD } from "./context.ts";
import type { AddonContext } from "./context.ts";
import type { MonitorValues, PlacementValues, ResourceValues, SecurityValues } from "./common-values.ts";

interface Pipeline {
  readonly receivers: readonly string[];
  readonly processors: readonly string[];
  readonly exporters: readonly string[];
}

/** https://github.com/open-telemetry/opentelemetry-helm-charts/blob/opentelemetry-collector-0.158.3/charts/opentelemetry-collector/values.yaml */
export interface OpenTelemetryCollectorValues extends PlacementValues {
  readonly mode: "deployment";
  readonly image: { readonly repository: string };
  readonly command: { readonly name: string };
  readonly replicaCount: number;
  /** In place of the chart's own configuration, which also listens for Jaeger, Zipkin and Prometheus. */
  readonly alternateConfig: CollectorConfig;
  readonly ports: Readonly<
    Record<
      string,
      {
        readonly enabled: boolean;
        readonly containerPort?: number;
        readonly servicePort?: number;
        readonly protocol?: "TCP";
      }
    >
  >;
  /** The garbage collector is told of the memory limit. */
  readonly useGOMEMLIMIT: boolean;
  readonly resources: ResourceValues;
  readonly podSecurityContext: SecurityValues;
  readonly securityContext: SecurityValues;
  readonly podDisruptionBudget: { readonly enabled: boolean; readonly minAvailable: number };
  readonly serviceMonitor: MonitorValues & { readonly metricsEndpoints?: readonly { readonly port: string }[] };
}

/** https://opentelemetry.io/docs/collector/configuration/ */
export interface CollectorConfig {
  readonly extensions: object;
  readonly receivers: object;
  readonly processors: object;
  readonly exporters: object;
  readonly service: {
    readonly extensions: readonly string[];
    readonly telemetry: object;
    readonly pipelines: Readonly<Record<string, Pipeline>>;
  };
}

/** Where workloads send traces: OTLP over gRPC. */
export const OTLP_ENDPOINT = "http://opentelemetry-collector.observability.svc:4317";

export const opentelemetryCollector: HelmAddon<OpenTelemetryCollectorValues> = {
  name: "opentelemetry-collector",
  why: "Takes the workloads' traces by OTLP, keeps one in ten and hands them on",
  needs: ["coredns"],
  after: ["prometheus-operator-crds"],
  namespace: "observability",
  release: {
    chart: "opentelemetry-collector",
    repository: "https://open-telemetry.github.io/opentelemetry-helm-charts",
    version: "0.158.3",
    source:
      "https://github.com/open-telemetry/opentelemetry-helm-charts/blob/0028bf0397c68a8196cf4e097a7b35f9fe768053/charts/opentelemetry-collector/Chart.yaml",
  },
  values: (context) => ({
    ...context.placement,
    mode: "deployment",
    // The chart takes no default for it. https://github.com/open-telemetry/opentelemetry-helm-charts/blob/main/charts/opentelemetry-collector/UPGRADING.md
    image: { repository: "otel/opentelemetry-collector-k8s" },
    command: { name: "otelcol-k8s" },
    replicaCount: context.replicas,
    alternateConfig: collectorConfig(context),
    ports: {
      "jaeger-compact": { enabled: false },
      "jaeger-thrift": { enabled: false },
      "jaeger-grpc": { enabled: false },
      zipkin: { enabled: false },
      metrics: { enabled: true, containerPort: 8888, servicePort: 8888, protocol: "TCP" },
    },
    useGOMEMLIMIT: true,
    resources: resources("100m", "256Mi", { cpu: "1", memory: "512Mi" }),
    podSecurityContext: RESTRICTED_POD,
    securityContext: { ...RESTRICTED_CONTAINER, runAsUser: 10_001 },
    podDisruptionBudget: { enabled: context.replicas > 1, minAvailable: 1 },
    serviceMonitor: {
      enabled: isMonitored(context),
      ...(isMonitored(context) ? { metricsEndpoints: [{ port: "metrics" }] } : {}),
    },
  }),
};

/** What of the traces is kept where nothing else is said. */
const SAMPLING_PERCENT = 10;

function collectorConfig({ settings }: AddonContext): CollectorConfig {
  const exporter = settings.tracesTo === undefined ? "debug" : "otlp";
  return {
    extensions: { health_check: { endpoint: "${env:MY_POD_IP}:13133" } },
    receivers: {
      otlp: {
        protocols: {
          grpc: { endpoint: "${env:MY_POD_IP}:4317" },
          http: { endpoint: "${env:MY_POD_IP}:4318" },
        },
      },
    },
    processors: {
      memory_limiter: { check_interval: "5s", limit_percentage: 80, spike_limit_percentage: 25 },
      probabilistic_sampler: { sampling_percentage: SAMPLING_PERCENT },
      batch: {},
    },
    exporters:
      settings.tracesTo === undefined
        ? { debug: { verbosity: "basic" } }
        : {
            otlp: {
              endpoint: settings.tracesTo,
              sending_queue: { enabled: true },
              retry_on_failure: { enabled: true },
            },
          },
    service: {
      extensions: ["health_check"],
      telemetry: {
        metrics: {
          readers: [{ pull: { exporter: { prometheus: { host: "${env:MY_POD_IP}", port: 8888 } } } }],
        },
      },
      pipelines: {
        traces: {
          receivers: ["otlp"],
          processors: ["memory_limiter", "probabilistic_sampler", "batch"],
          exporters: [exporter],
        },
      },
    },
  };
}
