import { type Unasked, driftKey } from "../finding.ts";
import type { Finding } from "../history.ts";
import type { Mapping, Place, Risk } from "../mapping.ts";
import type { RoundReport, StoreLatency } from "../monitor/report.ts";
import type { AlertSettings } from "./settings.ts";
import {
  type DriftSubject,
  type HealingSubject,
  RANKS,
  type Subject,
  type Suspicion,
  type Unreached,
} from "./subject.ts";

type Whose = Pick<Subject, "risk" | "owners">;

/** Makes subjects of what rounds find, with the risks and owners that the mapping gives them. */
export class Subjects {
  readonly #mapping: Mapping;
  readonly #secrets: ReadonlyMap<string, Mapping["secrets"][number]>;
  readonly #concerned = new Map<string, Whose>();

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

  #everybody(): Whose {
    return this.#whose();
  }

  /** By the secrets that should be there: what goes wrong there goes wrong for them. */
  #whose(store?: string, scope?: string): Whose {
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
