import { existsSync } from "node:fs";
import { join } from "node:path";
import { BadInput } from "@groundwork/lib/errors";
import type { Command } from "commander";
import type { Checker, ManagedValues, ScanReport, ScanTargets } from "../../components/secret-drift/checker/index.ts";
import { type SearchedValues, renderScan, sarifOf } from "../reports/secrets-scan.ts";
import { Progress } from "./progress.ts";
import { type AddCommand, type Flags, exitBy, guarded, loadChecker, print, withChecker } from "./secrets-shared.ts";

interface ScanFlags extends Flags {
  readonly repository?: string;
  readonly treeOnly?: boolean;
  readonly manifests: readonly string[];
  readonly state: readonly string[];
  readonly container: readonly string[];
  readonly log: readonly string[];
  readonly sarif?: boolean;
}

export function register(add: AddCommand): void {
  const several = (value: string, before: readonly string[]): readonly string[] => [...before, value];
  add("scan", "look for secrets where they should not be: files and their history, manifests, states, containers, logs")
    .argument("[paths...]", "files or folders, as they are")
    .option(
      "--repository <folder>",
      "a git repository with its history (default: the present one, if nothing is named)",
    )
    .option("--tree-only", "leave the repository's history out")
    .option("--manifests <path>", "rendered Kubernetes manifests, a file or a folder; may be repeated", several, [])
    .option("--state <file>", "what `pulumi stack export` wrote; may be repeated", several, [])
    .option("--container <file>", "what `docker inspect` wrote; may be repeated", several, [])
    .option("--log <file>", "a log, compressed or not; may be repeated", several, [])
    .option("--sarif", "print one SARIF document on standard output and nothing else")
    .addHelpText("after", HELP)
    .action(guarded(run));
}

const HELP = `
Looks for the values of the mapping's secrets, however they are encoded, and by the rules of secretlint for any other.
Without a mapping only the rules look. No value is shown. Instead of a file, - is standard input.
Exceptions have a path, a rule and a reason: below \`exposure.ignore\` in the mapping, or \`ignore\` in .exposure.yaml.

Examples:
  $ groundwork secrets scan
  $ pulumi stack export | groundwork secrets scan --state -
  $ docker inspect $(docker ps -q) | groundwork secrets scan --container -
  $ groundwork secrets scan --manifests rendered/ --log app.log.gz dist/

Exit codes: 0 nothing found; 1 something; 2 bad input; 3 the source could not be asked, so that only the rules looked.`;

async function run(paths: readonly string[], flags: ScanFlags, command: Command): Promise<void> {
  if (flags.json === true && flags.sarif === true)
    throw new BadInput("--json and --sarif exclude each other: write one");
  const isDefault = command.getOptionValueSource("mapping") === "default";
  if (isDefault && !existsSync(flags.mapping)) {
    const without = `there is no ${flags.mapping}, so only rules were looked for`;
    await scanAndTell(targetsOf(paths, flags), flags, { count: 0, notSearched: [], without });
  } else await withChecker(flags, (checker) => scanManaged(checker, targetsOf(paths, flags), flags));
}

function targetsOf(files: readonly string[], flags: ScanFlags): ScanTargets {
  const { repository, manifests, state: states, container: containers, log: logs } = flags;
  const isNamed = [files, manifests, states, containers, logs].some((named) => named.length > 0);
  const folder = repository ?? (isNamed ? undefined : ".");
  if (folder === undefined && flags.treeOnly === true)
    throw new BadInput("--tree-only is about a repository: write --repository <folder> too, or leave it out");
  const named = { files, manifests, states, containers, logs, history: flags.treeOnly !== true };
  return folder === undefined ? named : { ...named, repository: folder };
}

/** Where the source gives no values, the rules look all the same. */
async function scanManaged(checker: Checker, targets: ScanTargets, flags: ScanFlags): Promise<void> {
  const { readManaged, SourceUnreachable } = await loadChecker();
  let managed: ManagedValues;
  try {
    managed = await readManaged(checker.mapping, checker.source);
  } catch (error) {
    if (!(error instanceof SourceUnreachable)) throw error;
    const unasked = `no managed value was looked for, since the source could not be asked: ${error.message}`;
    await scanAndTell(targets, flags, { count: 0, notSearched: [], unasked }, checker);
    return;
  }
  const { count, notSearched } = managed;
  const missed = notSearched.filter((each) => each.unasked).map(({ secret }) => secret);
  const unasked = missed.length === 0 ? {} : { unasked: `the source could not be asked for ${missed.join(", ")}` };
  await scanAndTell(targets, flags, { count, notSearched, ...unasked }, checker, managed);
}

async function scanAndTell(
  targets: ScanTargets,
  flags: ScanFlags,
  searched: SearchedValues,
  checker?: Checker,
  managed?: ManagedValues,
): Promise<void> {
  const { EXCEPTIONS_FILE, readExceptions, scan } = await loadChecker();
  const { repository, history } = targets;
  const ofRepository = readExceptions(join(repository ?? ".", EXCEPTIONS_FILE));
  const exceptions = [...(checker?.mapping.exposure.ignore ?? []), ...ofRepository];
  const progress = new Progress({ quiet: flags.json === true || flags.sarif === true });
  let report: ScanReport;
  try {
    report = await scan({
      targets,
      exceptions,
      ...(managed !== undefined && { managed }),
      ...(checker !== undefined && { record: checker.history.exposures }),
      tell: (subject, doing) => progress.status(subject, doing),
    });
  } finally {
    progress.end();
  }
  // what was not looked at may still need its exception
  const isWhole = repository !== undefined && history === true;
  report = { ...report, unused: isWhole ? report.unused.filter((each) => ofRepository.includes(each)) : [] };
  if (flags.sarif === true) process.stdout.write(`${JSON.stringify(sarifOf(report.exposures), null, 2)}\n`);
  else print(flags, { ...report, searched }, renderScan(report, searched));
  exitBy(report.exposures.length, searched.unasked === undefined ? 0 : 1);
}
