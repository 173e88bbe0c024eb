import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { execa } from "execa";
import type { Simulator, SimulatorOptions } from "../../../../scripts/rehearsal/clouds/simulator.ts";
import { startSimulator } from "../../../../scripts/rehearsal/clouds/simulator.ts";
import { findEngine } from "../../../../scripts/rehearsal/engine/index.ts";
import { ensureHome, groundworkRoot } from "../../../../scripts/rehearsal/home.ts";
import { temporaryFolder } from "../../../helpers/folder.ts";
import { tables } from "./tables.ts";

/** A resource of a test's program. `{ $ref: "name.output" }` and `{ $secret: ... }` may stand anywhere in its inputs. */
export interface Declared {
  readonly token: string;
  readonly name: string;
  readonly inputs?: Readonly<Record<string, unknown>>;
  readonly provider?: string;
  readonly options?: Readonly<Record<string, unknown>>;
}

/** Interprets program.json, so that a test is data. Resources are named by token: no SDK has to be loaded. */
const PROGRAM = `
import { readFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
const { resources, outputs } = JSON.parse(readFileSync("program.json", "utf8"));
const wanted = [...JSON.stringify({ resources, outputs }).matchAll(/"\\$ref":"([\\w-]+)\\.(\\w+)"/g)];
const made = {};
const resolve = (value) => {
  if (Array.isArray(value)) return value.map(resolve);
  if (typeof value !== "object" || value === null) return value;
  if ("$secret" in value) return pulumi.secret(resolve(value.$secret));
  if ("$ref" in value) { const [name, output] = value.$ref.split("."); return made[name][output]; }
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, resolve(inner)]));
};
export default async () => {
  for (const { token, name, inputs = {}, provider, options = {} } of resources) {
    const opts = { ...options, ...(provider ? { provider: made[provider] } : {}) };
    const outs = Object.fromEntries(wanted.filter((one) => one[1] === name && one[2] !== "id").map((one) => [one[2], undefined]));
    made[name] = token.startsWith("pulumi:providers:")
      ? new pulumi.ProviderResource(token.slice("pulumi:providers:".length), name, resolve(inputs), opts)
      : new pulumi.CustomResource(token, name, { ...outs, ...resolve(inputs) }, opts);
  }
  return resolve(outputs ?? {});
};
`;

export const SEALING_KEY = Buffer.alloc(32, 7);

/** A small project, deployed by the real CLI to a simulator in this process. */
export class Stack {
  readonly folder: string;
  simulator: Simulator;
  readonly #options: SimulatorOptions;
  readonly #pulumi: string;
  readonly #env: Readonly<Record<string, string>>;
  #child: number | undefined;

  static async start(options: Partial<SimulatorOptions> = {}): Promise<Stack> {
    const folder = temporaryFolder({
      "Pulumi.yaml": "name: small\nruntime: { name: nodejs, options: { typescript: false } }\n",
      "package.json": '{ "name": "small", "type": "module", "main": "index.js" }',
      "index.js": PROGRAM,
    });
    symlinkSync(join(groundworkRoot, "node_modules"), join(folder, "node_modules"));
    const home = ensureHome();
    const full: SimulatorOptions = {
      inventory: join(folder, "inventory.jsonl"),
      sealingKey: SEALING_KEY,
      sdkRoot: groundworkRoot,
      cache: join(home, "cache", "schemas"),
      tables,
      powerCut: () => stack.#kill(),
      ...options,
    };
    const engine = await findEngine({
      cacheDir: join(home, "cache"),
      sdkRoot: groundworkRoot,
      progress: () => undefined,
    });
    mkdirSync(join(folder, "backend"));
    const path = [engine.binDir, join(groundworkRoot, "node_modules", ".bin"), process.env["PATH"]].join(delimiter);
    const env = {
      ...engine.env,
      PATH: path,
      HOME: folder,
      PULUMI_HOME: join(folder, "home"),
      PULUMI_BACKEND_URL: `file://${join(folder, "backend")}`,
      PULUMI_CONFIG_PASSPHRASE: "test",
      PULUMI_SKIP_UPDATE_CHECK: "true",
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    };
    const simulator = await startSimulator(full);
    const stack: Stack = new Stack({ folder, simulator, options: full, pulumi: engine.pulumi, env });
    await stack.pulumi(["stack", "init", "test"]);
    return stack;
  }

  private constructor(parts: {
    folder: string;
    simulator: Simulator;
    options: SimulatorOptions;
    pulumi: string;
    env: Readonly<Record<string, string>>;
  }) {
    this.folder = parts.folder;
    this.simulator = parts.simulator;
    this.#options = parts.options;
    this.#pulumi = parts.pulumi;
    this.#env = parts.env;
  }

  declare(resources: readonly Declared[], outputs: Readonly<Record<string, unknown>> = {}): void {
    writeFileSync(join(this.folder, "program.json"), JSON.stringify({ resources, outputs }));
  }

  /** Output and errors of a command of the CLI together, and whether it worked. */
  async pulumi(args: readonly string[], interruptAfter?: () => Promise<void>): Promise<{ ok: boolean; text: string }> {
    const child = execa(this.#pulumi, [...args, "--non-interactive"], {
      cwd: this.folder,
      env: { ...this.#env, PULUMI_DEBUG_PROVIDERS: this.simulator?.debugProviders ?? "" },
      extendEnv: false,
      reject: false,
      all: true,
      stdin: "ignore",
    });
    this.#child = child.pid;
    if (interruptAfter !== undefined) {
      await interruptAfter();
      child.kill("SIGINT");
    }
    const { exitCode, all } = await child;
    return { ok: exitCode === 0, text: all };
  }

  preview(): Promise<{ ok: boolean; text: string }> {
    return this.pulumi(["preview", "--diff", "--stack", "test"]);
  }

  up(): Promise<{ ok: boolean; text: string }> {
    return this.pulumi(["up", "--yes", "--skip-preview", "--stack", "test"]);
  }

  destroy(): Promise<{ ok: boolean; text: string }> {
    return this.pulumi(["destroy", "--yes", "--skip-preview", "--stack", "test"]);
  }

  async state(): Promise<StateResource[]> {
    await this.pulumi(["stack", "export", "--stack", "test", "--file", "state.json"]);
    const text = readFileSync(join(this.folder, "state.json"), "utf8");
    return (JSON.parse(text) as { deployment: { resources?: StateResource[] } }).deployment.resources ?? [];
  }

  /** As a later rehearsal of the same stack. */
  async restart(options: Partial<SimulatorOptions> = {}): Promise<void> {
    await this.simulator.stop();
    this.simulator = await startSimulator({ ...this.#options, ...options });
  }

  journal(): string {
    return readFileSync(this.#options.inventory, "utf8");
  }

  stop(): Promise<void> {
    return this.simulator.stop();
  }

  #kill(): void {
    if (this.#child !== undefined) process.kill(this.#child, "SIGKILL");
  }
}

export interface StateResource {
  readonly urn: string;
  readonly type: string;
  readonly id?: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly outputs?: Readonly<Record<string, unknown>>;
  readonly initErrors?: readonly string[];
}

/** The aws provider of a region, and resources that use it. */
export function inRegion(region: string, resources: readonly Declared[]): Declared[] {
  const name = `in-${region}`;
  return [
    { token: "pulumi:providers:aws", name, inputs: { region } },
    ...resources.map((resource) => ({ ...resource, provider: name })),
  ];
}
