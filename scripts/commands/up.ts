import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline/promises";
import { BadInput } from "@groundwork/lib/errors";
import type { Command } from "commander";
import { execa } from "execa";
import { askDockerHost, dockerPlan, hostProblems } from "../rehearsal/docker-host/index.ts";
import {
  type Engine,
  type OperationCommand,
  type OperationResult,
  engineEnvironment,
  findEngine,
  recogniseBadInput,
  runOperation,
} from "../rehearsal/engine/index.ts";
import { ensureHome, groundworkRoot } from "../rehearsal/home.ts";
import { type Project, readProject } from "../rehearsal/project.ts";
import { unreachableHint } from "../rehearsal/unreachable.ts";
import { Progress } from "./progress.ts";
import {
  type UpOutcome,
  changesAnything,
  describeStep,
  renderOutcome,
  renderPreview,
  upDocument,
} from "./up-report.ts";

interface Flags {
  readonly stack: string;
  readonly project: string;
  readonly yes?: boolean;
  readonly json?: boolean;
}

/** What both operations of one `up` share. */
interface Session {
  readonly engine: Engine;
  readonly project: Project;
  readonly stack: string;
  readonly pack: string;
  /** For the event logs; removed at the end. */
  readonly folder: string;
  readonly tell: (line: string) => void;
  readonly interrupt: AbortController;
}

export function register(program: Command): void {
  program
    .command("up")
    .description("update a real stack: preview with the policy pack, show what would change, ask, update")
    .requiredOption("-s, --stack <name>", "the stack to update; it must exist")
    .option("-y, --yes", "update without asking; a mandatory policy still stops it")
    .option("--project <directory>", "the Pulumi project", ".")
    .option("--json", "print one JSON document on standard output and nothing else (needs --yes without a terminal)")
    .addHelpText("after", HELP)
    .action(run);
}

const HELP = `
\`pulumi up\` runs no policy by itself. This previews with the project's pack in policies/ (groundwork's own where there is
none) and the pack's config in policy-config.json: a mandatory violation stops it before anything is changed. Then it asks,
and updates with the same pack.
Backend, passphrase and cloud credentials are taken from the environment and from \`pulumi login\`, as pulumi takes them.

Examples:
  $ groundwork up -s dev
  $ groundwork up -s prod --yes                      in CI
  $ groundwork up -s prod --yes --json > update.json
  $ groundwork up -s staging --project ../another-pulumi-project

Exit codes: 0 updated, or nothing to change; 1 a policy, an error or your answer stopped it; 2 bad input.`;

async function run(flags: Flags): Promise<void> {
  const project = readProject(flags.project);
  if (flags.yes !== true && !hasTerminal()) {
    throw new BadInput("groundwork up asks before it changes anything, and there is no terminal to ask on: add --yes");
  }
  const progress = new Progress({ quiet: flags.json === true });
  const session = await open(flags, project, (line) => progress.line(flags.stack, line));
  const stopListening = interruptOnSignals(session);
  try {
    await requireStack(session);
    const outcome = await update(session, flags);
    progress.end();
    process.stdout.write(
      flags.json === true ? `${JSON.stringify(upDocument(outcome), null, 2)}\n` : renderOutcome(outcome),
    );
    if (outcome.result !== "updated" && outcome.result !== "unchanged") process.exitCode = 1;
  } finally {
    stopListening();
    rmSync(session.folder, { recursive: true, force: true });
  }
}

async function open(flags: Flags, project: Project, tell: (line: string) => void): Promise<Session> {
  const home = ensureHome();
  const engine = await findEngine({ cacheDir: join(home, "cache"), sdkRoot: groundworkRoot, progress: tell });
  mkdirSync(join(home, "tmp"), { recursive: true });
  return {
    engine,
    project,
    stack: flags.stack,
    pack: project.policyPack ?? join(groundworkRoot, "policies"),
    folder: mkdtempSync(join(home, "tmp", "up-")),
    tell,
    interrupt: new AbortController(),
  };
}

async function update(session: Session, flags: Flags): Promise<UpOutcome> {
  const { engine, stack, interrupt } = session;
  const preview = await operate(session, "preview");
  const about = { stack, engine, preview };
  if (hasMandatoryViolation(preview)) return { ...about, result: "stopped by policy" };
  const hint = unreachableHint(session.project, preview.diagnostics);
  if (preview.exitCode !== 0)
    return { ...about, hint, result: preview.interrupted === undefined ? "preview failed" : "interrupted" };
  if (!changesAnything(preview)) return { ...about, result: "unchanged" };
  await refuseWhatTheHostCannotCarry(session, preview);
  if (flags.json !== true) process.stdout.write(renderPreview(preview));
  if (flags.yes !== true && !(await confirmed(stack, interrupt.signal))) return { ...about, result: "declined" };
  const updated = await operate(session, "up");
  if (updated.exitCode === 0) return { ...about, update: updated, result: "updated" };
  const advice = unreachableHint(session.project, updated.diagnostics);
  return {
    ...about,
    hint: advice,
    update: updated,
    result: updated.interrupted === undefined ? "update failed" : "interrupted",
  };
}

