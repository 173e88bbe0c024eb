import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { BadInput } from "@groundwork/lib/errors";
import type { Size } from "@groundwork/lib/quantity";
import { stringify } from "yaml";
import { IMAGES } from "../images.ts";
import { hardenedContainer, LOOPBACK } from "../workload/hardened.ts";
import { engineImage } from "../workload/image.ts";
import type { Connection, Endpoint } from "../workload/spec.ts";
import { DATA, HEALTH_PORT, METRICS_PORT, OTLP_HTTP_PORT, QUERY_PORT, tracesSettings } from "./traces-settings.ts";

export interface DockerTracesArgs {
  /** The system that it belongs to, for labels. */
  readonly system: string;
  readonly size: Size;
  /** Networks on which services and Grafana find it. */
  readonly networks: readonly docker.Network[];
  /** Hours that a trace can be looked at. Default 72, as Jaeger's own. */
  readonly retentionHours?: number;
  /** Port of the Docker host for Jaeger's own pages. They ask for no password, so default none: Grafana shows traces too. */
  readonly hostPort?: number;
  /** Whether its data volume refuses deletion. */
  readonly protect: boolean;
}

/** https://github.com/jaegertracing/jaeger/blob/main/cmd/jaeger/Dockerfile */
const USER = "10001:10001";
const SETTINGS = "/etc/jaeger.yaml";
const DEFAULT_RETENTION_HOURS = 72;

/**
 * An OpenTelemetry collector and a store for traces on one Docker Engine. Jaeger 2 is a distribution of the collector
 * that also keeps and answers (https://www.jaegertracing.io/docs/2.21/architecture/), so one process does what a
 * collector and a store would do with two.
 */
export class DockerTraces extends pulumi.ComponentResource {
  /** Where services send spans: OTLP over HTTP. */
  readonly otlp: Endpoint;
  /** Where Grafana asks. */
  readonly query: Endpoint;
  /** Of the collector itself, for Prometheus. */
  readonly metrics: Endpoint;

  constructor(name: string, args: DockerTracesArgs, opts?: pulumi.ComponentResourceOptions) {
    super("groundwork:monitoring:DockerTraces", name, {}, opts);
    const { retentionHours = DEFAULT_RETENTION_HOURS, hostPort } = args;
    check(retentionHours, hostPort);
    const image = engineImage(`${name}-image`, IMAGES.jaeger, { parent: this });
    const data = new docker.Volume(`${name}-data`, { name: `${name}-data` }, { parent: this, protect: args.protect });
    const at = (port: number): Endpoint => ({ host: pulumi.output(name), port });
    this.otlp = at(OTLP_HTTP_PORT);
    this.query = at(QUERY_PORT);
    this.metrics = at(METRICS_PORT);
    hardenedContainer(
      `${name}-container`,
      {
        host: name,
        system: args.system,
        part: "traces",
        image: image.imageId,
        user: USER,
        command: ["--config", SETTINGS],
        environment: {},
        limits: args.size,
        networks: args.networks,
        ports: hostPort === undefined ? [] : [{ internal: QUERY_PORT, external: hostPort, ip: LOOPBACK }],
        check: {
          test: ["CMD", "wget", "-q", "-O", "/dev/null", `http://127.0.0.1:${HEALTH_PORT}/status`],
          interval: 30,
          timeout: 5,
          retries: 3,
          startPeriod: 30,
        },
        configuration: { [SETTINGS]: stringify(tracesSettings({ retentionHours })) },
        volumes: { [DATA]: data },
        stopTimeout: 30,
      },
      { parent: this },
    );
    this.registerOutputs({});
  }
}

/** What is traced, and how much of it. */
export interface TracedService {
  readonly system: string;
  /** Name of the workload, under which its spans are found. */
  readonly service: string;
  /** Share of the traces that begin here, from 0 to 1; those that come in sampled are always kept. Default 1. */
  readonly share?: number;
}

/** OpenTelemetry's own variable names, so that any SDK understands them. https://opentelemetry.io/docs/specs/otel/protocol/exporter/ */
export function tracesConnection(
  { otlp }: Pick<DockerTraces, "otlp">,
  { system, service, share = 1 }: TracedService,
): Connection {
  return {
    environment: {
      OTEL_EXPORTER_OTLP_ENDPOINT: pulumi.interpolate`http://${otlp.host}:${otlp.port}`,
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/protobuf",
      OTEL_SERVICE_NAME: service,
      OTEL_RESOURCE_ATTRIBUTES: `service.namespace=${system}`,
      OTEL_TRACES_SAMPLER: "parentbased_traceidratio",
      OTEL_TRACES_SAMPLER_ARG: String(share),
    },
    secrets: {},
  };
}

function check(retentionHours: number, hostPort: number | undefined): void {
  if (!Number.isInteger(retentionHours) || retentionHours < 1) {
    throw new BadInput(`traces: retentionHours is ${retentionHours}; write whole hours from 1.`);
  }
  if (hostPort !== undefined && (!Number.isInteger(hostPort) || hostPort < 1 || hostPort > 65_535)) {
    throw new BadInput(`traces: hostPort is ${hostPort}; write a port from 1 to 65535.`);
  }
}
