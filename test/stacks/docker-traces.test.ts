import assert from "node:assert/strict";
import { parse } from "yaml";
import { parseConfig } from "../../stacks/config.ts";
import { SYSTEMS } from "../../stacks/systems/index.ts";
import { assertBadInput } from "../helpers/bad-input.ts";
import { revealed } from "../helpers/secret.ts";
import type { Upload } from "./fixture-docker.ts";
import { dockerDeployed } from "./fixture-docker.ts";

type Deployed = Awaited<ReturnType<typeof dockerDeployed>>;

const TRACES = { target: "docker", systems: '["tracks"]', traces: "true" };

/** The file of a part's one container whose path ends so. */
function file(deployed: Deployed, part: string, ending: string): string {
  const uploads = revealed(deployed.part(part)[0]?.uploads) as Upload[];
  const found = uploads.find(({ file: path }) => path.endsWith(ending));
  assert.ok(found !== undefined, `${part} has no ${ending}`);
  return found.content;
}

/** Of a container by its full name. */
function revealedFile({ containers }: Deployed, name: string, ending: string): string {
  const uploads = revealed(containers.find((container) => container.name === name)?.uploads) as Upload[];
  return uploads.find(({ file: path }) => path.endsWith(ending))?.content ?? "";
}

const told = (deployed: Deployed, part: string): string[] =>
  (deployed.part(part)[0]?.envs ?? []).filter((line) => line.startsWith("OTEL_")).toSorted();

describe("traces on Docker", () => {
  it("are off where the stack says nothing: no workload is told of a collector, and Grafana has no source for them", async () => {
    const tracks = await dockerDeployed({ target: "docker", systems: '["tracks"]' });
    assert.deepEqual(tracks.part("tracks-traces"), []);
    assert.deepEqual(told(tracks, "tracks-scraper"), []);
    assert.doesNotMatch(file(tracks, "tracks-grafana", "datasources/groundwork.yaml"), /jaeger/i);
  });

  it("are kept by one collector, sent there by every workload, scraped and shown", async () => {
    const tracks = await dockerDeployed(TRACES);
    const [collector] = tracks.part("tracks-traces");
    assert.deepEqual([collector?.memory, collector?.ports ?? []], [384, []]);
    for (const service of ["scraper", "data-transformer", "rest-api"])
      assert.deepEqual(told(tracks, `tracks-${service}`), [
        "OTEL_EXPORTER_OTLP_ENDPOINT=http://tracks-traces:4318",
        "OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf",
        "OTEL_RESOURCE_ATTRIBUTES=service.namespace=tracks",
        `OTEL_SERVICE_NAME=${service}`,
        "OTEL_TRACES_SAMPLER=parentbased_traceidratio",
        "OTEL_TRACES_SAMPLER_ARG=1",
      ]);
    const joined = (part: string) => tracks.part(part)[0]?.networksAdvanced.map(({ name }) => name) ?? [];
    for (const part of ["tracks-scraper", "tracks-rest-api", "tracks-grafana"])
      assert.ok(
        joined(part).some((name) => joined("tracks-traces").includes(name)),
        part,
      );
    const { datasources } = parse(file(tracks, "tracks-grafana", "datasources/groundwork.yaml")) as {
      datasources: { type: string; url: string }[];
    };
    assert.equal(datasources.find(({ type }) => type === "jaeger")?.url, "http://tracks-traces:16686");
    assert.match(file(tracks, "tracks-monitoring-prometheus", "prometheus.yml"), /tracks-traces:8888/);
  });

  it("are a tenth at full size, and only where somebody can look at them", async () => {
    const full = await dockerDeployed({ ...TRACES, systems: '["flowx", "finai-nexus"]', size: "full" });
    assert.ok(told(full, "flowx-worker").includes("OTEL_TRACES_SAMPLER_ARG=0.1"));
    assert.deepEqual(full.part("finai-nexus-traces"), [], "it has no monitoring of its own");
    await assertBadInput(() => dockerDeployed({ ...TRACES, monitoring: "false" }), "groundwork:traces", "true");
  });

  it("reach the services of a swarm too", async () => {
    const sophia = await dockerDeployed({ target: "swarm", systems: '["sophia"]', traces: "true", size: "full" });
    assert.equal(sophia.part("sophia-traces").length, 1);
    const services = sophia.resources.filter(
      ({ type, name }) => type === "docker:index/service:Service" && !name.includes("secret-drift"),
    );
    assert.ok(services.length > 0);
    for (const { inputs } of services)
      assert.match(JSON.stringify(inputs), /"OTEL_EXPORTER_OTLP_ENDPOINT":"http:\/\/sophia-traces:4318"/);
  });
});

