import assert from "node:assert/strict";
import { isAllowed } from "@groundwork/lib/reachability";
import type { NetworkPolicy } from "@groundwork/lib/reachability";
import { before, describe, it } from "mocha";
import { tracesTo } from "../../stacks/cloud/traces.ts";
import type { Registered } from "../helpers/mocks.ts";
import { east, prod, west } from "./cloud-fixture.ts";
import { cluster, deployed, systems } from "./cloud-monitoring.ts";

const finai = systems.filter(({ name }) => name === "finai-nexus");
const COLLECTOR = { namespace: "observability", labels: { "app.kubernetes.io/name": "opentelemetry-collector" } };

interface Release {
  readonly chart: string;
  readonly values: {
    readonly image: { readonly repository: string };
    readonly command: { readonly name: string };
    readonly alternateConfig: {
      readonly exporters: object;
      readonly service: { readonly pipelines: { readonly traces: Readonly<Record<string, readonly string[]>> } };
    };
  };
}
interface Deployment {
  readonly spec: { readonly template: { readonly spec: { readonly containers: readonly [Container] } } };
}
interface Container {
  readonly env: readonly { readonly name: string; readonly value: string }[];
}

describe("traces in the cloud", () => {
  let resources: readonly Registered[];
  before(async () => {
    resources = await deployed({ systems: finai, traces: true });
  });

  it("are sent to X-Ray of the cluster's own region, by an image that can", () => {
    for (const { name: region } of [west, east]) {
      const release = cluster(resources, region)
        .objects<Release>("Release")
        .find(({ chart }) => chart === "opentelemetry-collector");
      const { image, command, alternateConfig } = release?.values ?? assert.fail("no collector");
      assert.deepEqual([image.repository, command.name], ["otel/opentelemetry-collector-contrib", "otelcol-contrib"]);
      assert.deepEqual(Object.keys(alternateConfig.exporters), ["awsxray"]);
      assert.match(JSON.stringify(alternateConfig.exporters), new RegExp(`"region":"${region}"`));
      const { traces } = alternateConfig.service.pipelines;
      assert.deepEqual(traces["exporters"], ["awsxray"]);
      assert.deepEqual(traces["processors"], ["memory_limiter", "batch"], "sampled once, where they begin");
    }
  });

  it("are sent by a pod identity that may do nothing else", () => {
    const policies = resources.filter(({ name, type }) => /addons-opentelemetry/.test(name) && /RolePolicy/.test(type));
    assert.equal(policies.length, 2);
    for (const { inputs } of policies) {
      const { Statement: statements } = JSON.parse(String(inputs["policy"])) as { Statement: { Action: string[] }[] };
      assert.deepEqual(
        statements.map(({ Action: action }) => action),
        [["xray:PutTraceSegments", "xray:PutTelemetryRecords"]],
      );
    }
    const identities = resources.filter(({ inputs }) => inputs["serviceAccount"] === "opentelemetry-collector");
    assert.deepEqual(
      identities.map(({ inputs }) => inputs["namespace"]),
      ["observability", "observability"],
    );
  });

  it("are begun by each workload under its own name, one in ten", () => {
    const { objects } = cluster(resources);
    for (const name of ["backend", "frontend"]) {
      const deployment = objects<Deployment>("Deployment").find(({ metadata }) => metadata.name === name);
      const [container] = deployment?.spec.template.spec.containers ?? assert.fail(name);
      const env = Object.fromEntries(container.env.map((each) => [each.name, each.value]));
      assert.equal(env["OTEL_EXPORTER_OTLP_ENDPOINT"], "http://opentelemetry-collector.observability.svc:4318");
      assert.equal(env["OTEL_SERVICE_NAME"], name);
      assert.equal(env["OTEL_RESOURCE_ATTRIBUTES"], "service.namespace=finai-nexus");
      assert.equal(env["OTEL_TRACES_SAMPLER_ARG"], "0.1");
    }
  });

  it("reach the collector from workloads and the gateway, on their port only", () => {
    const policies = cluster(resources).objects("NetworkPolicy") as unknown as NetworkPolicy[];
    for (const name of ["backend", "frontend"]) {
      const pod = { namespace: "finai-nexus", labels: { "app.kubernetes.io/name": name } };
      assert.equal(isAllowed(policies, { from: pod, to: COLLECTOR, port: 4318 }), true, name);
      assert.equal(isAllowed(policies, { from: pod, to: COLLECTOR, port: 8888 }), false, name);
    }
    assert.deepEqual(tracesTo({ ...prod, traces: true }), {
      ...{ namespace: "observability", service: "opentelemetry-collector", port: 4317, percent: 10 },
      labels: COLLECTOR.labels,
    });
    assert.match(JSON.stringify(cluster(resources).objects("EnvoyProxy")), /"type":"OpenTelemetry"/);
  });

  it("tell of the calls between workloads of the mesh, by its waypoint", async () => {
    const web = systems.filter(({ name }) => name === "web-platform");
    const meshed = await deployed({ systems: web, traces: true, mesh: { systems: ["web-platform"] } });
    const { objects } = cluster(meshed);
    const [telemetry, ...others] = objects("Telemetry") as unknown as readonly { spec: { tracing: object } }[];
    assert.deepEqual(others, []);
    assert.deepEqual(telemetry?.spec.tracing, [
      { providers: [{ name: "opentelemetry" }], randomSamplingPercentage: 10 },
    ]);
    const policies = objects("NetworkPolicy") as unknown as NetworkPolicy[];
    const labels = { "gateway.networking.k8s.io/gateway-name": "waypoint" };
    const waypoint = { namespace: "web-platform-waypoint", labels };
    assert.ok(isAllowed(policies, { from: waypoint, to: COLLECTOR, port: 4317 }));
    assert.ok(!isAllowed(policies, { from: waypoint, to: COLLECTOR, port: 4318 }));
  });

  it("are nowhere where the stack does not ask for them", async () => {
    const plain = await deployed({ systems: finai });
    assert.equal(JSON.stringify(plain).includes("OTEL_"), false);
    assert.equal(JSON.stringify(plain).includes("4318"), false);
    assert.equal(tracesTo(prod), undefined);
  });
});
