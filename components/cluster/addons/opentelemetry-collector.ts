import type { HelmAddon } from "./addon.ts";
import { isMonitored, resources, RESTRICTED_CONTAINER, RESTRICTED_POD } from "./context.ts";
import type { AddonContext } from "./context.ts";
import type {
  MonitorValues,
  PlacementValues,
  ResourceValues,
  SecurityValues,
  ServiceAccountValues,
} from "./common-values.ts";
import type { Statement } from "../iam.ts";
import { HTTPS, POD_IDENTITY } from "../tier-namespace.ts";
import { EVERY_POD, prometheusOn, measured, tcp } from "./network.ts";
import type { AddonNetwork } from "./network.ts";

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
  readonly serviceAccount: ServiceAccountValues;
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

/** Where workloads and proxies send traces by OTLP, over gRPC (4317) and HTTP (4318). */
export const COLLECTOR = {
  namespace: "observability",
  service: "opentelemetry-collector",
  /** Of its pods. https://github.com/open-telemetry/opentelemetry-helm-charts/blob/main/charts/opentelemetry-collector/templates/_helpers.tpl */
  labels: { "app.kubernetes.io/name": "opentelemetry-collector" },
} as const;

/** Exporters of vendors are in this image only, not in the one for Kubernetes. https://github.com/open-telemetry/opentelemetry-collector-releases/tree/main/distributions */
const WITH_VENDORS = { repository: "otel/opentelemetry-collector-contrib", command: "otelcol-contrib" };
const FOR_KUBERNETES = { repository: "otel/opentelemetry-collector-k8s", command: "otelcol-k8s" };

export const opentelemetryCollector: HelmAddon<OpenTelemetryCollectorValues> = {
  name: "opentelemetry-collector",
  why: "Takes the workloads' traces by OTLP, keeps one in ten and hands them on",
  needs: ["coredns"],
  after: ["prometheus-operator-crds"],
  namespace: COLLECTOR.namespace,
  identity: { serviceAccount: COLLECTOR.service, statements: xrayStatements },
  network: collectorNetwork,
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
    image: { repository: distribution(context).repository },
    command: { name: distribution(context).command },
    replicaCount: context.replicas,
    serviceAccount: { create: true, name: COLLECTOR.service },
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

/** Whoever has traces may hand them over; where they go on to is told, and mostly outside of the cluster. */
function collectorNetwork(context: AddonContext): AddonNetwork {
  const { tracesTo } = context.settings;
  const port = Number(tracesTo?.split(":").at(-1));
  return {
    flows: [
      ...measured(prometheusOn(context, 8888)),
      { name: "apis", pods: {}, egress: [HTTPS, POD_IDENTITY, ...(port > 0 ? [{ ...HTTPS, port }] : [])] },
    ],
    policies: {
      traces: { podSelector: {}, policyTypes: ["Ingress"], ingress: [{ from: [EVERY_POD], ports: tcp(4317, 4318) }] },
    },
  };
}

/** What of the traces is kept where nothing else is said. */
const SAMPLING_PERCENT = 10;

function distribution({ settings }: AddonContext): typeof WITH_VENDORS {
  return settings.tracesTo === "xray" ? WITH_VENDORS : FOR_KUBERNETES;
}

/** https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSXRayDaemonWriteAccess.html, what of it the exporter uses; X-Ray knows no resources. */
function xrayStatements({ settings }: AddonContext): readonly Statement[] {
  if (settings.tracesTo !== "xray") return [];
  return [
    {
      Sid: "SendTraces",
      Effect: "Allow",
      Action: ["xray:PutTraceSegments", "xray:PutTelemetryRecords"],
      Resource: "*",
    },
  ];
}

/** The one exporter of traces, by its name. */
function exporters({ settings, region }: AddonContext): Readonly<Record<string, object>> {
  const { tracesTo } = settings;
  if (tracesTo === undefined) return { debug: { verbosity: "basic" } };
  // https://github.com/open-telemetry/opentelemetry-collector-contrib/tree/main/exporter/awsxrayexporter
  if (tracesTo === "xray") return { awsxray: { region, indexed_attributes: ["otel.resource.service.namespace"] } };
  return { otlp: { endpoint: tracesTo, sending_queue: { enabled: true }, retry_on_failure: { enabled: true } } };
}

function collectorConfig(context: AddonContext): CollectorConfig {
  const to = exporters(context);
  // what is sent to X-Ray was sampled where the trace began, and is not sampled again
  const sampled = context.settings.tracesTo === "xray" ? [] : ["probabilistic_sampler"];
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
      ...(sampled.length > 0 && { probabilistic_sampler: { sampling_percentage: SAMPLING_PERCENT } }),
      batch: {},
    },
    exporters: to,
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
          processors: ["memory_limiter", ...sampled, "batch"],
          exporters: Object.keys(to),
        },
      },
    },
  };
}
