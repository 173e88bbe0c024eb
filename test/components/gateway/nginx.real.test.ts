import assert from "node:assert/strict";
import type { ServerResponse } from "node:http";
import { gatewayConfig } from "../../../components/gateway/docker.ts";
import type { NginxConfig } from "../../../components/gateway/nginx.ts";
import { GATEWAY_HEALTH, GATEWAY_STATUS } from "../../../components/gateway/nginx.ts";
import { SECURITY_HEADERS } from "../../../components/gateway/protection.ts";
import { tracks } from "../../../stacks/systems/tracks.ts";
import { freePort } from "../../helpers/server.ts";
import type { Backend } from "./backends.ts";
import { ask, backend } from "./backends.ts";
import { selfSigned } from "./certificates.ts";
import { runningNginx, verdict } from "./debian.ts";

/** What a system's gateway gets, with addresses for the names that Docker would resolve. */
function ofTracks(): NginxConfig {
  const {
    upstreams,
    resolver: _,
    ...config
  } = gatewayConfig({ workloads: tracks.workloads, size: { cpu: 0.5, memory: "128Mi" } });
  const addresses = Object.entries(upstreams).map(([name, { port }]) => [name, { host: "127.0.0.1", port }]);
  return { ...config, upstreams: Object.fromEntries(addresses) as NginxConfig["upstreams"] };
}

async function before(
  service: Pick<Backend, "port">,
  more: Partial<NginxConfig> = {},
  host: string[] = ["127.0.0.1"],
): Promise<NginxConfig> {
  return {
    listen: await freePort(),
    workers: 1,
    upstreams: { api: { host, port: service.port } },
    routes: [{ path: "/", upstream: "api" }],
    ...more,
  };
}

