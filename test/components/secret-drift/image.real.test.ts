import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { temporaryFolder } from "../../helpers/folder.ts";
import { freePort, started } from "../../helpers/server.ts";
import { sent, stages } from "../reference/dockerfile.ts";

const ROOT = join(import.meta.dirname, "../../..");
const CHECKER = join(ROOT, "components/secret-drift/checker");
const DOCKERFILE = stages(join(CHECKER, "Dockerfile"));

/** The instruction's words of a stage, in their order. */
function all(stage: string, name: string): string[] {
  const found = DOCKERFILE.find((one) => one.name === stage);
  assert.ok(found !== undefined, `no stage ${stage}`);
  return found.instructions.filter((one) => one.name === name).map(({ rest }) => rest);
}

/** What Docker would be sent, by path. */
function context(): string[] {
  const files = readdirSync(CHECKER, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(CHECKER, join(entry.parentPath, entry.name)));
  return sent(join(CHECKER, ".dockerignore"), files);
}

/**
 * The folder /app of the image: the sources that Docker is sent, and the packages of the lock file. There is no Docker here,
 * so each package is this checkout's own, which the lock file's test compares, and nothing else can be found from there.
 */
function application(): string {
  const app = temporaryFolder();
  for (const path of context()) {
    mkdirSync(dirname(join(app, path)), { recursive: true });
    cpSync(join(CHECKER, path), join(app, path));
  }
  const { packages } = JSON.parse(readFileSync(join(app, "package-lock.json"), "utf8")) as { packages: object };
  const paths = Object.keys(packages).filter((path) => /^node_modules\/(?:@[^/]+\/)?[^/]+$/.test(path));
  for (const path of paths) {
    const own = [join(CHECKER, path), join(ROOT, path)].find(existsSync);
    // what is for another system is optional, and not there
    if (own === undefined) continue;
    mkdirSync(dirname(join(app, path)), { recursive: true });
    symlinkSync(own, join(app, path));
  }
  return app;
}

/** Node finds packages from where they are linked, not from where they are. */
const ALONE = ["--preserve-symlinks", "--preserve-symlinks-main"];

const MAPPING = (folder: string) => `
source: { store: local, scope: ${folder}/secrets.age }
stores: { local: { kind: file, identityFile: ${folder}/identity.txt } }
secrets:
  password: { property: password, places: [{ store: local, scope: ${folder}/copy.age, name: PASSWORD }] }
`;

describe("the image of the secret-drift checker", function () {
  this.timeout(120_000);

  it("is built in two stages on the Node of the tests, of which the last has packages and sources alone", () => {
    assert.deepEqual(
      DOCKERFILE.map(({ name }) => name),
      ["dependencies", "runtime"],
    );
    const base = /^ARG NODE=node:(.+)-bookworm-slim$/m.exec(readFileSync(join(CHECKER, "Dockerfile"), "utf8"));
    assert.equal(base?.[1], process.versions.node);
    assert.match(all("dependencies", "RUN")[0] ?? "", /^npm ci --ignore-scripts .*--omit=dev$/);
    const files = context();
    assert.ok(
      files.includes("main.ts") && files.includes("package-lock.json") && files.includes("Dockerfile") === false,
    );
    assert.ok(!files.some((path) => path.includes("node_modules")), "what is installed here is not sent");
  });

  it("runs as a user without rights who owns the folder of the history, has a health check, and is stopped by SIGTERM", () => {
    assert.deepEqual(all("runtime", "USER"), ["1000:1000"]);
    assert.ok(
      all("runtime", "RUN").some((line) => line === "install -d -m 0700 -o 1000 -g 1000 /var/lib/secret-drift"),
    );
    assert.match(all("runtime", "HEALTHCHECK")[0] ?? "", /^--interval=30s .*CMD \["node"/);
    assert.deepEqual(all("runtime", "STOPSIGNAL"), ["SIGTERM"]);
  });

  it("runs from its own files and packages alone: makes its files, takes a value, finds where it is missing, serves, and stops", async () => {
    const app = application();
    const folder = temporaryFolder();
    writeFileSync(join(folder, "mapping.yaml"), MAPPING(folder));
    const port = await freePort();
    const env = {
      PATH: process.env["PATH"] ?? "",
      PORT: String(port),
      HOST: "127.0.0.1",
      MAPPING: join(folder, "mapping.yaml"),
      HISTORY: join(folder, "history.db"),
    };
    const run = (command: string, ...operands: readonly string[]) =>
      spawnSync(process.execPath, [...ALONE, join(app, "main.ts"), command, ...operands], {
        ...{ env, cwd: folder, encoding: "utf8" as const },
        input: "canary-of-the-password\n",
      });
    const made = run("init");
    assert.equal(made.status, 0, made.stderr);
    const set = run("set", "password");
    assert.deepEqual([set.status, set.stderr], [0, ""]);
    assert.equal(run("set").status, 2);
    const checked = run("check");
    assert.equal(checked.status, 1);
    assert.match(checked.stdout, /"kind":"missing"/);
    assert.doesNotMatch(set.stdout + checked.stdout, /canary/);

    const [, ...args] = JSON.parse(all("runtime", "CMD")[0] ?? "[]") as string[];
    const [main = "", ...more] = args;
    await using running = await started(process.execPath, [...ALONE, join(app, main), ...more], /"at"|round/, {
      env,
      cwd: folder,
    });
    const health = /CMD (.+)$/.exec(all("runtime", "HEALTHCHECK")[0] ?? "")?.[1] ?? "[]";
    const [, ...check] = JSON.parse(health) as string[];
    const probe = spawnSync(process.execPath, check, { env, encoding: "utf8" });
    assert.equal(probe.status, 0, probe.stderr);
    const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    assert.match(metrics, /^secret_drift_/m);
    assert.equal((await fetch(`http://127.0.0.1:${port}/readyz`)).status, 200);

    const ended = once(running.process, "exit");
    running.process.kill("SIGTERM");
    assert.deepEqual(await ended, [0, null], "the signal reaches the checker");
    assert.equal(spawnSync(process.execPath, check, { env }).status, 1, "the health check notices");
  });
});
