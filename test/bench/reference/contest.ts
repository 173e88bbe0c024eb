import { spread } from "../statistics.ts";
import type { Spread } from "../statistics.ts";

/** Something whose speed is measured. */
export interface Contestant {
  readonly name: string;
  readonly unit: string;
  /** Operations a second. */
  run(): Promise<number>;
}

/** How many times as fast one thing is as another. */
export interface Question {
  readonly what: string;
  readonly of: Contestant;
  readonly to: Contestant;
  /** What the systems claim for themselves; nothing is asserted. */
  readonly headline?: string;
}

export interface Ratio extends Spread {
  readonly what: string;
  readonly headline?: string;
}

export interface Speed extends Spread {
  readonly name: string;
  readonly unit: string;
}

/** In turns, after one round to warm up: what slows the machine down for a while meets all of them. */
export async function measure(
  contestants: readonly Contestant[],
  rounds: number,
  tell: (line: string) => void,
): Promise<ReadonlyMap<Contestant, readonly number[]>> {
  const measured = new Map<Contestant, number[]>(contestants.map((contestant) => [contestant, []]));
  for (let round = 0; round <= rounds; round++) {
    for (const contestant of contestants) {
      const speed = await contestant.run();
      if (round > 0) measured.get(contestant)?.push(speed);
      const label = round === 0 ? "warm-up" : `round ${round} of ${rounds}`;
      tell(`${label}: ${contestant.name}: ${speed.toFixed(0)} ${contestant.unit}`);
    }
  }
  return measured;
}

/** Round by round, so that a slow moment slows both sides down. */
export function ratio({ what, of, to, headline }: Question, speeds: ReadonlyMap<Contestant, readonly number[]>): Ratio {
  const others = speeds.get(to) ?? [];
  const ratios = (speeds.get(of) ?? []).map((speed, round) => speed / (others[round] ?? NaN));
  return { what, ...spread(ratios), ...(headline === undefined ? {} : { headline }) };
}
