import { join } from "node:path";
import { Checker } from "../../../../components/secret-drift/checker/checker.ts";
import { Monitor, type MonitorOptions } from "../../../../components/secret-drift/checker/monitor/monitor.ts";
import type { RoundReport } from "../../../../components/secret-drift/checker/monitor/report.ts";
import { temporaryFolder } from "../../../helpers/folder.ts";
import { MemoryStore } from "../memory-store.ts";

export const MINUTE = 60_000;
export const EVERY = 5 * MINUTE;
export const VALUE = "canary-a-long-password";

const MAPPING = `
source: { store: esc, scope: env }
stores: { esc: { kind: file }, aws: { kind: file } }
secrets:
  password: { property: password, risk: low, places: [{ store: aws, scope: west, name: DB }] }
  token: { property: token, risk: medium, places: [{ store: aws, scope: west, name: TOKEN }] }
`;

/** Two secrets in step, and a clock that only waiting moves. */
export async function world({ history }: { readonly history?: string } = {}) {
  const [esc, aws] = [new MemoryStore("esc"), new MemoryStore("aws")];
  const clock = { now: Date.UTC(2026, 0, 2) };
  const mapping = join(temporaryFolder({ "secrets.yaml": MAPPING }), "secrets.yaml");
  const open = () =>
    Checker.open({
      mapping,
      history: history ?? ":memory:",
      stores: new Map([esc, aws].map((store) => [store.name, store])),
      now: () => clock.now,
    });
  const checker = await open();
  for (const [property, name] of [
    ["password", "DB"],
    ["token", "TOKEN"],
  ] as const) {
    esc.set("env", property, `${VALUE}-${property}`);
    aws.set("west", name, `${VALUE}-${property}`);
  }
  await checker.prepare();
  const reports: RoundReport[] = [];
  const complaints: string[] = [];
  const pauses: number[] = [];
  const controller = new AbortController();
  const options: MonitorOptions = {
    checker,
    every: EVERY,
    jitter: 0,
    healing: "propose",
    signal: controller.signal,
    listeners: [{ heard: (report) => Promise.resolve(void reports.push(report)) }],
    complain: (sentence) => void complaints.push(sentence),
    now: () => clock.now,
    sleep: (milliseconds) => {
      pauses.push(milliseconds);
      // what a round takes here is of the machine that tests
      clock.now += Math.round(milliseconds / 1_000) * 1_000;
      return Promise.resolve();
    },
  };
  /** @param between what people do after each round */
  const monitor = (
    rounds: number,
    between: (round: number) => void = () => undefined,
    also: Partial<MonitorOptions> = {},
  ) => {
    let round = 0;
    return new Monitor({
      ...options,
      rounds,
      ...also,
      listeners: [...(also.listeners ?? options.listeners), { heard: () => Promise.resolve(between((round += 1))) }],
    });
  };
  return { esc, aws, clock, checker, open, reports, complaints, pauses, controller, monitor, options };
}
