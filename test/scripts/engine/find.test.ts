import assert from "node:assert/strict";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BadInput } from "@groundwork/lib/errors";
import { findEngine } from "../../../scripts/rehearsal/engine/index.ts";
import type { Engine } from "../../../scripts/rehearsal/engine/index.ts";
import { buildFromGoModule } from "../../../scripts/rehearsal/engine/build.ts";
import { Unavailable } from "../../../scripts/rehearsal/engine/install.ts";
import type { InstallStep } from "../../../scripts/rehearsal/engine/install.ts";
import { findVersion, isOlder } from "../../../scripts/rehearsal/engine/versions.ts";

describe("finding an engine", () => {
  let root: string;
  let lines: string[];
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "groundwork-find-"));
    lines = [];
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  const cacheDir = (): string => join(root, "cache");
  const script = (path: string, body: string): void => {
    mkdirSync(join(path, ".."), { recursive: true });
    writeFileSync(path, `#!/bin/sh\n${body}\n`);
    chmodSync(path, 0o755);
  };
  const fakeCli = (folder: string, version: string): void => script(join(root, folder, "pulumi"), `echo v${version}`);
  const works = (source: InstallStep["source"]): InstallStep => ({
    source,
    install: ({ folder }) => Promise.resolve(script(join(folder, "pulumi"), "echo v3.200.0")),
  });
  const fails = (source: InstallStep["source"], error: Error): InstallStep => ({
    source,
    install: () => Promise.reject(error),
  });
  const unused = fails("official release", new Error("must not be tried"));
  const find = (path: string[], steps: InstallStep[] = [unused]): Promise<Engine> =>
    findEngine({
      cacheDir: cacheDir(),
      sdkRoot: root,
      env: { PATH: [...path.map((folder) => join(root, folder)), "/usr/bin", "/bin"].join(":") },
      progress: (line) => lines.push(line),
      steps,
    });

  it("takes the CLI on PATH, with our hosts where it has none", async () => {
    fakeCli("bin", "3.210.1");
    const engine = await find(["bin"]);
    assert.equal(engine.source, "PATH");
    assert.equal(engine.version, "3.210.1");
    assert.equal(readlinkSync(engine.pulumi), join(root, "bin", "pulumi"));
    assert.match(readFileSync(join(engine.binDir, "pulumi-language-nodejs"), "utf8"), /language-host-command\.ts/);
    assert.match(readFileSync(join(engine.binDir, "pulumi-analyzer-policy"), "utf8"), /policy-host-command\.ts/);
    assert.equal(readlinkSync(join(engine.binDir, "node")), process.execPath);
    assert.equal(lines.length, 1);
  });

  it("uses the hosts that lie beside the CLI on PATH", async () => {
    fakeCli("bin", "3.210.1");
    script(join(root, "bin", "pulumi-language-nodejs"), "exit 0");
    const engine = await find(["bin"]);
    assert.equal(
      readlinkSync(join(engine.binDir, "pulumi-language-nodejs")),
      join(root, "bin", "pulumi-language-nodejs"),
    );
  });

  it("says that the CLI on PATH is too old, and goes on", async () => {
    fakeCli("bin", "3.199.9");
    const engine = await find(["bin"], [works("official release")]);
    assert.equal(engine.source, "official release");
    assert.match(lines[0] ?? "", /pulumi 3\.199\.9 on PATH \(.*\/bin\/pulumi\) is older than 3\.200\.0/);
  });

  it("goes on when what is called pulumi on PATH is something else", async () => {
    script(join(root, "bin", "pulumi"), "echo hello; exit 3");
    assert.equal((await find(["bin"], [works("official release")])).source, "official release");
    assert.match(lines[0] ?? "", /does not tell its version/);
  });

  it("falls back to the build when the release cannot be had, and caches it", async () => {
    const unreachable = fails("official release", new Unavailable("get.pulumi.com cannot be reached (ENOTFOUND)"));
    const built = await find([], [unreachable, works("built from the Go module")]);
    assert.equal(built.source, "built from the Go module");
    assert.match(lines.join("\n"), /official release cannot be had: get\.pulumi\.com cannot be reached/);

    const again = await find([]);
    assert.equal(again.source, "cache");
    assert.equal(again.pulumi, built.pulumi);
    assert.deepEqual(readdirSync(join(cacheDir(), "engine")), ["pulumi-3.200.0"], "nothing but the install is left");
  });

  it("does not take its own folder on PATH for an installed CLI", async () => {
    await find([], [works("official release")]);
    assert.equal((await find(["cache/engine/pulumi-3.200.0"])).source, "cache");
  });

  it("keeps everything that it needs at run time inside the cache folder", async () => {
    const engine = await find([], [works("official release")]);
    assert.ok(engine.binDir.startsWith(cacheDir()));
    assert.ok(engine.env["NODE_COMPILE_CACHE"]?.startsWith(cacheDir()));
  });

  it("refuses in one sentence when there is no CLI and no Go", async () => {
    const unreachable = fails("official release", new Unavailable("get.pulumi.com cannot be reached (ENOTFOUND)"));
    const build: InstallStep = {
      source: "built from the Go module",
      install: (job) => buildFromGoModule({ ...job, env: { PATH: root } }),
    };
    await assert.rejects(find([], [unreachable, build]), (error: Error) => {
      assert.ok(error instanceof BadInput);
      assert.match(
        error.message,
        /no Pulumi CLI 3\.200\.0 or newer.*cannot be reached.*Go 1\.25\.0 or newer is not on PATH.*install/,
      );
      assert.doesNotMatch(error.message, /\n/);
      return true;
    });
    assert.deepEqual(readdirSync(join(cacheDir(), "engine")), [], "nothing is left");
  });

  it("names the version of a Go that is too old", async () => {
    script(join(root, "go", "go"), "echo go version go1.22.3 linux/amd64");
    const build: InstallStep = { source: "built from the Go module", install: buildFromGoModule };
    await assert.rejects(find(["go"], [build]), /Go 1\.22\.3, older than 1\.25\.0/);
  });

  it("says that the disk is full, whoever noticed it", async () => {
    const node = Object.assign(new Error("write failed"), { code: "ENOSPC" });
    const go = new Error("go: write /x: no space left on device");
    for (const error of [node, go]) {
      await assert.rejects(find([], [fails("official release", error)]), (thrown: Error) => {
        assert.ok(thrown instanceof BadInput);
        assert.match(thrown.message, /the disk of .*cache\/engine is full: free/);
        return true;
      });
    }
  });

  it("installs once when two processes need it, and the second says that it waits", async () => {
    const [began, mayEnd] = [signal(), signal()];
    const slow: InstallStep = {
      source: "official release",
      install: async ({ folder }) => {
        began.give();
        await mayEnd.given;
        script(join(folder, "pulumi"), "echo v3.200.0");
      },
    };
    const first = find([], [slow]);
    await began.given;
    const second = findEngine({
      cacheDir: cacheDir(),
      sdkRoot: root,
      env: { PATH: "/usr/bin:/bin" },
      steps: [unused],
      progress: (line) => {
        if (line.includes("waiting")) mayEnd.give();
      },
    });
    assert.equal((await first).source, "official release");
    assert.equal((await second).source, "cache");
  });

  it("starts over when an earlier install was cut off", async () => {
    const leftover = join(cacheDir(), "engine", ".work-abcdef");
    mkdirSync(leftover, { recursive: true });
    await find([], [works("official release")]);
    assert.ok(!existsSync(leftover));
  });
});

function signal(): { given: Promise<void>; give: () => void } {
  let give = (): void => {};
  const given = new Promise<void>((resolve) => (give = resolve));
  return { given, give };
}

describe("versions", () => {
  it("are found in what programs print", () => {
    assert.equal(findVersion("v3.200.0"), "3.200.0");
    assert.equal(findVersion("go version go1.26.8 linux/amd64"), "1.26.8");
    assert.equal(findVersion("go version go1.25 linux/arm64"), "1.25.0");
    assert.equal(findVersion("v3.201.0-alpha.x1+dirty"), "3.201.0");
    assert.equal(findVersion("hello"), undefined);
  });

  it("are compared by number", () => {
    assert.ok(isOlder("3.99.0", "3.200.0"));
    assert.ok(!isOlder("3.200.0", "3.200.0"));
    assert.ok(!isOlder("4.0.0", "3.200.0"));
  });
});
