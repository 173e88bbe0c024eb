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
});