describe("the PostgreSQL behind dashboards", () => {
  for (const clusters of ["{}", '{"tracks":["postgres"]}'])
    it(`is asked by a user who can only read, with clusters ${clusters}`, async () => {
      const tracks = await dockerDeployed({ target: "docker", systems: '["tracks"]', clusters });
      const { datasources } = parse(file(tracks, "tracks-grafana", "datasources/groundwork.yaml")) as {
        datasources: { type: string; url: string; user?: string }[];
      };
      const source = datasources.find(({ type }) => type === "postgres");
      assert.equal(source?.user, "groundwork_reader");
      assert.match(source.url, clusters === "{}" ? /:5432$/ : /:5433$/);
      const sql = clusters === "{}" ? "tracks-postgres-roles" : "tracks-postgres-1";
      assert.match(revealedFile(tracks, sql, "roles.sql"), /GRANT SELECT ON TABLES TO groundwork_reader/);
    });
});

describe("the runbooks of alerts", () => {
  const rules = async (more: Readonly<Record<string, string>>) =>
    file(
      await dockerDeployed({ target: "docker", systems: '["tracks"]', ...more }),
      "tracks-monitoring-prometheus",
      "rules.yml",
    );

  it("are where the stack says, by default in this repository", async () => {
    assert.match(await rules({}), /runbook_url: docs\/runbooks\/\w+\.md/);
    const written = await rules({ runbookUrl: "https://forge.example/acme/groundwork/docs/runbooks/" });
    assert.match(written, /runbook_url: https:\/\/forge\.example\/acme\/groundwork\/docs\/runbooks\/\w+\.md/);
    assert.doesNotMatch(written, /runbook_url: docs/);
  });

  for (const url of ["http://forge.example/runbooks", "docs/runbooks", "https://", "https://me:key@forge.example/x"])
    it(`are not read at ${url}`, async () => {
      await assertBadInput(() => rules({ runbookUrl: url }), "groundwork:runbookUrl", url);
    });
});

describe("what a pipeline promises", () => {
  const promised = (values: Readonly<Record<string, string>>) => {
    const named = { target: "docker", systems: '["tracks"]', ...values };
    const keys = Object.fromEntries(Object.entries(named).map(([name, value]) => [`groundwork:${name}`, value]));
    return parseConfig("groundwork", keys).systems[0]?.pipeline?.itemsPerHour;
  };

  it("is what its scrapers can bring at the size that runs", () => {
    assert.equal(promised({ size: "full" }), 20_000);
    assert.equal(promised({ size: "laptop" }), 10_000);
    assert.equal(promised({ size: "full", workloads: '{"tracks":{"scraper":{"replicas":6}}}' }), 30_000);
    assert.equal(promised({ size: "laptop", workloads: '{"tracks":{"scraper":{"replicas":1}}}' }), 5000);
    assert.equal(promised({ size: "full", workloads: '{"tracks":{"rest-api":{"replicas":1}}}' }), 20_000);
  });

  it("is what the alert on a laptop asks for", async () => {
    const tracks = await dockerDeployed({ target: "docker", systems: '["tracks"]' });
    const rules = file(tracks, "tracks-monitoring-prometheus", "rules.yml");
    assert.match(rules, /system:pipeline_items:per_hour < 10000/);
    assert.doesNotMatch(rules, /per_hour < 20000/);
  });

  it("comes from a workload that the system has", () => {
    for (const { name, pipeline, workloads } of Object.values(SYSTEMS))
      if (pipeline !== undefined)
        assert.ok(
          workloads.some((workload) => workload.name === pipeline.source),
          name,
        );
  });
});
