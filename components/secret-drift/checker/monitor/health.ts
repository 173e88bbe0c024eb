import pLimit from "p-limit";
import { type Checker } from "../checker.ts";
import type { History } from "../history.ts";
import { scopesOf } from "../mapping.ts";
import type { StoreProblem } from "../store.ts";

/** Whether one store answers, and takes our credential. */
export interface StoreHealth {
  readonly store: string;
  /** One that it was asked about; others may be served by the same. */
  readonly scope: string;
  readonly milliseconds: number;
  /** Absent where it is well. */
  readonly problem?: StoreProblem;
}

/** Whether rounds go on. */
export interface MonitorHealth {
  readonly isWell: boolean;
  /** In one sentence. */
  readonly says: string;
  /** When the last round began, in milliseconds since 1970. */
  readonly roundAt?: number;
}

/** Stores that are asked at a time. */
const AT_A_TIME = 8;

/** Asks every store by the cheapest question that tells, and every region or cluster of it once. */
export async function storesHealth({ mapping, stores }: Checker): Promise<StoreHealth[]> {
  const services = new Map<string, { readonly store: string; readonly scope: string }>();
  for (const { store, scope } of scopesOf(mapping)) {
    const key = JSON.stringify([store, stores.get(store)?.service?.(scope) ?? ""]);
    if (!services.has(key)) services.set(key, { store, scope });
  }
  const limit = pLimit(AT_A_TIME);
  return Promise.all([...services.values()].map((each) => limit(() => healthOf(stores, each))));
}

async function healthOf(
  stores: Checker["stores"],
  { store, scope }: { readonly store: string; readonly scope: string },
): Promise<StoreHealth> {
  const client = stores.get(store);
  if (client === undefined) throw new Error(`the store ${store} has no client`);
  const began = performance.now();
  const answer = await client.health(scope);
  const milliseconds = Math.round(performance.now() - began);
  return { store, scope, milliseconds, ...(!answer.ok && { problem: answer.problem }) };
}

/** Whether a monitor works with this history, and its last round is younger than two intervals. */
export function monitorHealth({ monitor }: Pick<History, "monitor">, now: number): MonitorHealth {
  const last = monitor.last();
  if (last === undefined) return { isWell: false, says: "no monitor has ever worked with this history: start one" };
  const { roundAt, every, startedAt, until, failure } = last;
  const seen = { ...(roundAt !== undefined && { roundAt }) };
  const since = Math.max(roundAt ?? 0, startedAt);
  const age = `${Math.round((now - since) / 1000)} s ago`;
  const what = roundAt !== undefined && roundAt >= startedAt ? "its last round was" : "it was started";
  if (until <= now) return { isWell: false, says: `no monitor works with this history now; ${what} ${age}`, ...seen };
  if (now - since >= 2 * every)
    return {
      isWell: false,
      says: `the monitor hangs: ${what} ${age}, and two intervals are ${(2 * every) / 1000} s`,
      ...seen,
    };
  const but = failure === undefined ? "" : `, and could not compare: ${failure}`;
  return { isWell: true, says: `the monitor works: ${what} ${age}${but}`, ...seen };
}
