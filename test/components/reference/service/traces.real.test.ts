import assert from "node:assert/strict";
import { once } from "node:events";
import jspb from "google-protobuf";
import type { Collector, ReceivedSpan } from "./collector.ts";
import { only, startCollector } from "./collector.ts";
import { postgresVariables, rabbitmqVariables, redisVariables, startService, until } from "./process.ts";
import type { Restartable } from "./servers.ts";
import { CANARY, startPostgres, startRabbitmq, startRedis } from "./servers.ts";

const CALLER = { trace: "0af7651916cd43dd8448eb211c80319c", span: "b7ad6b7169203331" };
const sampled = { traceparent: `00-${CALLER.trace}-${CALLER.span}-01` };
/** Values that a caller or a table holds and that no span may show. */
const VALUE = "canary-value-of-a-caller";

describe("the traces of the reference service", () => {
  let postgres: Awaited<ReturnType<typeof startPostgres>>;
  let redis: Restartable;
  let broker: Restartable;
  before(async () => {
    [postgres, redis, broker] = await Promise.all([startPostgres(), startRedis(), startRabbitmq()]);
  });
  after(async () => {
    await Promise.all([postgres, redis, broker].map((server) => server[Symbol.asyncDispose]()));
  });

  const traced = ({ url }: Collector, more: Readonly<Record<string, string>> = {}) => ({
    OTEL_EXPORTER_OTLP_ENDPOINT: url,
    OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
    OTEL_BSP_SCHEDULE_DELAY: "50",
    SERVICE_SYSTEM: "tracks",
    ...more,
  });
  const api = (collector: Collector, more: Readonly<Record<string, string>> = {}) =>
    startService({
      ...postgresVariables(postgres),
      ...redisVariables(redis),
      ...traced(collector, { SERVICE_NAME: "rest-api", ...more }),
    });
  const isUp = (service: Awaited<ReturnType<typeof startService>>, count: number) =>
    until(() => service.events("dependency.up").length === count);
  const names = (spans: readonly ReceivedSpan[]) => spans.map(({ name }) => name);

  it("go on in the caller's trace, down to the database and the cache, and show no value and no secret", async () => {
    await using collector = await startCollector();
    await using service = await api(collector);
    await isUp(service, 2);
    await service.get("/health");
    assert.equal((await service.get(`/api/items?after=${VALUE}`, sampled)).status, 200);
    const body = JSON.stringify({ query: `what is ${VALUE}` });
    const headers = { ...sampled, "content-type": "application/json" };
    const chat = await fetch(`${service.url}/chat`, {
      method: "POST",
      headers,
      body,
    });
    assert.equal(chat.status, 200, await chat.text());
    await until(() => names(collector.spans()).includes("SET") && names(collector.spans()).includes("POST /chat"));
    const spans = collector.spans();
    assert.ok(spans.every(({ traceId }) => traceId === CALLER.trace));
    assert.ok(spans.every(({ service: name, system }) => name === "rest-api" && system === "tracks"));

    const items = only(spans, "GET /api/items");
    assert.deepEqual([items.kind, items.parentSpanId], ["server", CALLER.span]);
    assert.deepEqual(items.attributes, {
      "http.request.method": "GET",
      "url.scheme": "http",
      "http.route": "/api/items",
      "http.response.status_code": 200,
    });
    const select = only(spans, "SELECT items");
    assert.deepEqual([select.kind, select.parentSpanId], ["client", items.spanId]);
    assert.deepEqual(select.attributes, {
      "db.system.name": "postgresql",
      "db.namespace": "postgres",
      "db.operation.name": "SELECT",
      "db.collection.name": "items",
    });
    const asked = only(spans, "POST /chat");
    for (const name of ["GET", "SET"]) {
      const { parentSpanId, attributes } = only(spans, name);
      assert.equal(parentSpanId, asked.spanId, name);
      assert.deepEqual([attributes["db.system.name"], attributes["server.port"]], ["redis", redis.port]);
    }
    assert.ok(service.events("audit").every(({ trace }) => trace === CALLER.trace));
    const sent = collector.requests.map(({ body: bytes }) => bytes.toString()).join("\n");
    for (const hidden of [CANARY, VALUE, "SELECT id"]) assert.ok(!sent.includes(hidden), hidden);
    assert.ok(!names(spans).some((name) => name.includes("/health")));
  });

  it("lead an item from its source over the queue to the worker and into the table", async () => {
    await using collector = await startCollector();
    const common = { ...postgresVariables(postgres), ...rabbitmqVariables(broker), QUEUE_NAME: "traced" };
    await using worker = await startService({
      ...common,
      ...traced(collector, { SERVICE_NAME: "data-transformer", SERVICE_ROLE: "worker" }),
    });
    const source = { SOURCE_START: "1", SOURCE_ITEMS: "6", SOURCE_INVALID_PERCENT: "3", DOWNLOAD_DELAY_SECONDS: "0" };
    await using scraper = await startService({
      ...common,
      ...source,
      ...traced(collector, { SERVICE_NAME: "scraper", SERVICE_ROLE: "source" }),
    });
    assert.ok(worker.url !== scraper.url);
    const of = (name: string) => collector.spans().filter((span) => span.name === name);
    const delivered = () => of("send traced").filter(({ status }) => status.code !== 2);
    await until(() => delivered().length === 6 && of("process traced").length === 6 && of("INSERT items").length > 0);
    const processed = of("process traced");
    for (const sent of delivered()) {
      assert.deepEqual([sent.kind, sent.service, sent.parentSpanId ?? ""], ["producer", "scraper", ""]);
      const received = processed.find(({ traceId }) => traceId === sent.traceId);
      assert.deepEqual(
        [received?.kind, received?.service, received?.parentSpanId],
        ["consumer", "data-transformer", sent.spanId],
      );
      assert.equal(received?.attributes["messaging.destination.name"], "traced");
    }
    const failed = processed.filter(({ status }) => status.code === 2);
    assert.deepEqual(
      failed.map(({ attributes }) => attributes["error.type"]),
      ["rejected", "rejected"],
    );
    // one statement writes a batch: it belongs to one item and links to the others
    const written = of("INSERT items").flatMap(({ parentSpanId, links = [] }) => [
      parentSpanId,
      ...links.map(({ spanId }) => spanId),
    ]);
    const accepted = processed.filter(({ status }) => status.code !== 2).map(({ spanId }) => spanId);
    assert.deepEqual(written.toSorted(), accepted.toSorted());
  });

  it("say of a failed call what kind it was, and fail with the request", async () => {
    await using collector = await startCollector();
    await using service = await api(collector);
    await isUp(service, 2);
    postgres.query("ALTER TABLE items RENAME TO hidden_items");
    try {
      assert.equal((await service.get("/api/stats", sampled)).status, 500);
    } finally {
      postgres.query("ALTER TABLE hidden_items RENAME TO items");
    }
    await until(() => collector.spans().length === 2);
    const call = only(collector.spans(), "SELECT items");
    assert.deepEqual([call.status.code, call.attributes["error.type"]], [2, "42P01"]);
    const request = only(collector.spans(), "GET /api/stats");
    assert.deepEqual([request.status.code, request.attributes["error.type"]], [2, "500"]);
  });

  it("are left out where the caller's or the service's sampler says so", async () => {
    await using collector = await startCollector();
    await using service = await api(collector, { OTEL_TRACES_SAMPLER: "parentbased_always_off" });
    await isUp(service, 2);
    await service.get("/api/items");
    await service.get("/api/items", { traceparent: sampled.traceparent.replace(/01$/, "00") });
    await service.get("/api/stats", sampled);
    await until(() => collector.spans().length === 2);
    assert.deepEqual(names(collector.spans()).toSorted(), ["GET /api/stats", "SELECT items"]);
  });

  it("that have not been sent yet are sent at the end", async () => {
    await using collector = await startCollector();
    await using service = await api(collector, { OTEL_BSP_SCHEDULE_DELAY: "60000" });
    await isUp(service, 2);
    await service.get("/api/items", sampled);
    const ended = once(service.process, "exit");
    service.process.kill("SIGTERM");
    assert.deepEqual(await ended, [0, null], service.output());
    assert.deepEqual(names(collector.spans()).toSorted(), ["GET /api/items", "SELECT items"]);
  });

  it("harm no request and no end when the collector refuses or hangs, and say so once", async () => {
    await using collector = await startCollector();
    collector.answer(400);
    await using service = await api(collector, { OTEL_EXPORTER_OTLP_HEADERS: `authorization=${CANARY}` });
    await isUp(service, 2);
    const ask = async () => assert.equal((await service.get("/api/items", sampled)).status, 200);
    await ask();
    await until(() => service.events("traces.refused").length === 1);
    collector.answer(200);
    await ask();
    await until(() => service.events("traces.resumed").length === 1);
    assert.equal(collector.requests[0]?.headers["authorization"], CANARY);
    collector.answer("hang");
    for (let index = 0; index < 5; index += 1) await ask();
    const ended = once(service.process, "exit");
    service.process.kill("SIGTERM");
    assert.deepEqual(await ended, [0, null], service.output());
    assert.equal(service.events("traces.refused").length, 1);
    assert.ok(!service.output().includes(CANARY));
  });

  it("are sent as protobuf where nothing else is said", async () => {
    await using collector = await startCollector();
    await using service = await api(collector, { OTEL_EXPORTER_OTLP_PROTOCOL: "" });
    await isUp(service, 2);
    await service.get("/api/items", sampled);
    await until(() => collector.requests.flatMap(({ body }) => protobufNames(body)).length === 2);
    const [first] = collector.requests;
    assert.deepEqual([first?.path, first?.headers["content-type"]], ["/v1/traces", "application/x-protobuf"]);
    assert.deepEqual(collector.requests.flatMap(({ body }) => protobufNames(body)).toSorted(), [
      "GET /api/items",
      "SELECT items",
    ]);
  });

  it("are nothing at all without a collector", async () => {
    await using service = await startService({ ...postgresVariables(postgres), SERVICE_SYSTEM: "tracks" });
    await isUp(service, 1);
    assert.equal((await service.get("/api/items", sampled)).status, 200);
    await until(() => service.events("audit").length === 1);
    assert.ok(!("trace" in (service.events("audit")[0] ?? {})));
  });
});

/** ExportTraceServiceRequest.resource_spans = 1, ResourceSpans.scope_spans = 2, ScopeSpans.spans = 2, Span.name = 5. */
function protobufNames(body: Buffer): string[] {
  const fields = (bytes: Uint8Array, wanted: number): Uint8Array[] => {
    const reader = new jspb.BinaryReader(bytes);
    const found: Uint8Array[] = [];
    while (reader.nextField()) {
      if (reader.isEndGroup()) break;
      if (reader.getFieldNumber() === wanted) found.push(reader.readBytes());
      else reader.skipField();
    }
    return found;
  };
  const spans = fields(body, 1)
    .flatMap((one) => fields(one, 2))
    .flatMap((one) => fields(one, 2));
  return spans.flatMap((span) => fields(span, 5)).map((name) => Buffer.from(name).toString());
}
