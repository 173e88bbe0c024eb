import assert from "node:assert/strict";
import * as docker from "@pulumi/docker";
import type * as pulumi from "@pulumi/pulumi";
import { Ajv } from "ajv";
import { parse, stringify } from "yaml";
import type { DockerTracesArgs } from "../../../components/monitoring/traces.ts";
import { DockerTraces, tracesConnection } from "../../../components/monitoring/traces.ts";
import { tracesSettings } from "../../../components/monitoring/traces-settings.ts";
import { assertBadInput } from "../../helpers/bad-input.ts";
import { registered } from "../../helpers/mocks.ts";

const endpoint = { type: "string", pattern: "^[0-9.]+:\\d+$" };
const only = (properties: Record<string, unknown>, required: string[] = []) => ({
  type: "object",
  additionalProperties: false,
  properties,
  required,
});

/**
 * The fields that the collector's and Jaeger's documentation name, and no other: neither program is on this
 * machine. https://opentelemetry.io/docs/collector/configuration/, https://www.jaegertracing.io/docs/2.21/deployment/configuration/
 */
const SCHEMA = only(
  {
    receivers: only({ otlp: only({ protocols: only({ grpc: only({ endpoint }), http: only({ endpoint }) }) }) }),
    processors: only({
      memory_limiter: only(
        {
          check_interval: { type: "string", pattern: "^\\d+s$" },
          limit_percentage: { type: "integer", minimum: 1, maximum: 100 },
          spike_limit_percentage: { type: "integer", minimum: 1, maximum: 100 },
        },
        ["check_interval", "limit_percentage"],
      ),
      batch: only({}),
    }),
    exporters: only({ jaeger_storage_exporter: only({ trace_storage: { type: "string" } }, ["trace_storage"]) }),
    extensions: only({
      jaeger_storage: only({
        backends: {
          type: "object",
          additionalProperties: only({
            badger: only({
              ephemeral: { type: "boolean" },
              directories: only({ keys: { type: "string" }, values: { type: "string" } }),
              ttl: only({ spans: { type: "string", pattern: "^\\d+h$" } }),
            }),
          }),
        },
      }),
      jaeger_query: only({ storage: only({ traces: { type: "string" } }), http: only({ endpoint }) }),
      healthcheckv2: only({ use_v2: { const: true }, http: only({ endpoint }) }),
    }),
    service: only({
      extensions: { type: "array", items: { type: "string" } },
      pipelines: only({ traces: { type: "object", required: ["receivers", "processors", "exporters"] } }),
      telemetry: { type: "object" },
    }),
  },
  ["receivers", "processors", "exporters", "extensions", "service"],
);

interface Settings {
  receivers: object;
  processors: object;
  exporters: { jaeger_storage_exporter: { trace_storage: string } };
  extensions: {
    jaeger_query: { storage: { traces: string } };
    jaeger_storage: { backends: Record<string, { badger: { ttl: { spans: string } } }> };
  };
  service: {
    extensions: string[];
    pipelines: { traces: { receivers: string[]; processors: string[]; exporters: string[] } };
  };
}

const settings = (retentionHours = 72) => parse(stringify(tracesSettings({ retentionHours }))) as Settings;

async function deployed(more: Partial<DockerTracesArgs> = {}) {
  let traces: DockerTraces | undefined;
  let endpointSetting: unknown;
  const resources = await registered(
    () => {
      traces = new DockerTraces("tracks-traces", {
        system: "tracks",
        size: { cpu: 0.5, memory: "512Mi" },
        networks: [new docker.Network("monitoring", { name: "monitoring" })],
        protect: false,
        ...more,
      });
      const service = { system: "tracks", service: "rest-api" };
      const setting = tracesConnection(traces, service).environment[
        "OTEL_EXPORTER_OTLP_ENDPOINT"
      ] as pulumi.Output<string>;
      setting.apply((value) => (endpointSetting = value));
    },
    {
      "docker:index/network:Network": () => ({}),
      "docker:index/volume:Volume": () => ({}),
      "docker:index/remoteImage:RemoteImage": () => ({ imageId: "sha256:0" }),
      "docker:index/container:Container": () => ({}),
    },
  );
  const container = resources.find(({ type }) => type === "docker:index/container:Container");
  assert.ok(container !== undefined && traces !== undefined);
  return { inputs: container.inputs, endpointSetting };
}

describe("the collector's settings", () => {
  it("have documented fields only", () => {
    const valid = new Ajv({ allErrors: true, strict: false }).compile(SCHEMA);
    assert.ok(valid(settings()), JSON.stringify(valid.errors));
  });

  it("name in the pipeline and among the extensions what is defined, and one store for writing and reading", () => {
    const { receivers, processors, exporters, extensions, service } = settings();
    const { traces } = service.pipelines;
    assert.deepEqual(traces.receivers, Object.keys(receivers));
    assert.deepEqual(traces.processors, Object.keys(processors));
    assert.deepEqual(traces.exporters, Object.keys(exporters));
    assert.deepEqual(service.extensions.toSorted(), Object.keys(extensions).toSorted());
    const store = exporters.jaeger_storage_exporter.trace_storage;
    assert.equal(extensions.jaeger_query.storage.traces, store);
    assert.ok(store in extensions.jaeger_storage.backends);
  });

  it("limit memory before anything else is done with a span", () => {
    assert.equal(settings().service.pipelines.traces.processors[0], "memory_limiter");
  });

  it("keep traces for the hours that were asked for", () => {
    assert.equal(settings(24).extensions.jaeger_storage.backends["badger"]?.badger.ttl.spans, "24h");
  });
});

describe("traces on one Docker Engine", () => {
  it("are taken over OTLP and shown by Grafana: no port is published unless it is asked for", async () => {
    const { inputs, endpointSetting } = await deployed();
    assert.equal(endpointSetting, "http://tracks-traces:4318");
    assert.deepEqual(inputs["ports"], []);
    assert.equal(inputs["user"], "10001:10001");
    const open = await deployed({ hostPort: 16686 });
    assert.deepEqual(open.inputs["ports"], [{ internal: 16686, external: 16686, ip: "127.0.0.1" }]);
  });

  it("refuse no retention and a port that does not exist", async () => {
    await assertBadInput(() => deployed({ retentionHours: 0.5 }), "retentionHours", "0.5");
    await assertBadInput(() => deployed({ hostPort: 99_999 }), "hostPort", "99999");
  });
});
