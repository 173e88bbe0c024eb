import assert from "node:assert/strict";
import { once } from "node:events";
import type { IncomingHttpHeaders } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

interface Attribute {
  readonly key: string;
  readonly value: { readonly stringValue?: string; readonly intValue?: number };
}

/** https://github.com/open-telemetry/opentelemetry-proto/blob/main/opentelemetry/proto/trace/v1/trace.proto */
interface OtlpSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly attributes: readonly Attribute[];
  readonly links?: readonly { readonly traceId: string; readonly spanId: string }[];
  readonly status: { readonly code?: number };
}

export interface ReceivedSpan extends Omit<OtlpSpan, "attributes" | "kind"> {
  readonly kind: string;
  readonly service: string;
  readonly system: string;
  readonly attributes: Readonly<Record<string, string | number | undefined>>;
}

const KINDS = ["unspecified", "internal", "server", "client", "producer", "consumer"];

export interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Takes OTLP over HTTP, as a collector does, and keeps all of it. */
export interface Collector extends AsyncDisposable {
  readonly url: string;
  readonly requests: readonly Received[];
  /** Of requests in JSON. */
  spans(): ReceivedSpan[];
  /** What it answers from now on; `hang`: nothing. */
  answer(status: number | "hang"): void;
}

export async function startCollector(): Promise<Collector> {
  const requests: Received[] = [];
  let status: number | "hang" = 200;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      if (status === "hang") return;
      if (status === 200)
        requests.push({ path: request.url ?? "", headers: request.headers, body: Buffer.concat(chunks) });
      response.writeHead(status, { "content-type": request.headers["content-type"] ?? "" }).end();
    });
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    spans: () => requests.flatMap(({ body }) => decoded(body)),
    answer: (next) => (status = next),
    async [Symbol.asyncDispose]() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function decoded(body: Buffer): ReceivedSpan[] {
  interface Request {
    readonly resourceSpans: readonly {
      readonly resource: { readonly attributes: readonly Attribute[] };
      readonly scopeSpans: readonly { readonly spans: readonly OtlpSpan[] }[];
    }[];
  }
  const { resourceSpans } = JSON.parse(body.toString()) as Request;
  return resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const { "service.name": service, "service.namespace": system } = plain(resource.attributes);
    return scopeSpans.flatMap(({ spans }) =>
      spans.map((span) => ({
        ...span,
        kind: KINDS[span.kind] ?? String(span.kind),
        service: String(service),
        system: String(system),
        attributes: plain(span.attributes),
      })),
    );
  });
}

function plain(attributes: readonly Attribute[]): Record<string, string | number | undefined> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, value.stringValue ?? value.intValue]));
}

/** The one span of that name. */
export function only(spans: readonly ReceivedSpan[], name: string): ReceivedSpan {
  const found = spans.filter((span) => span.name === name);
  assert.equal(found.length, 1, `${found.length} spans ${name} among ${spans.map((span) => span.name).join(", ")}`);
  return found[0] as ReceivedSpan;
}
