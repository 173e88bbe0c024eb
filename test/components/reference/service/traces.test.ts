import assert from "node:assert/strict";
import { readConfiguration } from "../../../../components/reference/service/configuration.ts";
import { BadConfiguration } from "../../../../components/reference/service/environment.ts";
import { samplerOf } from "../../../../components/reference/service/traces/sdk.ts";

const ENDPOINT = { OTEL_EXPORTER_OTLP_ENDPOINT: "http://collector:4318" };
const traces = (variables: Readonly<Record<string, string>>) => readConfiguration(variables).traces;

describe("the traces of the reference service, by OpenTelemetry's variables", () => {
  it("are off unless there is somewhere to send them", () => {
    assert.equal(traces({ OTEL_SERVICE_NAME: "api", OTEL_TRACES_SAMPLER: "always_on" }), undefined);
    assert.equal(traces({ ...ENDPOINT, OTEL_SDK_DISABLED: "true" }), undefined);
    assert.equal(traces({ ...ENDPOINT, OTEL_TRACES_EXPORTER: "none" }), undefined);
    assert.ok(traces({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "http://collector:4318/v1/traces" }));
  });

  it("have the standard's defaults and the service's own name", () => {
    assert.deepEqual(traces({ ...ENDPOINT, SERVICE_SYSTEM: "tracks", SERVICE_NAME: "rest-api" }), {
      service: "rest-api",
      system: "tracks",
      protocol: "http/protobuf",
      sampler: "parentbased_always_on",
      ratio: 1,
      delay: 5000,
    });
    const named = traces({
      ...ENDPOINT,
      OTEL_SERVICE_NAME: "scraper",
      OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: "http/json",
    });
    assert.deepEqual([named?.service, named?.protocol], ["scraper", "http/json"]);
  });

  for (const [name, value] of Object.entries({
    OTEL_EXPORTER_OTLP_ENDPOINT: "collector:4318",
    OTEL_EXPORTER_OTLP_PROTOCOL: "grpc",
    OTEL_TRACES_SAMPLER: "sometimes",
    OTEL_TRACES_SAMPLER_ARG: "10",
    OTEL_SDK_DISABLED: "yes",
  }))
    it(`refuse ${name}=${value} in one sentence that names it`, () => {
      assert.throws(
        () => traces({ ...ENDPOINT, [name]: value }),
        (error: unknown) => error instanceof BadConfiguration && error.message.startsWith(`${name} is `),
      );
    });

  it("keep the collector's key out of logs", () => {
    const { environment } = readConfiguration({
      ...ENDPOINT,
      OTEL_EXPORTER_OTLP_HEADERS: "authorization=canary-key,x=1",
    });
    assert.deepEqual(environment.secrets, ["canary-key", "1"]);
    assert.throws(() => traces({ ...ENDPOINT, OTEL_EXPORTER_OTLP_HEADERS: "canary-key" }), BadConfiguration);
  });

  it("are sampled as the variable names it", () => {
    const described = (sampler: Parameters<typeof samplerOf>[0]["sampler"]) =>
      samplerOf({ sampler, ratio: 0.25 }).toString();
    assert.equal(described("always_on"), "AlwaysOnSampler");
    assert.equal(described("always_off"), "AlwaysOffSampler");
    assert.equal(described("traceidratio"), "TraceIdRatioBased{0.25}");
    assert.match(described("parentbased_always_on"), /^ParentBased\{root=AlwaysOnSampler/);
    assert.match(described("parentbased_always_off"), /^ParentBased\{root=AlwaysOffSampler/);
    assert.match(described("parentbased_traceidratio"), /^ParentBased\{root=TraceIdRatioBased\{0\.25\}/);
  });
});
