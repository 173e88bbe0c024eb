import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, symlinkSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { temporaryFolder } from "../../helpers/folder.ts";
import { freePort, started } from "../../helpers/server.ts";
import { sent, stages } from "./dockerfile.ts";

const ROOT = join(import.meta.dirname, "../../..");
const SERVICE = join(ROOT, "components/reference/service");
const DOCKERFILE = stages(join(SERVICE, "Dockerfile"));

/** The instruction's words of a stage, in their order. */
function all(stage: string, name: string): string[] {
  const found = DOCKERFILE.find((one) => one.name === stage);
  assert.ok(found !== undefined, `no stage ${stage}`);
  return found.instructions.filter((one) => one.name === name).map(({ rest }) => rest);
}

/** What Docker would be sent, as a folder. */
function context(): string {
  const folder = temporaryFolder();
  const files = readdirSync(SERVICE, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(SERVICE, join(entry.parentPath, entry.name)));
  for (const path of sent(join(SERVICE, ".dockerignore"), files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    cpSync(join(SERVICE, path), join(folder, path));
  }
  return folder;
}

/**
 * The folder /app of the runtime stage: the commands of the stages, run on what they copy. There is no Docker here, so
 * the packages are this checkout's, which the lock file's test compares with the image's.
 */
function application(): string {
  const top = temporaryFolder();
  const sources = context();
  const app = join(top, "app");
  symlinkSync(join(ROOT, "node_modules"), join(sources, "node_modules"));
  symlinkSync(join(ROOT, "node_modules"), join(top, "node_modules"));
  for (const command of [...all("build", "RUN"), ...all("optimiser", "RUN")])
    execFileSync("/bin/sh", ["-ec", command.replaceAll("/app", app)], { cwd: sources, stdio: "pipe", env: PATH });
  const own = join(SERVICE, "node_modules");
  if (existsSync(own)) symlinkSync(own, join(app, "node_modules"));
  return app;
}

/** Node is the one that runs the tests, as it is the image's. */
const PATH = { PATH: `${dirname(process.execPath)}:${process.env["PATH"] ?? ""}` };

describe("the reference image", () => {
  it("is built in four stages: dependencies, build, WebAssembly optimiser, runtime", () => {
    assert.deepEqual(
      DOCKERFILE.map(({ name }) => name),
      ["dependencies", "build", "optimiser", "runtime"],
    );
    const base = /^ARG NODE=node:(.+)-bookworm-slim$/m.exec(readFileSync(join(SERVICE, "Dockerfile"), "utf8"));
    assert.equal(base?.[1], process.versions.node, "the Node of the tests");
  });

  it("copies only what is there, from stages that come before", () => {
    const files = new Set(readdirSync(context(), { recursive: true }) as string[]);
    for (const [index, { name }] of DOCKERFILE.entries())
      for (const words of all(name, "COPY").map((rest) => rest.split(" "))) {
        const from = words.find((word) => word.startsWith("--from="))?.slice("--from=".length);
        const paths = words.filter((word) => !word.startsWith("--")).slice(0, -1);
        if (from === undefined)
          for (const path of paths) assert.ok(path === "." || files.has(path.replace("./", "")), `${name}: ${path}`);
        else assert.ok(DOCKERFILE.findIndex((one) => one.name === from) < index, `${name}: ${from}`);
      }
    assert.ok(![...files].some((path) => path.includes("node_modules")), "what is installed here is not sent");
  });

  it("runs as a user without rights, has a health check, and is stopped by SIGTERM", () => {
    assert.deepEqual(all("runtime", "USER"), ["1000:1000"]);
    assert.match(all("runtime", "HEALTHCHECK")[0] ?? "", /^--interval=30s .*CMD \["node"/);
    assert.deepEqual(all("runtime", "STOPSIGNAL"), ["SIGTERM"]);
    assert.match(all("runtime", "ENV")[0] ?? "", /NODE_ENV=production/);
  });

  it("starts from what it builds, is healthy by its own health check, uses the compiled kernel, and stops", async () => {
    const app = application();
    assert.ok(existsSync(join(app, "kernel/kernel.wasm")));
    assert.ok(!existsSync(join(app, "build.js")) && !existsSync(join(app, "assembly")), "nothing that only builds");
    const [, ...args] = JSON.parse(all("runtime", "CMD")[0] ?? "[]") as string[];
    const port = await freePort();
    const env = { PORT: String(port), NODE_ENV: "production", DRAIN_GRACE_SECONDS: "0" };
    await using running = await started(
      process.execPath,
      args.map((arg) => join(app, arg)),
      /listening/,
      { env },
    );
    const health = /CMD (.+)$/.exec(all("runtime", "HEALTHCHECK")[0] ?? "")?.[1] ?? "[]";
    const [, ...check] = JSON.parse(health) as string[];
    assert.equal(spawnSync(process.execPath, check, { env }).status, 0);
    assert.equal((await fetch(`http://127.0.0.1:${port}/health`)).status, 200);

    const score = {
      method: "POST",
      body: '{"query":"a queue grows"}',
      headers: { "content-type": "application/json" },
    };
    const scored = await (await fetch(`http://127.0.0.1:${port}/score`, score)).json();
    assert.equal((scored as { engine: string }).engine, "wasm");

    const process_ = `/proc/${running.process.pid}`;
    const commandLine = readFileSync(`${process_}/cmdline`, "utf8").split("\0");
    assert.ok(commandLine.includes("--max-old-space-size-percentage=50"), commandLine.join(" "));
    assert.match(readFileSync(`${process_}/environ`, "utf8"), /(^|\0)UV_THREADPOOL_SIZE=\d+\0/);

    const ended = once(running.process, "exit");
    running.process.kill("SIGTERM");
    assert.deepEqual(await ended, [0, null], "the signal reaches the service");
    const without = spawnSync(process.execPath, check, { env });
    assert.equal(without.status, 1, "the health check notices");
  });
});