/** @throws BadInput when the stack's configuration stopped it: nothing has been changed then */
async function operate(
  session: Session,
  command: Extract<OperationCommand, "preview" | "up">,
): Promise<OperationResult> {
  const { engine, project, stack, pack, folder, tell, interrupt } = session;
  tell(command === "preview" ? `previewing with the policy pack ${pack}` : "updating");
  const result = await runOperation({
    engine,
    cwd: project.root,
    command,
    stack,
    pack,
    eventLog: join(folder, `${command}.jsonl`),
    signal: interrupt.signal,
    onEvent: ({ resOutputsEvent }) => {
      if (command === "up" && resOutputsEvent !== undefined) describeStep(resOutputsEvent.metadata).forEach(tell);
    },
  });
  if (result.badInput !== undefined) throw new BadInput(result.badInput);
  return result;
}

/** @throws BadInput before anything is started, where the Docker host has not got what the environment needs */
async function refuseWhatTheHostCannotCarry({ tell }: Session, { steps }: OperationResult): Promise<void> {
  const plan = dockerPlan(steps);
  if (plan.containers.length === 0) return;
  const host = await askDockerHost(plan.containers.flatMap(({ ports }) => ports));
  if (host === undefined) {
    tell("no Docker Engine answers `docker info`: cores, memory, ports and networks of its host are not checked");
    return;
  }
  const problems = hostProblems(plan, host);
  if (problems.length > 0) throw new BadInput(problems.join("\n"));
}

function hasMandatoryViolation({ violations }: OperationResult): boolean {
  return violations.some(({ level }) => level === "mandatory");
}

/** Also tells whether one is logged in at all, before anything else is asked of the backend. */
async function requireStack({ engine, project, stack }: Session): Promise<void> {
  const listed = await execa(engine.pulumi, ["stack", "ls", "--json", "--non-interactive"], {
    cwd: project.root,
    env: engineEnvironment(engine),
    extendEnv: false,
    reject: false,
    stdin: "ignore",
  });
  if (listed.exitCode !== 0) {
    throw new BadInput(
      recogniseBadInput([], listed.stderr, project.root) ??
        `the stacks of this backend cannot be listed: ${lastLine(listed.stderr)}`,
    );
  }
  const names = (JSON.parse(listed.stdout) as { name: string }[]).map(({ name }) => name);
  if (names.some((name) => name === stack || name.endsWith(`/${stack}`) || stack.endsWith(`/${name}`))) return;
  const existing = names.length === 0 ? "none exists" : `there are ${names.join(", ")}`;
  throw new BadInput(
    `--stack ${stack} does not exist in this backend (${existing}): choose one that does, or make it with \`pulumi stack init ${stack}\``,
  );
}

function lastLine(text: string): string {
  return (
    text
      .trim()
      .split("\n")
      .at(-1)
      ?.replace(/^error: /, "") ?? ""
  );
}

function hasTerminal(): boolean {
  return process.stdin.isTTY && process.stderr.isTTY;
}

/** Asked on standard error, so that standard output stays what was asked for. */
async function confirmed(stack: string, signal: AbortSignal): Promise<boolean> {
  const dialogue = createInterface({ input: process.stdin, output: process.stderr });
  // readline takes Ctrl-C for itself
  dialogue.on("SIGINT", () => process.emit("SIGINT"));
  try {
    const answer = await dialogue.question(`Update ${stack}? Type yes to do it: `, { signal });
    return answer.trim().toLowerCase() === "yes";
  } catch {
    return false; // interrupted, or the end of input
  } finally {
    dialogue.close();
  }
}

/** The first Ctrl-C lets the engine finish what is under way; it is the engine that must not be cut off. */
function interruptOnSignals({ interrupt, tell }: Session): () => void {
  const stop = (): void => {
    if (!interrupt.signal.aborted)
      tell("stopping: what is under way is finished first (30 s at most, then it is abandoned)");
    interrupt.abort();
  };
  const signals: NodeJS.Signals[] = ["SIGINT", "SIGTERM", "SIGHUP"];
  for (const signal of signals) process.on(signal, stop);
  return () => {
    for (const signal of signals) process.off(signal, stop);
  };
}
