// A process of its own, so that its heap is the monitor's alone: node --expose-gc rounds.ts <rounds> <first>
import { statSync } from "node:fs";
import { Monitor } from "../../../../components/secret-drift/checker/monitor/monitor.ts";
import { many, recorded } from "./many.ts";

const EVERY = 5 * 60_000;
const [rounds = 1_000, first = 100] = process.argv.slice(2).map(Number);

const world = await many(25);
await recorded(world);
const figures: { readonly heap: number; readonly file: number }[] = [];
const look = () => {
  globalThis.gc?.();
  figures.push({ heap: process.memoryUsage().heapUsed, file: statSync(world.history).size });
};
let round = 0;
await new Monitor({
  checker: world.checker,
  ...{ every: EVERY, jitter: 0.1, rounds, healing: "propose", signal: new AbortController().signal },
  complain: (sentence) => {
    throw new Error(sentence);
  },
  listeners: [
    {
      heard: () => {
        round += 1;
        // something comes or goes in every round, always another value
        const store = world.stores.get("aws");
        if (round % 2 === 0) store?.set("all", "secret-3", `by-hand-${round}`);
        else store?.set("all", "secret-3", "value-of-secret-3");
        if (round === first || round === rounds) look();
        return Promise.resolve();
      },
    },
  ],
  now: () => world.clock.now,
  sleep: (milliseconds) => {
    world.clock.now += milliseconds;
    return Promise.resolve();
  },
}).run();
const days = world.checker.history.trends.findings(0, world.clock.now).filter(({ opened }) => opened > 0).length;
world.close();
process.stdout.write(`${JSON.stringify({ figures, days })}\n`);
