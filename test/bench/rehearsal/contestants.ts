import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { fileURLToPath } from "node:url";
import { ensureHome, groundworkRoot } from "../../../scripts/rehearsal/home.ts";
import { Session } from "../../../scripts/rehearsal/session.ts";
import type { ConfigChange } from "../../../scripts/rehearsal/settings.ts";
import { copyProject } from "../../../scripts/rehearsal/workspace.ts";

export interface Run {
  readonly seconds: number;
  /** Seconds of processor time that the simulated clouds took of it. */
  readonly simulator: number;
  /** Resources that the preview would create. */
  readonly resources: number;
}

/** Something that is timed. */
export interface Contestant {
  readonly name: string;
  run(): Promise<Run>;
  close(): Promise<void>;
}

const NO_OP = fileURLToPath(new URL("../../fixtures/no-op", import.meta.url));

/** Regions of which each has three zones or more. https://aws.amazon.com/about-aws/global-infrastructure/regions_az/ */
const REGIONS = [
  "us-west-2",
  "us-east-1",
  "eu-central-1",
  "eu-west-1",
  "ap-southeast-2",
  "ap-northeast-1",
  "us-east-2",
  "eu-north-1",
];

const PLAN = "enterprise";

/** Our production stack over so many regions. */
export function prod(regions: number, pack: "pack" | "no pack" | "empty pack"): Promise<Contestant> {
  return preview(`prod, ${regions} region${regions === 1 ? "" : "s"}, ${pack}`, {
    stack: "prod",
    withPack: pack !== "no pack",
    change: {
      // eight regions of ten nodes are more than the pack's budget of nodes allows
      "nodes.max": 5,
      // and five systems in more than four regions more pools than other plans have
      cloudflarePlan: PLAN,
      regions: REGIONS.slice(0, regions).map((name, index) => ({
        name,
        role: index === 0 ? "primary" : "failover",
        cidr: `10.${index}.0.0/16`,
      })),
    },
    prepare: async (project) => {
      await copyProject(groundworkRoot, project);
      const settings = join(project, "rehearsal.yaml");
      writeFileSync(settings, readFileSync(settings, "utf8").replace("plan: pro", `plan: ${PLAN}`));
      if (pack !== "empty pack") return;
      writeFileSync(join(project, "policies/pack.ts"), "export const pack = [];\n");
      // the engine refuses the config of policies that a pack does not have
      rmSync(join(project, "policy-config.json"));
    },
  });
}

/** The engine with as many resources that do nothing, and no pack. */
export function bare(count: number): Promise<Contestant> {
  return preview(`bare engine, ${count} no-op resources`, {
    stack: "bench",
    withPack: false,
    change: { count },
    prepare: (project) => {
      cpSync(NO_OP, project, { recursive: true });
      symlinkSync(join(groundworkRoot, "node_modules"), join(project, "node_modules"));
      return Promise.resolve();
    },
  });
}

/** A program that loads all that production loads and makes nothing. */
export function importsOnly(): Promise<Contestant> {
  return preview("program that only loads what prod loads", {
    stack: "prod",
    withPack: false,
    change: {},
    prepare: async (project) => {
      await copyProject(groundworkRoot, project);
      writeFileSync(join(project, "stacks/index.ts"), 'import "./cloud.ts";\nexport default () => ({});\n');
    },
  });
}

/** Node by itself, or with what a program loads before it makes its first resource. */
export function node(name: string, imports: readonly string[]): Contestant {
  const script = imports.map((path) => `import ${JSON.stringify(join(groundworkRoot, path))};`).join("\n");
  return {
    name,
    run: async () => {
      const began = performance.now();
      await execa(process.execPath, ["--input-type=module", "-e", script === "" ? "0" : script], {
        env: { NODE_COMPILE_CACHE: join(ensureHome(), "cache/v8/bench") },
      });
      return { seconds: (performance.now() - began) / 1000, simulator: 0, resources: 0 };
    },
    close: () => Promise.resolve(),
  };
}

interface Setting {
  readonly stack: string;
  readonly withPack: boolean;
  readonly change: ConfigChange;
  readonly prepare: (project: string) => Promise<void>;
}

async function preview(name: string, { stack, withPack, change, prepare }: Setting): Promise<Contestant> {
  const project = mkdtempSync(join(tmpdir(), "groundwork-bench-"));
  await prepare(project);
  const session = await Session.open({ project, stack, progress: () => undefined });
  session.configure(change);
  return {
    name,
    run: async () => {
      const before = process.cpuUsage();
      const { exitCode, seconds, changes, diagnostics, violations } = await session.operate(
        "preview",
        "preview",
        withPack,
      );
      const { user, system } = process.cpuUsage(before);
      assert.equal(exitCode, 0, `${name}: ${[...diagnostics, ...violations].map(({ message }) => message).join("\n")}`);
      return { seconds, simulator: (user + system) / 1e6, resources: changes.create };
    },
    close: async () => {
      await session.forget();
      rmSync(project, { recursive: true, force: true });
      // nobody rehearses a temporary project again
      rmSync(dirname(session.folders.stack), { recursive: true, force: true });
    },
  };
}
