import { BadInput } from "@groundwork/lib/errors";
import type { Command } from "commander";
import * as alertTest from "./secrets-alert-test.ts";
import * as approve from "./secrets-approve.ts";
import * as check from "./secrets-check.ts";
import * as heal from "./secrets-heal.ts";
import * as history from "./secrets-history.ts";
import * as monitor from "./secrets-monitor.ts";
import * as scan from "./secrets-scan.ts";
import * as setup from "./secrets-setup.ts";
import type { AddCommand } from "./secrets-shared.ts";

/** Some sub-commands: a file `secrets-<name>.ts` that exports `register`. */
interface SubCommands {
  readonly register: (add: AddCommand) => void;
}

const PARTS: readonly SubCommands[] = [setup, check, heal, approve, history, monitor, scan, alertTest];

/** Options of `secrets` that are commands; what else they take stands behind them. */
const AS_OPTIONS = ["monitor", "health-check"] as const;

export function register(program: Command): void {
  const secrets = program
    .command("secrets")
    .description("compare secrets in all their places with the one that is true, and heal what differs")
    .option("--monitor", "the same as the command monitor, with its options")
    .option("--health-check", "the same as the command health-check, with its options")
    .allowUnknownOption()
    .allowExcessArguments()
    .addHelpText("after", HELP)
    .hook("preSubcommand", refuseBoth)
    .action(async () => run(secrets));
  const add: AddCommand = (name, description) =>
    secrets
      .command(name)
      .description(description)
      .allowUnknownOption(false)
      .allowExcessArguments(false)
      .option("--mapping <file>", "which secret belongs where", "secrets.yaml")
      .option("--history <file>", "what was found before (default: in .groundwork, or GROUNDWORK_HOME)")
      .option("--json", "print one JSON document on standard output and nothing else");
  for (const part of PARTS) part.register(add);
}

function givenTo(secrets: Command): readonly string[] {
  return AS_OPTIONS.filter((name) =>
    secrets.options.some(
      (each) => each.name() === name && secrets.getOptionValueSource(each.attributeName()) === "cli",
    ),
  );
}

function refuseBoth(secrets: Command, command: Command): void {
  const [option] = givenTo(secrets);
  if (option !== undefined)
    throw new BadInput(`--${option} and the command ${command.name()} are given together: write one`);
}

/** Without a sub-command. */
async function run(secrets: Command): Promise<void> {
  const names = givenTo(secrets);
  const [name] = names;
  const [stranger] = secrets.args;
  if (names.length > 1)
    throw new BadInput(`${names.map((each) => `--${each}`).join(" and ")} are given together: write one`);
  if (name !== undefined) {
    await secrets.commands.find((each) => each.name() === name)?.parseAsync(secrets.args, { from: "user" });
    return;
  }
  if (stranger === undefined) secrets.help({ error: true });
  const known = secrets.commands.map((each) => each.name()).join(", ");
  throw new BadInput(`groundwork secrets has no ${stranger}: write one of ${known}`);
}

const HELP = `
One store is the source of truth; a mapping says which of its properties belong to which places. No value is ever shown:
values are compared by keyed fingerprints. Nothing is deleted, and nothing is written but by \`heal --apply\`.

Examples:
  $ groundwork secrets init
  $ printf %s "$PASSWORD" | groundwork secrets set database.password
  $ groundwork secrets check
  $ groundwork secrets heal                     what would be done
  $ groundwork secrets approve 3f2a9c0d1e4b     as somebody else, where the risk is high
  $ groundwork secrets heal --apply
  $ groundwork secrets scan                     where secrets are that should not be there
  $ groundwork secrets monitor --port 9464      a round every 5 minutes; page, API and metrics
  $ groundwork secrets --health-check

Exit codes: 0 in step; 1 there is drift; 2 bad input; 3 a store could not be asked; 70 the checker
itself has failed.`;
