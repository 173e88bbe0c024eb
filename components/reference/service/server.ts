import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { createServer } from "node:http";
import type { Dependency } from "./dependencies.ts";
import { reach } from "./dependencies.ts";
import { Metrics } from "./metrics.ts";

export interface Service {
  readonly server: Server;
  /** Answers /health with 503 from now on, finishes what is in flight, and resolves when all connections are closed. */
  drain(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

type Handler = () => Answer | Promise<Answer>;

export function createService(dependencies: readonly Dependency[]): Service {
  const metrics = new Metrics();
  let draining = false;
  const routes: Readonly<Record<string, Handler>> = {
    "/health": () => (draining ? json(503, { status: "draining" }) : json(200, { status: "ok" })),
    "/health/detailed": async () => detailed(draining, dependencies),
    "/metrics": () => ({ status: 200, type: "text/plain; version=0.0.4", body: metrics.text() }),
    "/": () => json(200, { service: "groundwork-reference" }),
  };
  const server = createServer((request, response) => void handle(routes, metrics, request, response));
  return {
    server,
    async drain() {
      draining = true;
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
      });
    },
  };
}

async function handle(
  routes: Readonly<Record<string, Handler>>,
  metrics: Metrics,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const start = performance.now();
  const { pathname } = new URL(request.url ?? "/", "http://service");
  const route = Object.hasOwn(routes, pathname) ? pathname : "other";
  const method = request.method === "GET" || request.method === "HEAD" ? request.method : "other";
  metrics.begin();
  response.once("close", () => metrics.end(method, route, response.statusCode, (performance.now() - start) / 1000));
  request.resume();
  const answer = await (method === "other"
    ? json(405, { error: "only GET and HEAD" })
    : (routes[route]?.() ?? json(404, { error: "not found" })));
  response.writeHead(answer.status, { "content-type": answer.type, "content-length": Buffer.byteLength(answer.body) });
  response.end(method === "HEAD" ? undefined : answer.body);
}

/** 200 also when a tier cannot be reached: restarting this service would not bring the tier back. */
async function detailed(draining: boolean, dependencies: readonly Dependency[]): Promise<Answer> {
  const checks = await Promise.all(
    dependencies.map(async (dependency) => [dependency.name, await reach(dependency)] as const),
  );
  const isWhole = checks.every(([, check]) => check.reachable);
  const status = draining ? "draining" : isWhole ? "ok" : "degraded";
  return json(draining ? 503 : 200, { status, dependencies: Object.fromEntries(checks) });
}

function json(status: number, body: object): Answer {
  return { status, type: "application/json", body: `${JSON.stringify(body)}\n` };
}
