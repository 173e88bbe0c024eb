import { BadInput } from "@groundwork/lib/errors";
import type { Command } from "commander";
import { checkAll, lookAll, recorded, type Seen, type State } from "../images/look.ts";
import { FILE, type Pins, readPins, writeDigests } from "../images/pins.ts";
import { registries } from "../images/registry.ts";

interface Flags {
  readonly project: string;
  readonly check?: boolean;
  readonly pin?: boolean;
  readonly json?: boolean;
}

export function register(program: Command): void {
  program
    .command("images")
    .description("list the upstream images, check their digests, or ask the registries for them")
    .option("--check", "ask whether each tag still has the digest of the file; a digest that is absent fails too")
    .option("--pin", `ask every registry for the digest of its tag and write them into ${FILE}, all or none`)
    .option("--project <directory>", "the Pulumi project", ".")
    .option("--json", "print one JSON document on standard output and nothing else")
    .addHelpText("after", HELP)
    .action(run);
}

const HELP = `
A tag can be moved to another image, a digest cannot: with one, every machine runs the same bytes. Registries are asked
as anybody, without a login. A pin changes what the stacks refer to: the next update pulls the image by its digest, and
replaces the containers where the tag has moved since.

Examples:
  $ groundwork images
  $ groundwork images --pin && git diff ${FILE}
  $ groundwork images --check --json | jq '.[] | select(.state != "pinned")'

Exit codes: 0 fine; 1 a digest is unknown, a tag has moved or is gone; 2 bad input; 3 a registry cannot be reached.`;

const EXIT_FAILED = 1;
const EXIT_UNREACHABLE = 3;
const FAILURES: readonly State[] = ["unknown", "moved", "refused"];

async function run(flags: Flags): Promise<void> {
  if (flags.check === true && flags.pin === true)
    throw new BadInput("--check and --pin are both given; write one of them.");
  const pins = readPins(flags.project);
  const seen = flags.pin === true ? await pin(flags.project, pins) : await looked(pins, flags);
  process.stdout.write(flags.json === true ? `${JSON.stringify(seen, null, 2)}\n` : seen.map(line).join(""));
}

async function looked(pins: Pins, { check }: Flags): Promise<Seen[]> {
  if (check !== true) return recorded(pins);
  const seen = await checkAll(pins, registries());
  tell(seen.filter(({ reason }) => reason !== undefined));
  if (seen.some(({ state }) => FAILURES.includes(state))) process.exitCode = EXIT_FAILED;
  else if (seen.some(({ state }) => state === "unreachable")) process.exitCode = EXIT_UNREACHABLE;
  return seen;
}

/** Half of them pinned would look as if the others could not be. */
async function pin(project: string, pins: Pins): Promise<Seen[]> {
  const seen = await lookAll(pins, registries());
  const failed = seen.filter(({ found }) => found === undefined);
  if (failed.length === 0) {
    writeDigests(project, pins, new Map(seen.map(({ name, found = "" }) => [name, found])));
    return seen;
  }
  tell(failed);
  process.stderr.write(`${FILE} is as it was: ${failed.length} of ${seen.length} images have no digest to be had.\n`);
  process.exitCode = failed.some(({ state }) => state === "unreachable") ? EXIT_UNREACHABLE : EXIT_FAILED;
  return seen;
}

/** The same sentence once, however many images it is about. */
function tell(seen: readonly Seen[]): void {
  for (const reason of new Set(seen.map((one) => one.reason))) process.stderr.write(`${reason ?? ""}\n`);
}

function line({ name, repository, tag, digest, found, state }: Seen): string {
  const now = found !== undefined && found !== digest ? ` now ${found}` : "";
  return `${name.padEnd(20)} ${state.padEnd(11)} ${repository}:${tag}${digest === undefined ? "" : `@${digest}`}${now}\n`;
}
