import assert from "node:assert/strict";
import { request } from "node:http";
import { startWeb } from "../../../../components/secret-drift/checker/web/index.ts";
import { type World, world } from "./world.ts";

const PATHS = ["/", "/metrics", "/healthz", "/readyz", "/api/v1/findings", "/api/v1/matrix", "/nowhere"];

/** What fetch does not let one say. */
function asked(url: string, options: { host?: string; method?: string; path?: string }): Promise<number> {
  const { host, method = "GET", path = "/" } = options;
  return new Promise((resolve, reject) => {
    const headers = host === undefined ? {} : { host };
    const made = request(url, { path, method, headers, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    made.once("error", reject);
    made.end();
  });
}

describe("the checker's server", () => {
  let made: World;
  before(async () => {
    made = await world();
    await made.round();
  });

  it("lets nobody write", async () => {
    for (const path of PATHS)
      for (const method of ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
        assert.equal(await asked(made.web.url, { method, path }), 405, `${method} ${path}`);
    const response = await made.get("/", { method: "POST", body: "x".repeat(1_000_000) });
    assert.deepEqual([response.status, response.headers.get("allow")], [405, "GET, HEAD"]);
  });

  it("gives the head of what it gives", async () => {
    const [head, whole] = [await made.get("/", { method: "HEAD" }), await made.get("/")];
    assert.equal(head.headers.get("content-length"), whole.headers.get("content-length"));
    assert.equal(await head.text(), "");
  });

  it("has nothing kept, run, framed or guessed", async () => {
    for (const path of PATHS) {
      const { headers } = await made.get(path);
      assert.equal(headers.get("cache-control"), "no-store", path);
      assert.match(headers.get("content-security-policy") ?? "", /^default-src 'none'; style-src 'sha256-[^']+';/);
      assert.equal(headers.get("x-content-type-options"), "nosniff");
      assert.equal(headers.get("access-control-allow-origin"), null);
      assert.equal(headers.get("cross-origin-resource-policy"), "same-origin");
    }
  });

  it("answers at the loopback interface by its names only, so that no page points a name of its own there", async () => {
    for (const host of ["127.0.0.1", "localhost", "localhost:9000", "[::1]:80", "LOCALHOST"])
      assert.equal(await asked(made.web.url, { host }), 200, host);
    for (const host of ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:80", "127.0.0.2"])
      for (const path of PATHS) assert.equal(await asked(made.web.url, { host, path }), 421, `${host} ${path}`);
  });

  it("answers by the names that it is given also, and by any where it listens at every address", async () => {
    const { checker } = made;
    const [named, open] = [
      await startWeb({ checker, port: 0, names: ["drift.example.org"] }),
      await startWeb({ checker, port: 0, host: "0.0.0.0" }),
    ];
    assert.equal(await asked(named.url, { host: "drift.example.org" }), 200);
    assert.equal(await asked(named.url, { host: "evil.example" }), 421);
    const url = open.url.replace("0.0.0.0", "127.0.0.1");
    assert.equal(await asked(url, { host: "secret-drift.shop.svc:9464" }), 200);
    await Promise.all([named.close(), open.close()]);
  });

  it("survives what is no request, and says once in the log what it could not answer", async () => {
    const complaints: string[] = [];
    const { checker } = made;
    const broken = { ...shown(checker), history: { ...checker.history, trends: undefined } };
    const web = await startWeb({ checker: broken as never, port: 0, complain: (text) => complaints.push(text) });
    assert.equal((await fetch(`${web.url}/api/v1/matrix`)).status, 500);
    assert.equal(complaints.length, 1);
    assert.ok(!(await (await fetch(web.url)).text()).includes("undefined"));
    for (const path of ["//evil.example/", "/%", "/?q=%ff", "/?page=1&page=2", `/?q=${"a".repeat(5_000)}`])
      assert.ok((await asked(made.web.url, { path })) < 500, path);
    await web.close();
    await web.close();
  });

  it("is refused where the port is taken", async () => {
    const port = Number(new URL(made.web.url).port);
    await assert.rejects(startWeb({ checker: made.checker, port }), /EADDRINUSE/);
  });
});

function shown({ mapping }: World["checker"]) {
  return { mapping, isApproved: () => false };
}
