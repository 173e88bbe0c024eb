import { driftKey } from "../finding.ts";
import type { DriftKind, Unasked } from "../finding.ts";
import type { Finding } from "../history.ts";
import type { Mapping, Place, Risk } from "../mapping.ts";
import type { RoundReport, StoreLatency } from "../monitor/report.ts";
import type { AlertSettings, Route } from "./settings.ts";

interface Common {
  /** Tells it from all others, over rounds and restarts. */
  readonly key: string;
  readonly risk: Risk;
  /** Of nobody where it is empty. */
  readonly owners: readonly string[];
  /** Milliseconds since 1970. */
  readonly since: number;
}

/** A drift. */
export interface DriftSubject extends Common {
  readonly type: "drift";
  readonly kind: DriftKind;
  /** Id of the secret, or the name of what the mapping does not know. */
  readonly secret: string;
  /** Its path in the source; absent where the mapping does not know it. */
  readonly property?: string;
  readonly place: Place;
  readonly evidence: string;
}

/** Something with the checker's means, rather than with a secret. */
export interface TroubleSubject extends Common {
  readonly type: "trouble";
  /** One sentence without its full stop. */
  readonly text: string;
  /** The same, of when it is over. */
  readonly over: string;
}

/** What healing has done, or could not. It does not last, so it is never over. */
export interface HealingSubject extends Common {
  readonly type: "healing";
  readonly id: string;
  readonly secret: string;
  readonly result: "done" | "failed";
  readonly reason: string;
}

/** What can be told. No value is in it; names may hold anything that a store takes for a name. */
export type Subject = DriftSubject | TroubleSubject | HealingSubject;

/** A trouble that may still pass by itself: it counts when it has lasted for some rounds. */
export type Suspicion = Omit<TroubleSubject, "since">;

/** A receiver that messages do not reach. */
export interface Unreached {
  readonly receiver: string;
  readonly reason: string;
}

export const RANKS: Readonly<Record<Risk, number>> = { low: 0, medium: 1, high: 2 };

/** Whether a receiver with these routes is to hear of it. */
export function isRouted({ risk, owners }: Pick<Subject, "risk" | "owners">, routes: readonly Route[]): boolean {
  return routes.some((route) => {
    const { owners: wanted } = route;
    // what is nobody's is everybody's
    const isTheirs = wanted === undefined || owners.length === 0 || owners.some((owner) => wanted.includes(owner));
    return isTheirs && RANKS[risk] >= RANKS[route.minimumRisk];
  });
}

/** Makes subjects of what rounds find, with the risks and owners that the mapping gives them. */
export class Subjects {
  readonly #mapping: Mapping;
  readonly #secrets: ReadonlyMap<string, Mapping["secrets"][number]>;
  readonly #concerned = new Map<string, Pick<Common, "risk" | "owners">>();

  constructor(mapping: Mapping) {
    this.#mapping = mapping;
    this.#secrets = new Map(mapping.secrets.map((secret) => [secret.id, secret]));
  }

  drift({ kind, secret, place, evidence, firstSeen: since }: Finding): DriftSubject {
    const known = kind === "extra" ? undefined : this.#secrets.get(secret);
    // a name more is nobody's outage
    const { risk, owners } = known ?? { ...this.#whose(place.store, place.scope), risk: "medium" };
    const key = `drift ${driftKey({ kind, secret, place })}`;
    const property = known === undefined ? {} : { property: known.property };
    return { type: "drift", key, risk, owners, since, kind, secret, ...property, place, evidence };
  }

  /** Results that somebody should know of; what waits is told where it is open. */
  healings({ at, healed }: RoundReport): HealingSubject[] {
    return healed.flatMap(({ id, secret, result, reason }) => {
      if (result !== "done" && result !== "failed") return [];
      const { risk, owners } = this.#secrets.get(secret) ?? { risk: "medium", owners: [] };
      const key = `healing ${JSON.stringify([id, result])}`;
      return [{ type: "healing", key, risk, owners, since: at, id, secret, result, reason }];
    });
  }

  /** What may be a trouble by this round alone. */
  suspicions(report: RoundReport, { slowSeconds }: AlertSettings): Suspicion[] {
    // why nothing can be compared says it already
    const isTold = (each: Unasked) => report.failure !== undefined && this.#isSource(each);
    const slow = report.latency.filter(({ p95 }) => p95 > slowSeconds * 1_000);
    return [
      ...(report.failure === undefined ? [] : [this.#failure(report.failure)]),
      ...report.unasked.filter((each) => !isTold(each)).map((each) => this.#unasked(each)),
      ...slow.map((each) => this.#slow(each, slowSeconds)),
    ];
  }

  unreached({ receiver, reason }: Unreached): Suspicion {
    const text = `messages to the receiver ${receiver} are not delivered: ${reason}`;
    const over = `messages to the receiver ${receiver} are delivered again`;
    return { type: "trouble", key: `receiver ${receiver}`, risk: "high", owners: [], text, over };
  }

  #failure(failure: string): Suspicion {
    const { owners } = this.#everybody();
    const text = `nothing can be compared: ${failure}`;
    return { type: "trouble", key: "failure", risk: "high", owners, text, over: "secrets are compared again" };
  }

  #isSource({ store, scope }: Pick<Unasked, "store" | "scope">): boolean {
    const { source } = this.#mapping;
    return store === source.store && scope === source.scope;
  }

  #unasked({ store, scope, problem }: Unasked): Suspicion {
    const isSource = this.#isSource({ store, scope });
    const whose = isSource ? { ...this.#everybody(), risk: "high" as const } : this.#whose(store, scope);
    const what = isSource ? "the source" : "the store";
    const key = `unasked ${JSON.stringify([store, scope])}`;
    const text = `${what} ${store} cannot be asked about ${scope}: ${problem.message}`;
    return { type: "trouble", key, ...whose, text, over: `${what} ${store} can be asked about ${scope} again` };
  }

  #slow({ store, p95, calls }: StoreLatency, slowSeconds: number): Suspicion {
    const seconds = (p95 / 1_000).toFixed(1);
    const text = `the store ${store} is slow: 5 % of ${calls} answers in the last hour took ${seconds} s or more, and ${slowSeconds} s are allowed`;
    const { owners } = this.#whose(store);
    const over = `the store ${store} answers within ${slowSeconds} s again`;
    return { type: "trouble", key: `slow ${store}`, risk: "medium", owners, text, over };
  }

  #everybody(): Pick<Common, "risk" | "owners"> {
    return this.#whose();
  }

  /** By the secrets that should be there: what goes wrong there goes wrong for them. */
  #whose(store?: string, scope?: string): Pick<Common, "risk" | "owners"> {
    const key = JSON.stringify([store, scope]);
    const known = this.#concerned.get(key);
    if (known !== undefined) return known;
    const isThere = (place: Place) =>
      (store === undefined || place.store === store) && (scope === undefined || place.scope === scope);
    const secrets = this.#mapping.secrets.filter(({ places }) => places.some(isThere));
    const risk = secrets.reduce<Risk>((most, each) => (RANKS[each.risk] > RANKS[most] ? each.risk : most), "medium");
    const concerned = { risk, owners: [...new Set(secrets.flatMap(({ owners }) => owners))].sort() };
    this.#concerned.set(key, concerned);
    return concerned;
  }
}
