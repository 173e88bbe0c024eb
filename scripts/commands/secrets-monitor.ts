import { type HealthLine, renderHealth } from "../reports/secrets.ts";
import {
  type AddCommand,
  EXIT_DRIFT,
  EXIT_UNASKED,
  type Flags,
  exitBy,
  guarded,
  historyOf,
  loadChecker,
  print,
  withChecker,
} from "./secrets-shared.ts";

interface MonitorFlags extends Flags {
  readonly every?: string;
  readonly rounds?: string;
  readonly port?: string;
  readonly host?: string;
}

export function register(add: AddCommand): void {
  add("monitor", "check every few minutes, tell of each round, and serve page, API and metrics")
    .option("--every <minutes>", "from one round to the next (default: monitor.everyMinutes of the mapping, or 5)")
    .option("--rounds <n>", "end after as many rounds (default: never)")
    .option("--port <port>", "serve page, API and metrics at this port; 0 takes a free one (default: none)")
    .option("--host <address>", "the address that those listen at (default: 127.0.0.1)")
    .addHelpText("after", HELP)
    .action(guarded(monitor));
  add("health-check", "whether the stores answer, and the monitor's last round is younger than two intervals")
    .addHelpText("after", HEALTH_HELP)
    .action(guarded(healthCheck));
}

const HELP = `
One line for each round, or one JSON document with --json. What it mends is said in the mapping: \`healing: { mode: apply }\`
writes what is of low risk or approved; by default it only proposes. One monitor works with a history at a time. The first
SIGTERM or Ctrl-C ends it after the running round.

Examples:
  $ groundwork secrets monitor
  $ groundwork secrets monitor --port 9464 --every 1
  $ groundwork secrets --health-check           whether it works, and the stores answer

Exit codes: 0 ended by you; with --rounds those of the last round: 0 in step, 1 drift, 3 a store could not be asked;
2 bad input.`;

const HEALTH_HELP = `
Every store is asked by the cheapest question that tells, each region or cluster of it once.

Exit codes: 0 well; 1 no monitor works, or its rounds have stopped; 2 bad input; 3 a store does not answer.`;

async function monitor(flags: MonitorFlags): Promise<void> {
  const { startMonitor, untilSignalled, wholeFrom, minutesFrom } = await loadChecker();
  const rounds = wholeFrom(flags.rounds, "--rounds", 1);
  const last = await startMonitor({
    mapping: flags.mapping,
    history: historyOf(flags),
    everyMinutes: minutesFrom(flags.every, "--every"),
    rounds,
    port: wholeFrom(flags.port, "--port", 0, 65_535),
    host: flags.host,
    format: flags.json === true ? "json" : "text",
    write: (line) => void process.stdout.write(`${line}\n`),
    complain: (sentence) => void process.stderr.write(`${sentence}\n`),
    signal: untilSignalled(),
  });
  if (rounds === undefined || last === undefined) return;
  exitBy(last.open.length, last.unasked.length + (last.failure === undefined ? 0 : 1));
}

async function healthCheck(flags: Flags): Promise<void> {
  const { monitorHealth, storesHealth } = await loadChecker();
  await withChecker(flags, async (checker) => {
    const stores: readonly HealthLine[] = await storesHealth(checker);
    const rounds = monitorHealth(checker.history, Date.now());
    print(flags, { stores, monitor: rounds }, renderHealth(stores, rounds.says));
    if (stores.some(({ problem }) => problem !== undefined)) process.exitCode = EXIT_UNASKED;
    else if (!rounds.isWell) process.exitCode = EXIT_DRIFT;
  });
}
