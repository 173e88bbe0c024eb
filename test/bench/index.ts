import Table from "cli-table3";
import { Command, InvalidArgumentError } from "commander";
import { type Contestant, bare, importsOnly, prod } from "./contestants.ts";
import { exponent, spread } from "./statistics.ts";

interface Flags {
  readonly rounds: number;
  readonly json?: boolean;
}

/** One question: how much longer does one preview take than another, measured in turns in the same run. */
interface Question {
  readonly what: string;
  readonly of: Contestant;
  readonly to: Contestant;
  readonly goal?: string;
}

const flags = new Command("bench")
  .description("Times previews side by side, in turns, and prints ratios; nothing is asserted.")
  .option("--rounds <n>", "counted rounds after one to warm up", rounds, 5)
  .option("--json", "print one JSON document on standard output and nothing else")
  .parse()
  .opts<Flags>();

const regions = await Promise.all([1, 4, 8].map((count) => prod(count, "pack")));
const withPack = await prod(2, "pack");
const { resources } = await withPack.preview();
const floor = await bare(resources);
const empty = await bare(0);
const [noPack, emptyPack, loaded] = [await prod(2, "no pack"), await prod(2, "empty pack"), await importsOnly()];
const contestants = [withPack, floor, noPack, emptyPack, loaded, empty, ...regions];
const times = new Map<Contestant, number[]>(contestants.map((one) => [one, []]));
const planned = new Map<Contestant, number>();

for (let round = 0; round <= flags.rounds; round++) {
  for (const one of contestants) {
    const { seconds, resources: count } = await one.preview();
    planned.set(one, count);
    if (round > 0) times.get(one)?.push(seconds);
    process.stderr.write(`${round === 0 ? "warm-up" : `round ${round}`}: ${one.name}: ${seconds.toFixed(2)} s\n`);
  }
}
await Promise.all(contestants.map((one) => one.close()));

const questions: readonly Question[] = [
  {
    what: "preview of prod with policies / bare engine, as many no-op resources",
    of: withPack,
    to: floor,
    goal: "<= 1.1",
  },
  { what: "  of that: prod without a pack / bare engine", of: noPack, to: floor },
  { what: "  of that: loading the program / a program that loads nothing", of: loaded, to: empty },
  { what: "  of that: the engine with no resource / bare engine", of: empty, to: floor },
  { what: "preview with the pack / with an empty pack", of: withPack, to: emptyPack, goal: "<= 1.1" },
  ...[withPack, ...regions.slice(1)].map((of) => ({ what: `${of.name} / 1 region`, of, to: regions[0] as Contestant })),
];
const answers = questions.map(({ what, of, to, goal }) => {
  const ratios = (times.get(of) ?? []).map((seconds, round) => seconds / (times.get(to)?.[round] ?? NaN));
  return { what, ...spread(ratios), ...(goal === undefined ? {} : { goal }) };
});
const medians = [regions[0] as Contestant, withPack, ...regions.slice(1)].map(
  (one) => spread(times.get(one) ?? []).median,
);
const fitted = exponent([1, 2, 4, 8].map((count, index) => [count, medians[index] ?? NaN]));

if (flags.json === true) {
  const seconds = contestants.map((one) => ({
    name: one.name,
    resources: planned.get(one),
    ...spread(times.get(one) ?? []),
  }));
  process.stdout.write(
    `${JSON.stringify({ rounds: flags.rounds, answers, regionsExponent: fitted, seconds }, null, 2)}\n`,
  );
} else {
  const table = new Table({ head: ["ratio", "median", "min", "max", "goal"], style: { head: [] } });
  for (const { what, median, min, max, goal } of answers) {
    table.push([what, median.toFixed(2), min.toFixed(2), max.toFixed(2), goal ?? ""]);
  }
  process.stdout.write(
    `${table.toString()}\npreview time grows with the number of regions to the power of ${fitted.toFixed(2)}\n`,
  );
}

function rounds(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new InvalidArgumentError("write a whole number of rounds above 0, such as 5");
  return value;
}
