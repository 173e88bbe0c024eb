import { mkdir, writeFile } from "node:fs/promises";
import { mkdirSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { Unavailable, isDiskFull } from "./install.ts";
import type { InstallJob } from "./install.ts";
import { findOnPath } from "./path.ts";
import { MINIMUM_GO_VERSION, findVersion, isOlder } from "./versions.ts";

const MODULE = "github.com/pulumi/pulumi/pkg/v3";

/** Builds the CLI, which has the whole engine in it, from its Go module. Everything that Go writes goes into the job's folders. */
export async function buildFromGoModule(job: InstallJob): Promise<void> {
  const go = findOnPath("go", job.env);
  if (go === undefined) throw new Unavailable(`Go ${MINIMUM_GO_VERSION} or newer is not on PATH`);
  const env = goEnvironment(job);
  const found = findVersion((await execa(go, ["version"], { env, extendEnv: false, reject: false })).stdout ?? "");
  if (found === undefined || isOlder(found, MINIMUM_GO_VERSION)) {
    throw new Unavailable(`${go} is Go ${found ?? "of an unknown version"}, older than ${MINIMUM_GO_VERSION}`);
  }
  await mkdir(moduleFolder(job));
  await writeFile(join(moduleFolder(job), "go.mod"), goMod(job.version));
  job.progress(`engine: downloading the Go modules of pulumi ${job.version} (about 30 s, 2 GB, removed afterwards)`);
  await run(go, ["mod", "tidy"], job, env);
  job.progress(`engine: compiling pulumi ${job.version} (about 2 min on 2 cores; once, then it is cached)`);
  await run(
    go,
    ["build", "-ldflags", linkerFlags(job.version), "-o", join(job.folder, "pulumi"), `${MODULE}/cmd/pulumi`],
    job,
    env,
  );
}

/** Apart from the caches, which Go would else take for packages of this module. */
function moduleFolder({ temporary }: InstallJob): string {
  return join(temporary, "module");
}

function goMod(version: string): string {
  return `module pulumicli

go ${MINIMUM_GO_VERSION}

// a replace in the CLI's own go.mod, which does not reach those who build it as a dependency
replace github.com/atotto/clipboard => github.com/tgummerer/clipboard v0.0.0-20241001131231-d02d263e614e

require ${MODULE} v${version}

tool ${MODULE}/cmd/pulumi
`;
}

/** Without symbols, a third smaller; the version is what the CLI tells and what it checks SDKs against. */
function linkerFlags(version: string): string {
  return `-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=${version}`;
}

/**
 * Go writes modules, build results, telemetry and temporary files below HOME unless told otherwise. What it reads there,
 * the user's own settings (proxies, private modules) and passwords, it goes on reading.
 */
function goEnvironment({ env, temporary }: InstallJob): Record<string, string> {
  const home = env["HOME"] ?? homedir();
  const config =
    process.platform === "darwin"
      ? join(home, "Library/Application Support")
      : (env["XDG_CONFIG_HOME"] ?? join(home, ".config"));
  const folders = {
    HOME: "home",
    GOPATH: "gopath",
    GOMODCACHE: "modules",
    GOCACHE: "build",
    TMPDIR: "tmp",
    XDG_CONFIG_HOME: "config",
    XDG_CACHE_HOME: "cache",
  };
  const own = Object.entries(folders).map(([key, name]): [string, string] => [key, join(temporary, name)]);
  for (const [, folder] of own) mkdirSync(folder, { recursive: true });
  const kept = Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return {
    GOENV: join(config, "go", "env"),
    NETRC: join(home, ".netrc"),
    ...Object.fromEntries(kept),
    ...Object.fromEntries(own),
    // Go's own modules are read-only, which would keep us from removing them
    GOFLAGS: `${env["GOFLAGS"] ?? ""} -modcacherw -mod=mod -buildvcs=false`.trim(),
    GOWORK: "off",
    GOTOOLCHAIN: "local",
    CGO_ENABLED: "0",
  };
}

async function run(go: string, args: string[], job: InstallJob, env: Record<string, string>): Promise<void> {
  const result = await execa(go, args, {
    cwd: moduleFolder(job),
    env,
    extendEnv: false,
    stdin: "ignore",
    stdout: "ignore",
    reject: false,
  });
  if (!result.failed) return;
  const text = result.stderr ?? "";
  const message = `\`go ${args.slice(0, 2).join(" ")}\` failed: ${lastLine(text) ?? result.message ?? "it was ended"}`;
  if (isDiskFull(new Error(text))) throw new Error(text);
  throw new Unavailable(message);
}

function lastLine(text: string): string | undefined {
  return text
    .split("\n")
    .map((line) => line.trim())
    .findLast((line) => line !== "" && !line.startsWith("go: downloading"));
}
