import Table from "cli-table3";
import { many, recorded } from "../components/secret-drift/monitor/many.ts";
import { spread } from "./statistics.ts";

export interface SecretDriftOptions {
  /** Counted rounds after one to warm up. */
  readonly rounds: number;
  /** Progress. */
  readonly tell: (line: string) => void;
}

/** Rounds of the secret-drift checker over stores that answer at once: what remains is its own work. */
export interface SecretDriftSpeed {
  readonly secrets: number;
  readonly stores: number;
  readonly what: string;
  /** Of a whole round, the history included. */
  readonly seconds: readonly number[];
  /** Processor time of them. */
  readonly cpuSeconds: readonly number[];
}

const SECRETS = 10_000;
const MINUTES = 5 * 60_000;

export async function secretDriftBench({ rounds, tell }: SecretDriftOptions): Promise<SecretDriftSpeed[]> {
  const world = await many(SECRETS);
  try {
    await recorded(world);
    const stores = world.stores.size - 1;
    const measure = async (what: string, before: (round: number) => void): Promise<SecretDriftSpeed> => {
      tell(what);
      const [seconds, cpuSeconds]: [number[], number[]] = [[], []];
      for (let round = 0; round <= rounds; round += 1) {
        before(round);
        world.clock.now += MINUTES;
        const [began, cpu] = [performance.now(), process.cpuUsage()];
        await world.checker.check();
        const { user, system } = process.cpuUsage(cpu);
        if (round === 0) continue;
        seconds.push((performance.now() - began) / 1000);
        cpuSeconds.push((user + system) / 1e6);
      }
      return { secrets: SECRETS, stores, what, seconds, cpuSeconds };
    };
    const aws = world.stores.get("aws");
    return [
      await measure("all in step", () => undefined),
      await measure("a hundred written by hand", (round) => {
        for (let one = 0; one < 100; one += 1) aws?.set("all", `secret-${one}`, `by-hand-${round}`);
      }),
      await measure("every one rotated in the source", (round) => {
        for (let one = 0; one < SECRETS; one += 1)
          world.stores.get("esc")?.set("env", `secret-${one}`, `new-${round}-${one}`);
      }),
    ];
  } finally {
    world.close();
  }
}

export function renderSecretDrift(speeds: readonly SecretDriftSpeed[]): string {
  const table = new Table({
    head: ["secrets", "stores", "a round in which", "seconds", "slowest", "of processor"],
    style: { head: [], border: [], compact: true },
  });
  const median = (values: readonly number[]) => spread(values).median.toFixed(2);
  for (const { secrets, stores, what, seconds, cpuSeconds } of speeds)
    table.push([secrets, stores, what, median(seconds), Math.max(...seconds).toFixed(2), median(cpuSeconds)]);
  return table.toString();
}
