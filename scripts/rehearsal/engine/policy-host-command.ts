import { readFileSync } from "node:fs";
import { createRequire, flushCompileCache } from "node:module";
import { join } from "node:path";
import { parse } from "yaml";
import { ALREADY_REPORTED, resolveFromProgram } from "./program.ts";

/**
 * What the file `pulumi-analyzer-policy` beside the CLI runs, in the pack's folder: `<sdk root> <engine address> .`
 * The SDK's own launcher always loads TypeScript and ts-node first. A pack whose PulumiPolicy.yaml says
 * `typescript: false` is run without them, by Node itself.
 */
const [sdkRoot = process.cwd(), ...rest] = process.argv.slice(2);
const folder = process.cwd();
const parent = process.ppid;
setInterval(() => {
  if (process.ppid !== parent) process.kill(process.pid, "SIGKILL");
}, 250).unref();

const launcher = resolveFromProgram("@pulumi/pulumi/cmd/run-policy-pack", folder, sdkRoot);
const load = createRequire(launcher);
if (runsWithoutCompiler()) await runPack();
else {
  process.argv = [process.argv[0] ?? "node", launcher, ...rest];
  load(launcher);
}

function runsWithoutCompiler(): boolean {
  const pack = parse(readFileSync(join(folder, "PulumiPolicy.yaml"), "utf8")) as {
    runtime?: { options?: { typescript?: boolean } };
  };
  return pack.runtime?.options?.typescript === false;
}

interface PackLauncher {
  readonly run: (options: {
    argv: { _: string[] };
    programStarted: () => void;
    reportLoggedError: (error: Error) => void;
    typeScript: boolean;
  }) => Promise<unknown> | undefined;
}

/** The same as `cmd/run-policy-pack/index.js`: an unhandled error must never end with 0, which would pass for "no violations". */
async function runPack(): Promise<void> {
  const unhandled = new Set<unknown>();
  const logged = new Set<unknown>();
  let running = false;
  const remember = (error: unknown): void => {
    unhandled.add(error);
    if (!running) process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  };
  process.on("uncaughtException", remember);
  process.on("unhandledRejection", remember);
  process.on("exit", (code) => {
    if (code !== 0 || unhandled.size === 0) return;
    process.exitCode = [...unhandled].every((error) => logged.has(error)) ? ALREADY_REPORTED : 1;
  });
  const { run } = load("./run") as PackLauncher;
  await run({
    argv: { _: rest.slice(1) },
    programStarted: () => (running = true),
    reportLoggedError: (error) => logged.add(error),
    typeScript: false,
  });
  running = false;
  // the engine ends this process with SIGKILL, so that Node would never write what it compiled
  flushCompileCache();
}
