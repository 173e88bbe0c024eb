import { existsSync } from "node:fs";
import { parseArgs } from "node:util";
import { Checker, SourceUnreachable } from "./checker.ts";
import { hideCrashes } from "./crash.ts";
import { givenValue } from "./given-value.ts";
import { History } from "./history.ts";
import { historyProblem } from "./history-file.ts";
import { monitorHealth, storesHealth } from "./monitor/health.ts";
import { minutesFrom, wholeFrom } from "./monitor/numbers.ts";
import { startMonitor, untilSignalled } from "./monitor/start.ts";
import { InvalidMapping } from "./reader.ts";

const EXIT_DRIFT = 1;
const EXIT_BAD_INPUT = 2;
const EXIT_UNASKED = 3;

const HELP = `Usage: node main.ts <command> [options]

Compares secrets in all the places where they are kept with the one that is true. What it says is JSON, one line for each
round of the monitor, and never a value.

Commands:
  init            make the key of the fingerprints in the source, and encrypted files of the mapping, where they are missing
  set <property>  give the source a value, which is read from standard input
  check           one round
  monitor         a round every few minutes, until SIGTERM
  health-check    whether the stores answer, and the monitor's last round is younger than two intervals

Options, or the variable of the environment:
  --mapping <file>   MAPPING; default /etc/secret-drift/secrets.yaml
  --history <file>   HISTORY; default /var/lib/secret-drift/history.db
  --port <port>      PORT; monitor: page, API and metrics; default none
  --host <address>   HOST; monitor: the address that those listen at; default 0.0.0.0
  --every <minutes>  monitor: instead of monitor.everyMinutes of the mapping
  --rounds <n>       monitor: end after as many
  --monitor-only     health-check: ask no store

Exit codes: 0 in step, or well; 1 drift, or no monitor works; 2 bad input; 3 a store could not be asked.
`;

const OPTIONS = {
  mapping: { type: "string" },
  history: { type: "string" },
  port: { type: "string" },
  host: { type: "string" },
  every: { type: "string" },
  rounds: { type: "string" },
  "monitor-only": { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const;

type Values = ReturnType<typeof read>["values"];

const COMMANDS: Readonly<Record<string, (values: Values, ...operands: readonly string[]) => Promise<number>>> = {
  init,
  set,
  check,
  monitor,
  "health-check": healthCheck,
};

async function main(args: readonly string[]): Promise<number> {
  try {
    const { values, positionals } = read(args);
    const [name = "", ...more] = positionals;
    if (values.help === true) return say(HELP.trimEnd(), 0);
    const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
    // what a command takes beside its options
    const operands = name === "set" ? 1 : 0;
    if (command === undefined || more.length !== operands)
      throw new InvalidMapping(
        `the command is ${JSON.stringify(positionals.join(" "))}: write one of ${Object.keys(COMMANDS).join(", ").replace("set", "set <property>")}`,
      );
    return await command(values, ...more);
  } catch (error) {
    return report(error, args);
  }
}

function read(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  } catch (error) {
    const [sentence = ""] = (error as Error).message.split(/[.\n]/);
    throw new InvalidMapping(`${sentence}: \`node main.ts --help\` lists what there is`);
  }
}

function report(error: unknown, args: readonly string[]): number {
  if (error instanceof SourceUnreachable)
    return complain(`the source could not be asked: ${error.message}`, EXIT_UNASKED);
  const problem = error instanceof InvalidMapping ? error.message : historyProblem(error, historyOf(read(args).values));
  if (problem === undefined) throw error;
  return complain(problem, EXIT_BAD_INPUT);
}

async function init(values: Values): Promise<number> {
  return withChecker(values, async (checker) => {
    const made = await checker.create();
    if (await checker.prepare()) made.push(`the key of the fingerprints in ${checker.mapping.source.store}`);
    return say(JSON.stringify({ made }), 0);
  });
}

async function set(values: Values, property: string): Promise<number> {
  return withChecker(values, async (checker) => {
    await checker.set(property, () => givenValue(process.stdin));
    return say(JSON.stringify({ set: property }), 0);
  });
}

async function check(values: Values): Promise<number> {
  return withChecker(values, async (checker) => {
    const { drifts, unasked } = await checker.check();
    const found = { secrets: checker.mapping.secrets.length, findings: checker.history.open(), unasked };
    return say(JSON.stringify(found), unasked.length > 0 ? EXIT_UNASKED : drifts.length > 0 ? EXIT_DRIFT : 0);
  });
}

async function monitor(values: Values): Promise<number> {
  const rounds = wholeFrom(values.rounds, "--rounds", 1);
  const last = await startMonitor({
    mapping: mappingOf(values),
    history: historyOf(values),
    everyMinutes: minutesFrom(values.every, "--every"),
    rounds,
    port: wholeFrom(values.port ?? variable("PORT"), values.port === undefined ? "PORT" : "--port", 0, 65_535),
    host: values.host ?? variable("HOST") ?? "0.0.0.0",
    format: "json",
    write: (line) => void process.stdout.write(`${line}\n`),
    complain: (sentence) => void process.stderr.write(`${sentence}\n`),
    signal: untilSignalled(),
  });
  if (rounds === undefined || last === undefined) return 0;
  if (last.failure !== undefined || last.unasked.length > 0) return EXIT_UNASKED;
  return last.open.length > 0 ? EXIT_DRIFT : 0;
}

async function healthCheck(values: Values): Promise<number> {
  if (values["monitor-only"] === true) {
    const history = historyOf(values);
    if (!existsSync(history)) throw new InvalidMapping(`there is no history ${history}: name another with --history`);
    const opened = new History(history);
    const rounds = monitorHealth(opened, Date.now());
    opened.close();
    return say(JSON.stringify({ monitor: rounds }), rounds.isWell ? 0 : EXIT_DRIFT);
  }
  return withChecker(values, async (checker) => {
    const stores = await storesHealth(checker);
    const rounds = monitorHealth(checker.history, Date.now());
    const isAsked = stores.every(({ problem }) => problem === undefined);
    return say(JSON.stringify({ stores, monitor: rounds }), !isAsked ? EXIT_UNASKED : rounds.isWell ? 0 : EXIT_DRIFT);
  });
}

async function withChecker(values: Values, work: (checker: Checker) => Promise<number>): Promise<number> {
  const checker = await Checker.open({ mapping: mappingOf(values), history: historyOf(values) });
  try {
    return await work(checker);
  } finally {
    checker.close();
  }
}

function mappingOf({ mapping }: Values): string {
  return mapping ?? variable("MAPPING") ?? "/etc/secret-drift/secrets.yaml";
}

function historyOf({ history }: Values): string {
  return history ?? variable("HISTORY") ?? "/var/lib/secret-drift/history.db";
}

/** An empty variable is none: that is how a container's definition leaves one out. */
function variable(name: string): string | undefined {
  const value = process.env[name];
  return value === "" ? undefined : value;
}

function say(text: string, code: number): number {
  process.stdout.write(`${text}\n`);
  return code;
}

function complain(sentence: string, code: number): number {
  process.stderr.write(`${sentence}\n`);
  return code;
}

hideCrashes();
process.exitCode = await main(process.argv.slice(2));
