import assert from "node:assert/strict";
import { digestOf, Refused, registries, Unreachable } from "../../../scripts/images/registry.ts";
import { freePort } from "../../helpers/server.ts";
import type { Registry } from "./registry-server.ts";
import { INDEX_DIGEST, startRegistry } from "./registry-server.ts";

describe("asking a registry for a digest", () => {
  let registry: Registry;
  beforeEach(async () => (registry = await startRegistry()));
  afterEach(() => registry[Symbol.asyncDispose]());

  /** With the waits that it would have made. */
  async function asked(name: string, tag = "1.0", timeout = 5000) {
    const waits: number[] = [];
    const wait = (milliseconds: number) => Promise.resolve(void waits.push(milliseconds));
    const answer = digestOf(`${registry.host}/${name}`, tag, { timeout, wait });
    const digest = await answer.catch((error: unknown) => error);
    return { digest, waits };
  }

  async function refused(kind: typeof Refused | typeof Unreachable, name: string, pattern: RegExp, tag?: string) {
    const { digest: error, waits } = await asked(name, tag, 300);
    assert.ok(error instanceof kind, String(error));
    assert.match(error.message, pattern);
    assert.ok(error.message.startsWith("127.0.0.1"), "it begins with what it is about");
    assert.doesNotMatch(error.message, /\n/);
    return waits;
  }

  it("gets a token for anybody first, then the digest of the list of all platforms, by HEAD alone", async () => {
    assert.deepEqual(await asked("team/app"), { digest: INDEX_DIGEST, waits: [] });
    assert.deepEqual(registry.requests, [
      "HEAD /v2/team/app/manifests/1.0",
      "GET /token?service=registry.test&scope=repository%3Ateam%2Fapp%3Apull",
      "HEAD /v2/team/app/manifests/1.0",
    ]);
  });

  it("reckons the digest from the manifest where no header tells it", async () => {
    assert.equal((await asked("headless")).digest, INDEX_DIGEST);
    assert.equal(registry.requests.at(-1), "GET /v2/headless/manifests/1.0");
  });

  it("waits as long as the registry asks for, and a little longer each time where it asks for nothing", async () => {
    assert.deepEqual(await asked("limited"), { digest: INDEX_DIGEST, waits: [7000, 7000] });
    assert.deepEqual(await asked("stumbling"), { digest: INDEX_DIGEST, waits: [500, 1000] });
  });

  it("says what a registry refuses, and does not ask again", async () => {
    assert.deepEqual(await refused(Refused, "app", /knows no such tag/, "2.0"), []);
    assert.deepEqual(await refused(Refused, "private", /not for everybody.*403/), []);
    assert.deepEqual(await refused(Refused, "basic", /asks for a login/), []);
    assert.deepEqual(await refused(Refused, "elsewhere", /tokens\.example without TLS/), []);
    assert.deepEqual(await refused(Refused, "wrong", /no SHA-256/), []);
  });

  it("gives up on a registry that does not answer, after four attempts", async () => {
    assert.deepEqual(await refused(Unreachable, "slow", /within 0\.3 s/), [500, 1000, 2000]);
    assert.deepEqual(await refused(Unreachable, "cut", /cannot be asked now: \S+/), [500, 1000, 2000]);
    assert.deepEqual(await refused(Unreachable, "busy", /429/), [], "an hour is more than anybody waits");
    const nobody = `127.0.0.1:${await freePort()}/app`;
    const wait = () => Promise.resolve();
    await assert.rejects(digestOf(nobody, "1.0", { wait }), { name: "Unreachable", message: /ECONNREFUSED/ });
  });

  it("does not wait again for the next image of a silent registry, and goes on with the others", async () => {
    const ask = registries({ timeout: 300, wait: () => Promise.resolve() });
    await assert.rejects(ask(`${registry.host}/cut`, "1.0"), Unreachable);
    const before = registry.requests.length;
    await assert.rejects(ask(`${registry.host}/app`, "1.0"), Unreachable);
    assert.equal(registry.requests.length, before);
    await using other = await startRegistry();
    assert.equal(await ask(`${other.host}/app`, "1.0"), INDEX_DIGEST);
  });
});
