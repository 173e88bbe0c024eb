import { mkdtempSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { engineEnvironment, findEngine, runOperation } from "../../../scripts/rehearsal/engine/index.ts";
import type { Engine, OperationOptions, OperationResult } from "../../../scripts/rehearsal/engine/index.ts";
import { ensureHome, groundworkRoot } from "../../../scripts/rehearsal/home.ts";

/** A program in ESM TypeScript, with types to strip, whose resources need no provider. `mode` decides what it does. */
const PROGRAM = `
import * as pulumi from "@pulumi/pulumi";
import type { ComponentResourceOptions } from "@pulumi/pulumi";
import { doubled } from "./helper.ts";

interface ThingArgs { readonly size?: pulumi.Input<number>; readonly token?: pulumi.Input<string> }

class Thing extends pulumi.ComponentResource {
  constructor(name: string, args: ThingArgs, opts?: ComponentResourceOptions) {
    super("tiny:index:Thing", name, args, opts, false);
    this.registerOutputs({ size: args.size });
  }
}

export default async (): Promise<Record<string, unknown>> => {
  const config = new pulumi.Config();
  const mode: string = config.get("mode") ?? "fine";
  if (mode === "refuse") throw new pulumi.RunError("bad input: tiny:mode is refuse: write fine instead");
  if (mode === "throw") throw new Error("boom");
  if (mode === "exit") process.exit(7);
  if (mode === "print") process.stdout.write("said on stdout\\n");
  await pulumi.log.warn("careful");
  const parent = new Thing("parent", { size: doubled(config.requireNumber("size")), token: config.getSecret("token") });
  new Thing("child", {}, { parent });
  if (mode === "hang") await new Promise((resolve) => setTimeout(resolve, 600_000));
  return { size: doubled(config.requireNumber("size")), home: process.env["TINY_HOME"] };
};
`;

const POLICY = `
import { PolicyPack } from "@pulumi/policy";
new PolicyPack("tiny-pack", {
  policies: [
    { name: "told", description: "Tells of things.", enforcementLevel: "advisory",
      validateResource: (args, report) => { if (args.type === "tiny:index:Thing") report("saw " + args.name); } },
    { name: "no-child", description: "Children are forbidden.", enforcementLevel: "mandatory",
      validateResource: (args, report) => { if (process.env["TINY_FORBID"] !== undefined && args.name === "child") report("it is a child"); } },
  ],
});
`;

/** A project of its own in a temporary folder, with a file backend there. */
export class TinyProject {
  readonly root = mkdtempSync(join(tmpdir(), "groundwork-tiny-"));
  readonly env: NodeJS.ProcessEnv;
  readonly engine: Engine;

  private constructor(engine: Engine) {
    this.engine = engine;
    this.env = {
      ...process.env,
      PULUMI_BACKEND_URL: `file://${join(this.root, "backend")}`,
      PULUMI_HOME: join(this.root, "home"),
      PULUMI_CONFIG_PASSPHRASE: "tiny",
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    };
  }

  static async make(engine?: Engine): Promise<TinyProject> {
    const project = new TinyProject(engine ?? (await realEngine()));
    mkdirSync(join(project.root, "backend"));
    symlinkSync(join(groundworkRoot, "node_modules"), join(project.root, "node_modules"));
    project.write("Pulumi.yaml", {
      name: "tiny",
      runtime: { name: "nodejs", options: { typescript: false } },
      config: { size: { type: "integer" }, mode: { type: "string", default: "fine" } },
    });
    project.write("package.json", { name: "tiny", type: "module", main: "stacks/index.ts" });
    project.write("stacks/index.ts", PROGRAM);
    project.write("stacks/helper.ts", "export const doubled = (n: number): number => 2 * n;\n");
    project.write("policies/PulumiPolicy.yaml", { runtime: { name: "nodejs", options: { typescript: false } } });
    project.write("policies/package.json", { name: "tiny-pack", version: "0.1.0", type: "module", main: "index.mts" });
    project.write("policies/index.mts", POLICY);
    project.configure({ size: 1 });
    await project.pulumi("stack", "init", "dev");
    return project;
  }

  /** JSON is YAML too. */
  write(path: string, content: string | object): void {
    mkdirSync(dirname(join(this.root, path)), { recursive: true });
    writeFileSync(join(this.root, path), typeof content === "string" ? content : JSON.stringify(content));
  }

  configure(values: Record<string, unknown>): void {
    const config = Object.fromEntries(Object.entries(values).map(([key, value]) => [`tiny:${key}`, value]));
    this.write("Pulumi.dev.yaml", { config });
  }

  async pulumi(...args: string[]): Promise<string> {
    const result = await execa(this.engine.pulumi, [...args, "--non-interactive"], {
      cwd: this.root,
      env: engineEnvironment(this.engine, this.env),
      extendEnv: false,
    });
    return result.stdout;
  }

  run(command: OperationOptions["command"], more: Partial<OperationOptions> = {}): Promise<OperationResult> {
    return runOperation({
      engine: this.engine,
      cwd: this.root,
      env: this.env,
      command,
      stack: "dev",
      eventLog: join(this.root, "events.jsonl"),
      ...more,
    });
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

export function realEngine(): Promise<Engine> {
  return findEngine({ cacheDir: join(ensureHome(), "cache"), sdkRoot: groundworkRoot, progress: () => {} });
}

/** Waits for something that must come; mocha's own time limit is what ends a wait in vain. */
export async function until<Value>(look: () => Value | undefined | false): Promise<Value> {
  for (;;) {
    const value = look();
    if (value !== undefined && value !== false) return value;
    await sleep(50);
  }
}
