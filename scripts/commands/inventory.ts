import type { Command } from "commander";
import { type Listed, listInventory } from "../rehearsal/listing.ts";

interface Flags {
  readonly stack: string;
  readonly project: string;
  readonly json?: boolean;
}

export function register(program: Command): void {
  program
    .command("inventory")
    .description("list what exists in the simulated clouds of a stack after a rehearsal that was kept or stopped")
    .requiredOption("-s, --stack <name>", "the rehearsed stack")
    .option("--project <directory>", "the Pulumi project", ".")
    .option("--json", "print one JSON document on standard output and nothing else")
    .addHelpText("after", EXAMPLES)
    .action(run);
}

const EXAMPLES = `
Examples:
  $ groundwork rehearse -s dev --keep && groundwork inventory -s dev
  $ groundwork inventory -s prod --json | jq -r '.[].type' | sort | uniq -c

Exit codes: 0 fine; 2 bad input, or the stack is being rehearsed now.`;

function run(flags: Flags): void {
  const listed = listInventory(flags.project, flags.stack);
  process.stdout.write(flags.json === true ? `${JSON.stringify(listed, null, 2)}\n` : render(listed, flags.stack));
}

function render(listed: readonly Listed[], stack: string): string {
  if (listed.length === 0)
    return `nothing exists in the clouds of ${stack}: \`groundwork rehearse -s ${stack} --keep\` leaves it there\n`;
  const places = Map.groupBy(listed, ({ place }) => place);
  const width = Math.max(...listed.map(({ type }) => type.length));
  const nameWidth = Math.max(...listed.map(({ urn }) => nameIn(urn).length));
  const line = ({ type, urn, id, broughtBy, retained }: Listed): string => {
    const note = retained ?? (broughtBy === undefined ? undefined : `brought by ${broughtBy}`);
    const columns = `  ${type.padEnd(width)}  ${nameIn(urn).padEnd(nameWidth)}  ${id}`;
    return `${columns}${note === undefined ? "" : `  (${note})`}\n`;
  };
  return [...places].map(([place, things]) => `${place}\n${things.map(line).join("")}`).join("\n");
}

/** What the program called it. */
function nameIn(urn: string): string {
  return urn.split("::").slice(3).join("::");
}
