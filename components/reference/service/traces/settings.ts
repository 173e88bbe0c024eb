import { BadConfiguration, type Environment } from "../environment.ts";

/** https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/#general-sdk-configuration */
const SAMPLERS = [
  "always_on",
  "always_off",
  "traceidratio",
  "parentbased_always_on",
  "parentbased_always_off",
  "parentbased_traceidratio",
] as const;
export type SamplerName = (typeof SAMPLERS)[number];

const PROTOCOLS = ["http/protobuf", "http/json"] as const;

/** What OpenTelemetry's own variables say; where spans are sent, and with which headers, the exporter reads itself. */
export interface TracesConfiguration {
  readonly service: string;
  readonly system: string;
  readonly protocol: (typeof PROTOCOLS)[number];
  readonly sampler: SamplerName;
  /** Of the traces that begin here, from 0 to 1; the samplers by ratio go by it. */
  readonly ratio: number;
  /** Milliseconds that spans wait for others to be sent with. */
  readonly delay: number;
}

/** Absent unless there is somewhere to send spans to. */
export function readTraces(
  environment: Environment,
  { name, system }: { readonly name: string; readonly system: string },
): TracesConfiguration | undefined {
  const isOff = environment.flag("OTEL_SDK_DISABLED");
  const exporter = environment.choice("OTEL_TRACES_EXPORTER", ["otlp", "none"], "otlp");
  const endpoints = [
    environment.url("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"),
    environment.url("OTEL_EXPORTER_OTLP_ENDPOINT"),
  ];
  if (isOff || exporter === "none" || endpoints.every((endpoint) => endpoint === undefined)) return undefined;
  hideHeaders(environment);
  const common = environment.choice("OTEL_EXPORTER_OTLP_PROTOCOL", PROTOCOLS, "http/protobuf");
  return {
    service: environment.text("OTEL_SERVICE_NAME", name),
    system,
    protocol: environment.choice("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", PROTOCOLS, common),
    sampler: environment.choice("OTEL_TRACES_SAMPLER", SAMPLERS, "parentbased_always_on"),
    ratio: environment.number("OTEL_TRACES_SAMPLER_ARG", 1, 0, 1),
    delay: environment.whole("OTEL_BSP_SCHEDULE_DELAY", 5000, 1, 60_000),
  };
}

/** A collector's key is in them, so their values are in no log; the exporter takes them from these variables only. */
function hideHeaders(environment: Environment): void {
  for (const name of ["OTEL_EXPORTER_OTLP_HEADERS", "OTEL_EXPORTER_OTLP_TRACES_HEADERS"]) {
    for (const header of environment.list(name)) {
      const value = header.slice(header.indexOf("=") + 1).trim();
      if (!header.includes("=")) throw new BadConfiguration(`${name} is no list of name=value; write "name=value".`);
      if (value !== "") environment.secrets.push(value);
    }
  }
}
