import type { Command } from "commander";
import * as alertTest from "./secrets-alert-test.ts";
import * as approve from "./secrets-approve.ts";
import * as check from "./secrets-check.ts";
import * as heal from "./secrets-heal.ts";
import * as history from "./secrets-history.ts";
import * as scan from "./secrets-scan.ts";
import * as setup from "./secrets-setup.ts";
import type { AddCommand } from "./secrets-shared.ts";

/** Some sub-commands: a file `secrets-<name>.ts` that exports `register`. */
interface SubCommands {
  readonly register: (add: AddCommand) => void;
}

const PARTS: readonly SubCommands[] = [setup, check, heal, approve, history, scan, alertTest];

export function register(program: Command): void {
  const secrets = program
    .command("secrets")
    .description("compare secrets in all their places with the one that is true, and heal what differs")
    .addHelpText("after", HELP);
  const add: AddCommand = (name, description) =>
    secrets
      .command(name)
      .description(description)
      .option("--mapping <file>", "which secret belongs where", "secrets.yaml")
      .option("--history <file>", "what was found before (default: in .groundwork, or GROUNDWORK_HOME)")
      .option("--json", "print one JSON document on standard output and nothing else");
  for (const part of PARTS) part.register(add);
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

Exit codes: 0 in step; 1 there is drift; 2 bad input; 3 a store could not be asked; 70 the checker
itself has failed.`;