describe("a real nginx", () => {
  it("accepts a system's configuration without a warning", () => {
    const text = verdict(ofTracks());
    assert.match(text, /test is successful/);
    assert.doesNotMatch(text, /warn|emerg/);
  });

  it("accepts everything that can be asked of it without a warning", () => {
    const { certificate, key } = selfSigned();
    const text = verdict({
      ...ofTracks(),
      routes: [{ path: "/", upstream: "rest-api", bearer: true, rateLimit: { requestsPerSecond: 0.5, burst: 0 } }],
      tls: { listen: 8443, port: 443, certificate, key },
      headers: SECURITY_HEADERS,
      hidden: ["/metrics"],
      trustedProxies: ["172.16.0.0/12", "2400:cb00::/32"],
      status: 8081,
    });
    assert.match(text, /test is successful/);
    assert.doesNotMatch(text, /warn|emerg/);
  });

  it("would have noticed a mistake", () => {
    assert.match(
      verdict(ofTracks(), (text) => text.replace("least_conn;", "least_connections;")),
      /unknown directive "least_connections"/,
    );
  });

  it("keeps the connection to a service open and compresses its answers", async () => {
    await using service = await backend((_, response) => {
      response.setHeader("content-type", "application/json").end(JSON.stringify({ text: "a".repeat(5000) }));
    });
    const config = await before(service);
    await using _nginx = await runningNginx(config);
    for (let request = 0; request < 5; request++) {
      const answer = await ask(config.listen, "/", { "accept-encoding": "gzip" });
      assert.equal(answer.headers["content-encoding"], "gzip");
      assert.ok(answer.body.length < 500);
    }
    assert.equal(service.connections(), 1);
  });

  it("sends nothing to a server that is busy while others are not", async () => {
    const held: ServerResponse[] = [];
    const arrived: string[] = [];
    const hosts = ["127.0.0.1", "127.0.0.2", "127.0.0.3"];
    let wake = (): void => undefined;
    const holding = new Promise<void>((resolve) => (wake = resolve));
    const listener = (host: string) => (request: { url?: string }, response: ServerResponse) => {
      arrived.push(host);
      if (request.url !== "/held") {
        response.end(host);
        return;
      }
      held.push(response);
      wake();
    };
    await using first = await backend(listener("127.0.0.1"));
    await using _second = await backend(listener("127.0.0.2"), "127.0.0.2", first.port);
    await using _third = await backend(listener("127.0.0.3"), "127.0.0.3", first.port);
    const config = await before(first, {}, hosts);
    await using _nginx = await runningNginx(config);
    const slow = ask(config.listen, "/held");
    await holding;
    const busy = arrived[0];
    const answers = [];
    for (let request = 0; request < 12; request++) answers.push((await ask(config.listen, "/")).body);
    held[0]?.end("late");
    assert.equal((await slow).body, "late");
    assert.deepEqual(new Set(answers), new Set(hosts.filter((host) => host !== busy)));
  });

  it("answers 429 above a client's rate and burst, and counts the clients of a trusted proxy apart", async () => {
    await using service = await backend((_, response) => response.end("ok"));
    const rateLimit = { requestsPerSecond: 1 / 60, burst: 2 };
    const config = await before(service, {
      routes: [{ path: "/", upstream: "api", rateLimit }],
      trustedProxies: ["127.0.0.0/8"],
      headers: SECURITY_HEADERS,
    });
    await using _nginx = await runningNginx(config);
    const from = (client: string) => ask(config.listen, "/", { "x-forwarded-for": client });
    const statuses = [];
    for (let request = 0; request < 5; request++) statuses.push((await from("198.51.100.7")).status);
    assert.deepEqual(statuses, [200, 200, 200, 429, 429]);
    assert.equal((await from("198.51.100.8")).status, 200);
    assert.equal((await from("198.51.100.7")).headers["x-content-type-options"], "nosniff", "errors have them too");
    assert.equal((await ask(config.listen, GATEWAY_HEALTH)).status, 200, "the health check is not limited");
  });

  it("turns away who brings no token, and leaves the judgement of a token to the service", async () => {
    const seen: (string | undefined)[] = [];
    await using service = await backend((request, response) => {
      seen.push(request.headers.authorization);
      response.statusCode = request.headers.authorization === "Bearer good" ? 200 : 401;
      response.end();
    });
    const routes = [
      { path: "/", upstream: "api" },
      { path: "/orders", upstream: "api", bearer: true },
    ];
    const config = await before(service, { routes });
    await using _nginx = await runningNginx(config);
    const none = await ask(config.listen, "/orders/1");
    assert.deepEqual([none.status, none.headers["www-authenticate"]], [401, "Bearer"]);
    assert.equal((await ask(config.listen, "/orders", { authorization: "Basic eDp5" })).status, 401);
    assert.deepEqual(seen, [], "the service was not asked");
    assert.equal((await ask(config.listen, "/orders", { authorization: "Bearer good" })).status, 200);
    const bad = await ask(config.listen, "/orders", { authorization: "bearer bad" });
    assert.deepEqual([bad.status, bad.headers["www-authenticate"]], [401, undefined], "the service's own answer");
    assert.deepEqual(seen, ["Bearer good", "bearer bad"]);
    assert.equal((await ask(config.listen, "/")).headers["www-authenticate"], undefined);
  });

  it("sends each security header once, hides what is hidden, and counts on a port of its own", async () => {
    await using service = await backend((_, response) => {
      response.setHeader("X-Frame-Options", "ALLOWALL").end("ok");
    });
    const status = await freePort();
    const config = await before(service, { headers: SECURITY_HEADERS, hidden: ["/metrics"], status });
    await using _nginx = await runningNginx(config);
    const { raw } = await ask(config.listen, "/");
    const values = (name: string) => raw.filter((_, index) => index % 2 === 1 && raw[index - 1] === name);
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) assert.deepEqual(values(name), [value]);
    assert.deepEqual(values("Strict-Transport-Security"), [], "never without TLS");
    for (const path of [
      "/metrics",
      "/metrics/",
      "/metrics/a",
      "/./metrics",
      "//metrics",
      "/%6detrics",
      GATEWAY_STATUS,
    ]) {
      const answer = await ask(config.listen, path);
      assert.equal(answer.status, path === GATEWAY_STATUS ? 200 : 404, path);
      if (path === GATEWAY_STATUS) assert.equal(answer.body, "ok", "the service's page, not nginx's");
    }
    assert.equal((await ask(config.listen, "/metricsystem")).status, 200);
    assert.match((await ask(status, GATEWAY_STATUS)).body, /^Active connections: \d+/);
    assert.equal((await ask(status, "/")).status, 404);
  });
});
