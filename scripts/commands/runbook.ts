import { existsSync } from "node:fs";
import { join } from "node:path";
import { BadInput } from "@groundwork/lib/errors";
import type { Command } from "commander";
import { execa } from "execa";
import { renderRunbook } from "../drill/runbook.ts";
import { outputsOf } from "../drill/state.ts";
import { PROMOTION, candidates, stepsTo } from "../drill/steps.ts";
import { readState, resourcesOf } from "../rehearsal/deployment.ts";
import { engineEnvironment, findEngine } from "../rehearsal/engine/index.ts";
import { ensureHome, foldersFor, groundworkRoot } from "../rehearsal/home.ts";
import { type Project, readProject, stackFile } from "../rehearsal/project.ts";

interface Flags {
  readonly stack: string;
  readonly region: string;
  readonly project: string;
  readonly rehearsed?: boolean;
}

export function register(program: Command): void {
  const runbook = program.command("runbook").description("print a procedure for people, made from the stack itself");
  runbook
    .command("promote")
    .description("how a region takes over from the one that leads and is lost, as Markdown")
    .requiredOption("-s, --stack <name>", "the stack")
    .requiredOption("--region <name>", "the region that takes over")
    .option("--project <directory>", "the Pulumi project", ".")
    .option("--rehearsed", "of the last rehearsal or drill of the stack, instead of the stack itself")
    .addHelpText("after", EXAMPLES)
    .action(run);
}

const EXAMPLES = `
Print it before you need it: the state may live in the region that is lost.

Examples:
  $ groundwork runbook promote -s prod --region us-east-1 > promote-us-east-1.md
  $ groundwork runbook promote -s prod --region us-east-1 --rehearsed

Exit codes: 0 printed; 2 bad input.`;

async function run(flags: Flags): Promise<void> {
  const { stack, region } = flags;
  const project = readProject(flags.project);
  stackFile(project, stack);
  const outputs = flags.rehearsed === true ? rehearsedOutputs(project, stack) : await deployedOutputs(project, stack);
  const able = candidates(outputs);
  if (able.length === 0) {
    throw new BadInput(`stack ${stack} has no output \`${PROMOTION}\`: update it first, or name one with two regions`);
  }
  if (!able.includes(region)) {
    throw new BadInput(`--region ${region} cannot take over in ${stack}: write one of ${able.join(", ")}`);
  }
  process.stdout.write(renderRunbook({ project: project.name, stack, region, steps: stepsTo(outputs, region) }));
}

function rehearsedOutputs({ root }: Project, stack: string): Readonly<Record<string, unknown>> {
  const path = join(foldersFor(root, stack).stack, "deployment.json");
  if (!existsSync(path)) {
    throw new BadInput(`stack ${stack} has not been rehearsed here: run \`npm run rehearse -- -s ${stack}\` first`);
  }
  return outputsOf(resourcesOf(readState(path)));
}

async function deployedOutputs({ root }: Project, stack: string): Promise<Readonly<Record<string, unknown>>> {
  const cacheDir = join(ensureHome(), "cache");
  const engine = await findEngine({ cacheDir, sdkRoot: groundworkRoot, progress: () => undefined });
  const shown = await execa(engine.pulumi, ["stack", "output", "--json", "--stack", stack, "--non-interactive"], {
    cwd: root,
    env: engineEnvironment(engine),
    extendEnv: false,
    reject: false,
    stdin: "ignore",
  });
  if (shown.exitCode === 0) return JSON.parse(shown.stdout) as Record<string, unknown>;
  const reason = shown.stderr
    .trim()
    .split("\n")
    .at(-1)
    ?.replace(/^error: /, "");
  throw new BadInput(
    `the outputs of stack ${stack} cannot be read (${reason ?? "no reason told"}): log in with \`pulumi login\`, or add --rehearsed`,
  );
}
