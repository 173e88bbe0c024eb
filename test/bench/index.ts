import { Command, InvalidArgumentError } from "commander";
import { type Contestant, type Run, bare, importsOnly, node, prod } from "./contestants.ts";
import {
  type Question,
  type Report,
  type Runs,
  difference,
  exponentsOf,
  ratiosOf,
  render,
  secondsOf,
} from "./report.ts";
import { spread } from "./statistics.ts";

interface Flags {
  readonly rounds: number;
  readonly json?: boolean;
}

const flags = new Command("bench")
  .description("Times previews side by side, in turns, and prints ratios; nothing is asserted.")
  .option("--rounds <n>", "counted rounds after one to warm up", rounds, 5)
  .option("--json", "print one JSON document on standard output and nothing else")
  .addHelpText("after", "\nExamples:\n  $ npm run bench\n  $ npm run --silent bench -- --rounds 9 --json > bench.json")
  .parse()
  .opts<Flags>();

const withPack = await prod(2, "pack");
const { resources } = await withPack.run();
const noPack = await prod(2, "no pack");
const emptyPack = await prod(2, "empty pack");
const floor = await bare(resources);
const empty = await bare(0);
const loaded = await importsOnly();
const one = await prod(1, "pack");
const four = await prod(4, "pack");
const eight = await prod(8, "pack");
const nothing = node("node -e 0", []);
const start = node("node + what prod loads", ["stacks/cloud.ts"]);

const questions: readonly Question[] = [
  { what: "preview of prod with policies / as many no-op resources, no pack", of: withPack, to: floor, goal: "<= 1.1" },
  { what: "preview of prod without a pack / as many no-op resources", of: noPack, to: floor },
  { what: "preview of no resource at all / as many no-op resources", of: empty, to: floor },
  { what: "preview of prod with the pack / with an empty pack", of: withPack, to: emptyPack },
  { what: "preview of prod with the pack / without a pack", of: withPack, to: noPack },
  { what: "preview that loads what prod loads / that loads the core SDK", of: loaded, to: empty },
  { what: "start of the program: node + what prod loads / node -e 0", of: start, to: nothing },
  { what: "preview of 2 regions / of 1", of: withPack, to: one },
  { what: "preview of 4 regions / of 1", of: four, to: one },
  { what: "preview of 8 regions / of 1", of: eight, to: one },
];

const contestants = [withPack, floor, noPack, emptyPack, loaded, empty, one, four, eight, nothing, start];
const runs = await measure(contestants, flags.rounds);
await Promise.all(contestants.map((contestant) => contestant.close()));
const report = evaluate(runs);
process.stdout.write(`${flags.json === true ? JSON.stringify(report, null, 2) : render(report)}\n`);

/** In turns: what slows the machine down for a while meets all of them. */
async function measure(all: readonly Contestant[], count: number): Promise<Runs> {
  const measured = new Map<Contestant, Run[]>(all.map((contestant) => [contestant, []]));
  for (let round = 0; round <= count; round++) {
    for (const contestant of all) {
      const run = await contestant.run();
      if (round > 0) measured.get(contestant)?.push(run);
      const label = round === 0 ? "warm-up" : `round ${round} of ${count}`;
      process.stderr.write(`${label}: ${contestant.name}: ${run.seconds.toFixed(2)} s\n`);
    }
  }
  return measured;
}

function evaluate(measured: Runs): Report {
  const loading = difference(measured, loaded, empty);
  return {
    rounds: flags.rounds,
    ratios: ratiosOf(measured, questions),
    exponents: exponentsOf(
      measured,
      [
        [1, one],
        [2, withPack],
        [4, four],
        [8, eight],
      ],
      loaded,
    ),
    rest: {
      total: difference(measured, withPack, floor),
      pack: difference(measured, withPack, noPack),
      loading,
      program: difference(measured, noPack, floor) - loading,
      simulator: spread((measured.get(withPack) ?? []).map(({ simulator }) => simulator)).median,
    },
    seconds: secondsOf(measured),
  };
}

function rounds(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new InvalidArgumentError("write a whole number of rounds above 0, such as 5");
  return value;
}
