import assert from "node:assert/strict";
import fc from "fast-check";
import { gatewayConfig } from "../../../components/gateway/docker.ts";
import type { NginxConfig } from "../../../components/gateway/nginx.ts";
import { renderNginx } from "../../../components/gateway/nginx.ts";
import { tracks } from "../../../stacks/systems/tracks.ts";
import { assertBadInput } from "../../helpers/bad-input.ts";

const config: NginxConfig = {
  listen: 8080,
  workers: 2,
  resolver: "127.0.0.11",
  upstreams: { api: { host: "api", port: 8000 } },
  routes: [{ path: "/", upstream: "api" }],
};

describe("nginx configuration", () => {
  it("balances by least connections, keeps connections open, compresses, and follows replaced replicas", () => {
    const text = renderNginx(config);
    for (const directive of [
      "least_conn;",
      "keepalive 32;",
      'proxy_set_header Connection "";',
      "gzip on;",
      "server api:8000 max_fails=3 fail_timeout=10s resolve;",
      "resolver 127.0.0.11 ",
      "listen 8080;",
      "worker_processes 2;",
    ]) {
      assert.ok(text.includes(directive), directive);
    }
  });

  it("serves the exposed workloads of a system and no other", () => {
    const made = gatewayConfig({ workloads: tracks.workloads, size: { cpu: 0.5, memory: "128Mi" } });
    assert.deepEqual(made.upstreams, { "rest-api": { host: "rest-api", port: 8000 } });
    assert.deepEqual(made.routes, [{ path: "/", upstream: "rest-api" }]);
    assert.equal(made.workers, 1);
  });

  it("has as many closing as opening braces, whatever the routes", () => {
    const route = fc.stringMatching(/^\/[a-z0-9/._-]{0,20}$/).map((path) => ({ path, upstream: "api" }));
    fc.assert(
      fc.property(fc.uniqueArray(route, { selector: ({ path }) => path }), (routes) => {
        const text = renderNginx({ ...config, routes });
        // the log format's own braces stand in quotes
        const bare = text.replaceAll(/'[^']*'/g, "");
        assert.equal(bare.split("{").length, bare.split("}").length);
        for (const { path } of routes) assert.ok(text.includes(`location ${path} {`));
      }),
    );
  });

  it("refuses what would end a directive, privileged ports and routes to nowhere", async () => {
    await assertBadInput(
      () => renderNginx({ ...config, routes: [{ path: "/;}", upstream: "api" }] }),
      "routes.path",
      "/;}",
    );
    await assertBadInput(
      () => renderNginx({ ...config, routes: [{ path: "/", upstream: "nobody" }] }),
      "nobody",
      "api",
    );
    await assertBadInput(
      () => renderNginx({ ...config, upstreams: { api: { host: "a b", port: 1 } } }),
      "upstreams.api.host",
    );
    await assertBadInput(() => renderNginx({ ...config, listen: 80 }), "listen", "80");
    await assertBadInput(
      () => renderNginx({ ...config, routes: [...config.routes, ...config.routes] }),
      "routes.path",
      "each path once",
    );
  });

  it("names a limit of less than one request a second by the minute", () => {
    const limited = (requestsPerSecond: number) =>
      renderNginx({ ...config, routes: [{ path: "/", upstream: "api", rateLimit: { requestsPerSecond, burst: 0 } }] });
    assert.match(limited(0.5), / rate=30r\/m;/);
    assert.match(limited(50), / rate=50r\/s;/);
    assert.match(limited(50), /limit_req zone=limit_api;/);
  });

  it("sends HSTS with TLS only, and for as long as it is told", () => {
    const tls = { listen: 8443, port: 443, certificate: "/a.crt", key: "/a.key" };
    const headers = { "X-Frame-Options": "DENY" };
    assert.ok(!renderNginx({ ...config, headers }).includes("Strict-Transport-Security"));
    assert.match(renderNginx({ ...config, headers, tls }), /Strict-Transport-Security "max-age=63072000" always/);
    assert.match(renderNginx({ ...config, headers, tls: { ...tls, hsts: 60 } }), /"max-age=60"/);
    assert.ok(!renderNginx({ ...config, headers, tls: { ...tls, hsts: 0 } }).includes("Strict-Transport-Security"));
    assert.match(renderNginx({ ...config, tls }), /return 308 https:\/\/\$host\$request_uri;/, "443 is not written");
  });

  it("refuses what would end a directive in each of the newer keys", async () => {
    const tls = { listen: 8443, port: 443, certificate: "/a.crt", key: "/a.key" };
    const limit = (requestsPerSecond: number, burst: number) => ({
      routes: [{ path: "/", upstream: "api", rateLimit: { requestsPerSecond, burst } }],
    });
    const cases: [change: Partial<NginxConfig>, ...named: string[]][] = [
      [{ tls: { ...tls, certificate: "/a; b" } }, "tls.certificate"],
      [{ tls: { ...tls, stapling: "relative" } }, "tls.stapling"],
      [{ tls: { ...tls, listen: 8080 } }, "tls.listen", "another port"],
      [{ tls: { ...tls, port: 0 } }, "tls.port"],
      [{ tls: { ...tls, hsts: -1 } }, "tls.hsts"],
      [{ headers: { "X A": "b" } }, "headers"],
      [{ headers: { "X-A": 'b"; c' } }, "headers.X-A"],
      [{ hidden: ["/metrics/"] }, "hidden"],
      [{ hidden: ["/metrics", "/metrics"] }, "each path once"],
      [{ trustedProxies: ["all"] }, "trustedProxies"],
      [{ status: 8080 }, "status", "another port"],
      [limit(0, 1), "api.rateLimit.requestsPerSecond"],
      [limit(0.001, 1), "0.001"],
      [limit(1, 0.5), "api.rateLimit.burst"],
      [{ upstreams: { api: { host: [], port: 1 } } }, "upstreams.api.host"],
    ];
    for (const [change, ...named] of cases) {
      await assertBadInput(() => renderNginx({ ...config, ...change }), ...named);
    }
  });
});
