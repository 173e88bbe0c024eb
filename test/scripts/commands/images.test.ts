import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readPins } from "../../../scripts/images/pins.ts";
import { assertBadInput } from "../../helpers/bad-input.ts";
import { temporaryFolder } from "../../helpers/folder.ts";
import { freePort } from "../../helpers/server.ts";
import type { Registry } from "../images/registry-server.ts";
import { INDEX_DIGEST, startRegistry } from "../images/registry-server.ts";

const CLI = join(import.meta.dirname, "../../../scripts/groundwork.ts");
const OTHER = `sha256:${"2".repeat(64)}`;

function project(images: unknown) {
  const folder = temporaryFolder();
  mkdirSync(join(folder, "components"));
  const file = join(folder, "components/images.json");
  writeFileSync(file, typeof images === "string" ? images : JSON.stringify(images));
  return { folder, text: () => readFileSync(file, "utf8"), pins: () => readPins(folder) };
}

function run(folder: string, ...flags: string[]): Promise<{ code: unknown; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [CLI, "images", "--project", folder, ...flags], (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : error.code, stdout, stderr }),
    );
  });
}

describe("groundwork images", () => {
  let registry: Registry;
  beforeEach(async () => (registry = await startRegistry()));
  afterEach(() => registry[Symbol.asyncDispose]());
  const image = (name: string, more: object = {}) => ({ repository: `${registry.host}/${name}`, tag: "1.0", ...more });

  it("pins every image by the digest of its tag, keeps what people wrote, and finds nothing to say then", async () => {
    const { folder, pins } = project({ app: image("app", { why: "because" }), tool: image("team/tool") });
    assert.equal((await run(folder, "--check")).code, 1, "an absent digest is a failure");
    assert.deepEqual(registry.requests, [], "for which nobody is asked");
    const { code, stderr } = await run(folder, "--pin");
    assert.deepEqual([code, stderr], [0, ""]);
    assert.deepEqual(pins(), {
      app: image("app", { digest: INDEX_DIGEST, why: "because" }),
      tool: image("team/tool", { digest: INDEX_DIGEST }),
    });
    assert.deepEqual(readdirSync(join(folder, "components")), ["images.json"]);
    assert.equal((await run(folder, "--check")).code, 0);
  });

  it("finds a tag that has moved, by --check without a change and by --pin with it", async () => {
    const { folder, pins, text } = project({ app: image("app", { digest: INDEX_DIGEST }) });
    registry.move(OTHER);
    const before = text();
    const { code, stdout } = await run(folder, "--check", "--json");
    const [seen] = JSON.parse(stdout) as { state: string; found: string }[];
    assert.deepEqual([code, seen?.state, seen?.found], [1, "moved", OTHER]);
    assert.equal(text(), before);
    assert.equal((await run(folder, "--pin")).code, 0);
    assert.equal(pins()["app"]?.digest, OTHER);
  });

  it("writes all digests or none, and says whose registry has none", async () => {
    const { folder, text } = project({ app: image("app"), gone: { ...image("app"), tag: "2.0" } });
    const before = text();
    const { code, stderr } = await run(folder, "--pin");
    assert.equal(code, 1);
    assert.match(
      stderr,
      /app:2\.0 is not there: .* knows no such tag\.\ncomponents\/images\.json is as it was: 1 of 2/,
    );
    assert.equal(text(), before);
  });

  it("ends with 3 where a registry cannot be reached, in one sentence for all its images", async () => {
    const nobody = `127.0.0.1:${await freePort()}`;
    const absent = (name: string) => ({ repository: `${nobody}/${name}`, tag: "1.0", digest: OTHER });
    const { folder, text } = project({ app: image("app"), one: absent("one"), two: absent("two") });
    const before = text();
    const pin = await run(folder, "--pin");
    assert.equal(pin.code, 3);
    assert.match(pin.stderr, /^127\.0\.0\.1:\d+ cannot be asked now: ECONNREFUSED; [^\n]*\n[^\n]*2 of 3[^\n]*\n$/);
    assert.equal(text(), before);
    const alone = project({ one: absent("one") });
    assert.equal((await run(alone.folder, "--check")).code, 3);
  });

  it("lists what there is without asking anybody", async () => {
    const { folder } = project({ app: image("app", { digest: OTHER }), tool: image("tool") });
    const { code, stdout } = await run(folder);
    assert.equal(code, 0);
    assert.match(stdout, new RegExp(`^app +pinned +${registry.host}/app:1\\.0@${OTHER}\ntool +unknown +\\S+\n$`));
    assert.deepEqual(registry.requests, []);
    assert.match((await run(folder, "--help")).stdout, /--pin[\s\S]*Exit codes/);
  });

  it("refuses flags and files that make no sense, in one sentence", async () => {
    const { folder } = project({ app: image("app") });
    const both = await run(folder, "--check", "--pin");
    assert.deepEqual([both.code, both.stderr], [2, "--check and --pin are both given; write one of them.\n"]);
    const good = { repository: "postgres", tag: "17" };
    for (const [images, named] of [
      ["{", "is no JSON"],
      [[], "no object"],
      [{ app: { ...good, tag: "a b" } }, 'app.tag is "a b"'],
      [{ app: { tag: "17" } }, "app.repository is undefined"],
      [{ app: { ...good, digest: "sha256:1" } }, 'app.digest is "sha256:1"'],
      [{ app: { ...good, diggest: OTHER } }, "app.diggest is not a field"],
    ] as const)
      await assertBadInput(() => project(images).pins(), named);
    await assertBadInput(() => readPins(join(folder, "nowhere")), "cannot be read", "--project");
  });
});
