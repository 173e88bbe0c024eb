import { readFileSync } from "node:fs";
import { stripVTControlCharacters } from "node:util";
import { BadInput } from "@groundwork/lib/errors";
import { Command, CommanderError } from "commander";
import * as autoscale from "./commands/autoscale.ts";
import * as capacity from "./commands/capacity.ts";
import * as cost from "./commands/cost.ts";
import * as diff from "./commands/diff.ts";
import * as drill from "./commands/drill.ts";
import * as images from "./commands/images.ts";
import * as inventory from "./commands/inventory.ts";
import * as optimize from "./commands/optimize.ts";
import * as recover from "./commands/recover.ts";
import * as rehearse from "./commands/rehearse.ts";
import * as runbook from "./commands/runbook.ts";
import * as secrets from "./commands/secrets.ts";
import * as tunnel from "./commands/tunnel.ts";
import * as up from "./commands/up.ts";

/** A command is a file in scripts/commands that exports `register`; it adds itself to the program, with its help. */
interface CommandModule {
  readonly register: (program: Command) => void;
}

const commands: readonly CommandModule[] = [
  rehearse,
  cost,
  optimize,
  diff,
  capacity,
  drill,
  runbook,
  inventory,
  up,
  recover,
  tunnel,
  autoscale,
  images,
  secrets,
];

const EXIT_FAILED = 1;
const EXIT_BAD_INPUT = 2;

const EXAMPLES = `
Examples:
  $ groundwork rehearse                 deploy every stack here, against simulated clouds
  $ groundwork up -s dev                preview with the policy pack, ask, update
  $ groundwork recover -s dev           after an engine died in the middle of an update

Each command has --help with examples of its own. In this repository: npm run groundwork -- <command> ...
Exit codes: 0 fine; 1 a policy or an operation stopped it; 2 bad input, nothing was changed.`;

/** Runs the command line and tells the exit code. Commands that stopped without an error set process.exitCode themselves. */
async function main(args: readonly string[]): Promise<void> {
  try {
    await build().parseAsync(args, { from: "user" });
  } catch (error) {
    process.exitCode = report(error);
  }
}

function build(): Command {
  const program = new Command("groundwork")
    .description("Deploys, rehearses and recovers whole environments with Pulumi.")
    .version(version())
    .addHelpText("after", EXAMPLES)
    .exitOverride()
    // commander's own message is told by report, in the same form as every other bad input
    .configureOutput({ outputError: () => {} });
  for (const { register } of commands) register(program);
  return program;
}

function version(): string {
  const manifest = readFileSync(new URL("../package.json", import.meta.url), "utf8");
  return (JSON.parse(manifest) as { version: string }).version;
}

function report(error: unknown): number {
  if (error instanceof CommanderError) return reportUsage(error);
  process.stderr.write(`${messageOf(error)}\n`);
  return error instanceof BadInput ? EXIT_BAD_INPUT : EXIT_FAILED;
}

/** Help and version, which commander also reports by throwing, have been printed; what remains is an unknown flag or command. */
function reportUsage({ code, exitCode, message }: CommanderError): number {
  if (exitCode === 0) return 0;
  if (code !== "commander.help") {
    const sentence = message
      .replace(/^error: /, "")
      .replace(/\s*\n\s*/g, " ")
      .trim();
    process.stderr.write(`${sentence}: \`groundwork --help\` lists what there is\n`);
  }
  return EXIT_BAD_INPUT;
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof BadInput) return error.message;
  // the stack tells a user nothing, but who reports a bug needs it
  return process.env["GROUNDWORK_DEBUG"] === undefined
    ? error.message
    : stripVTControlCharacters(error.stack ?? error.message);
}

// `groundwork ... | head` closes the pipe early, which must not stop an update half-way
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
  });
}

await main(process.argv.slice(2));
