import { type Contestant, type Run, bare, importsOnly, node, prod } from "./contestants.ts";
import {
  type Question,
  type RehearsalTimes,
  type Runs,
  difference,
  exponentsOf,
  ratiosOf,
  secondsOf,
} from "./report.ts";
import { spread } from "../statistics.ts";

export interface RehearsalOptions {
  /** Counted rounds after one to warm up. */
  readonly rounds: number;
  /** Progress. */
  readonly tell: (line: string) => void;
}

/** What is timed, by what it is for. */
type Contestants = Awaited<ReturnType<typeof open>>;

/** What a preview costs: previews of production beside previews of as many resources that do nothing, and so on. */
export async function rehearsalBench({ rounds, tell }: RehearsalOptions): Promise<RehearsalTimes> {
  const contestants = await open();
  const all = Object.values(contestants);
  try {
    return evaluate(contestants, await measure(all, rounds, tell), rounds);
  } finally {
    await Promise.all(all.map((contestant) => contestant.close()));
  }
}

async function open() {
  const withPack = await prod(2, "pack");
  const { resources } = await withPack.run();
  return {
    withPack,
    floor: await bare(resources),
    noPack: await prod(2, "no pack"),
    emptyPack: await prod(2, "empty pack"),
    loaded: await importsOnly(),
    empty: await bare(0),
    one: await prod(1, "pack"),
    four: await prod(4, "pack"),
    eight: await prod(8, "pack"),
    nothing: node("node -e 0", []),
    start: node("node + what prod loads", ["stacks/cloud.ts"]),
  };
}

function questionsAbout(contestants: Contestants): readonly Question[] {
  const { withPack, floor, noPack, emptyPack, loaded, empty, one, four, eight, nothing, start } = contestants;
  return [
    {
      what: "preview of prod with policies / as many no-op resources, no pack",
      of: withPack,
      to: floor,
      goal: "<= 1.1",
    },
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
}

/** In turns: what slows the machine down for a while meets all of them. */
async function measure(all: readonly Contestant[], rounds: number, tell: (line: string) => void): Promise<Runs> {
  const measured = new Map<Contestant, Run[]>(all.map((contestant) => [contestant, []]));
  for (let round = 0; round <= rounds; round++) {
    for (const contestant of all) {
      const run = await contestant.run();
      if (round > 0) measured.get(contestant)?.push(run);
      const label = round === 0 ? "warm-up" : `round ${round} of ${rounds}`;
      tell(`${label}: ${contestant.name}: ${run.seconds.toFixed(2)} s`);
    }
  }
  return measured;
}

function evaluate(contestants: Contestants, measured: Runs, rounds: number): RehearsalTimes {
  const { withPack, floor, noPack, loaded, empty, one, four, eight } = contestants;
  const loading = difference(measured, loaded, empty);
  return {
    rounds,
    ratios: ratiosOf(measured, questionsAbout(contestants)),
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
