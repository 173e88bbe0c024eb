import { mkdirSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { Unavailable, isDiskFull } from "./install.ts";
import { findOnPath } from "./path.ts";
import { findVersion, isOlder } from "./versions.ts";

/** A Go toolchain, and the environment to run it in. */
export interface Go {
  readonly command: string;
  readonly env: Readonly<Record<string, string>>;
}

/**
 * The Go on PATH. Everything that it writes goes below `folder`.
 * @throws Unavailable when there is none, or an older one than `minimum`
 */
export async function findGo(base: NodeJS.ProcessEnv, folder: string, minimum: string): Promise<Go> {
  const command = findOnPath("go", base);
  if (command === undefined) throw new Unavailable(`Go ${minimum} or newer is not on PATH`);
  const env = goEnvironment(base, folder);
  const found = findVersion((await execa(command, ["version"], { env, extendEnv: false, reject: false })).stdout ?? "");
  if (found === undefined || isOlder(found, minimum)) {
    throw new Unavailable(`${command} is Go ${found ?? "of an unknown version"}, older than ${minimum}`);
  }
  return { command, env };
}

/**
 * Go writes modules, build results, telemetry and temporary files below HOME unless told otherwise. What it reads there,
 * the user's own settings (proxies, private modules) and passwords, it goes on reading.
 */
function goEnvironment(env: NodeJS.ProcessEnv, folder: string): Record<string, string> {
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
  const own = Object.entries(folders).map(([key, name]): [string, string] => [key, join(folder, name)]);
  for (const [, path] of own) mkdirSync(path, { recursive: true });
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

/**
 * What the command wrote on standard output.
 * @throws Unavailable with Go's last line when it fails
 */
export async function runGo(go: Go, args: readonly string[], cwd: string, extra = {}): Promise<string> {
  const result = await execa(go.command, args, {
    cwd,
    env: { ...go.env, ...extra },
    extendEnv: false,
    stdin: "ignore",
    reject: false,
  });
  if (!result.failed) return result.stdout ?? "";
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
