import assert from "node:assert/strict";
import fc from "fast-check";
import type { Message, Span } from "../../../components/secret-drift/checker/alerts/message.ts";
import type { Outcome } from "../../../components/secret-drift/checker/alerts/outcome.ts";
import { Bench, HOUR, Inbox, MINUTE, finding } from "./alerting.ts";

const NAMES = ["A0", "B1", "C2", "D3", "E4"];

interface Step {
  /** Minutes since the step before. */
  readonly later: number;
  readonly open: readonly string[];
  readonly outcome: Outcome["result"];
  readonly restarts: boolean;
}

const step = (outcomes: readonly Outcome["result"][]) =>
  fc.record<Step>({
    later: fc.oneof(fc.integer({ min: 1, max: 15 }), fc.integer({ min: 15, max: 400 })),
    open: fc.subarray(NAMES),
    outcome: fc.constantFrom(...outcomes),
    restarts: fc.boolean(),
  });

const histories = (outcomes: readonly Outcome["result"][]) =>
  fc.record({
    steps: fc.array(step(outcomes), { minLength: 1, maxLength: 60 }),
    messagesPerHour: fc.integer({ min: 1, max: 12 }),
    repeatAfterHours: fc.constantFrom(0.5, 1, 4),
    groupMinutes: fc.constantFrom(1, 5, 30),
  });

type History = ReturnType<typeof histories> extends fc.Arbitrary<infer T> ? T : never;

interface Telling {
  readonly at: number;
  readonly name: string;
  readonly what: "open" | "resolved" | "came and went";
}

/** Plays a history, and then enough rounds without any news that everything must have been told. */
async function play({ steps, ...settings }: History): Promise<{ bench: Bench; open: readonly string[] }> {
  const { messagesPerHour, ...others } = settings;
  const bench = new Bench(others, (now) => [new Inbox(now, "chat", messagesPerHour)]);
  for (const { later, open, outcome, restarts } of steps) {
    if (restarts) bench.restart();
    bench.inbox.outcome = outcome === "delivered" ? { result: outcome } : { result: outcome, reason: "down" };
    await bench.round(later * MINUTE, { found: open.map((name) => finding("extra", name)) });
  }
  bench.inbox.outcome = { result: "delivered" };
  for (let hour = 0; hour < 3 + 2 * settings.repeatAfterHours; hour += 1) await bench.round(HOUR);
  return { bench, open: steps.at(-1)?.open ?? [] };
}

function tellings({ messages, times }: Inbox): Telling[] {
  return messages.flatMap((message, index) => ofMessage(message, times[index] ?? 0));
}

function ofMessage({ secrets, others }: Message, at: number): Telling[] {
  const open = secrets.flatMap(({ lines }) => lines.map((line): Telling => ({ at, name: nameIn(line), what: "open" })));
  const resolved = others.flatMap(({ lines }) =>
    lines.map((line): Telling => {
      const went = line.some((span) => typeof span === "string" && span.includes("came and went"));
      return { at, name: nameIn(line), what: went ? "came and went" : "resolved" };
    }),
  );
  return [...open, ...resolved];
}

function nameIn(line: readonly Span[]): string {
  const name = line.flatMap((span) => (typeof span === "object" && "code" in span ? [span.code] : []))[0];
  assert.ok(name !== undefined && NAMES.includes(name));
  return name;
}

function keepsLimit(times: readonly number[], limit: number): void {
  for (const at of times) {
    const within = times.filter((other) => other >= at && other - at < HOUR).length;
    assert.ok(within <= limit, `${within} messages in an hour, and ${limit} are allowed`);
  }
}

describe("alerts, over random histories", () => {
  it("tell each finding, what it is last, once in a cool-down, within the limit, and each recovery once", async () => {
    await fc.assert(
      fc.asyncProperty(histories(["delivered", "delivered", "refused"]), async (history) => {
        const { bench, open } = await play(history);
        keepsLimit(bench.inbox.times, history.messagesPerHour);
        const all = tellings(bench.inbox);
        for (const name of NAMES) {
          const mine = all.filter((telling) => telling.name === name);
          const wasOpen = history.steps.some((each) => each.open.includes(name));
          assert.equal(mine.length > 0, wasOpen, `${name} was told ${mine.length} times`);
          if (wasOpen) assert.equal(mine.at(-1)?.what === "open", open.includes(name), `${name} was told wrongly last`);
          const openings = mine.filter(({ what }) => what !== "resolved");
          for (const [index, { at }] of openings.entries()) {
            const before = openings[index - 1]?.at ?? -Infinity;
            assert.ok(at - before >= history.repeatAfterHours * HOUR, `${name} was told twice in a cool-down`);
          }
          for (const [index, { what }] of mine.entries())
            if (what === "resolved") assert.equal(mine[index - 1]?.what, "open", `${name} was resolved twice`);
        }
      }),
      { numRuns: 300 },
    );
  });

  it("keep the limit and tell what it is last, also when nobody knows what has arrived", async () => {
    await fc.assert(
      fc.asyncProperty(histories(["delivered", "refused", "unknown"]), async (history) => {
        const { bench, open } = await play(history);
        keepsLimit(bench.inbox.times, history.messagesPerHour);
        const all = tellings(bench.inbox);
        for (const name of NAMES) {
          const last = all.filter((telling) => telling.name === name).at(-1)?.what;
          assert.equal(
            last !== undefined,
            history.steps.some((each) => each.open.includes(name)),
          );
          assert.equal(last === "open", open.includes(name), `${name} was told wrongly last`);
        }
      }),
      { numRuns: 300 },
    );
  });
});
