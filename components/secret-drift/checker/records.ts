import type { Agreement } from "./finding.ts";
import { RECORDS } from "./own-names.ts";
import { SecretValue } from "./secret-value.ts";
import { type Asked, MISSING, type Store, type StoreProblem, answered, refused } from "./store.ts";

/** Of as many healers at once as there may be. */
const ATTEMPTS = 5;

/**
 * What was written last to places whose values cannot be read back. Without it nobody could tell whether such a place still
 * agrees, so it is kept with the source, where the next machine finds it, and not in the history alone.
 */
export class Records {
  readonly #store: Store;
  readonly #scope: string;

  constructor(store: Store, scope: string) {
    this.#store = store;
    this.#scope = scope;
  }

  /** By place key; empty where there are none yet, and refused where nobody can tell. */
  async load(): Promise<Asked<Map<string, Agreement>>> {
    const kept = await this.#kept();
    if (!kept.ok) return kept;
    return answered(
      new Map(Object.entries(kept.value).flatMap(([key, one]) => (isAgreement(one) ? [[key, one]] : []))),
    );
  }

  /** Sets one record and leaves the others alone. @returns why it could not be kept, if it could not */
  async save(place: string, agreement: Agreement): Promise<string | undefined> {
    for (let tried = 1; ; tried += 1) {
      const problem = await this.#save(place, agreement);
      // another healer has written its own: ours goes beside it
      if (problem?.kind !== "conflict" || tried >= ATTEMPTS) return problem?.message;
    }
  }

  async #save(place: string, agreement: Agreement): Promise<StoreProblem | undefined> {
    // looked at before it is read: what is written in between is a conflict then
    const listed = this.#store.guards === true ? await this.#store.list(this.#scope) : undefined;
    if (listed?.ok === false) return listed.problem;
    const kept = await this.#kept();
    // what could not be read would be written over
    if (!kept.ok) return kept.problem;
    const records = Object.entries({ ...kept.value, [place]: agreement }).sort(([a], [b]) => (a < b ? -1 : 1));
    const text = new SecretValue(JSON.stringify(Object.fromEntries(records)));
    const found = listed?.value.find(({ name }) => name === RECORDS) ?? MISSING;
    const written = await this.#store.write(this.#scope, RECORDS, text, listed === undefined ? undefined : found);
    return written.ok ? undefined : written.problem;
  }

  /** All that is there, also what is no record of ours. */
  async #kept(): Promise<Asked<Readonly<Record<string, unknown>>>> {
    const read = await this.#store.read(this.#scope, [RECORDS]);
    if (!read.ok) return read;
    const answer = read.value.get(RECORDS) ?? answered(MISSING);
    if (!answer.ok) return answer;
    return answer.value === MISSING ? answered({}) : parse(answer.value.reveal());
  }
}

/** The newer one of each place: another machine may have written since, or ours may have been killed before it said so. */
export function newest(
  records: ReadonlyMap<string, Agreement>,
  remembered: ReadonlyMap<string, Agreement>,
): ReadonlyMap<string, Agreement> {
  const merged = new Map(remembered);
  for (const [place, record] of records) {
    const known = merged.get(place);
    if (known === undefined || (record.updatedAt ?? 0) > (known.updatedAt ?? 0)) merged.set(place, record);
  }
  return merged;
}

function parse(text: string): Asked<Readonly<Record<string, unknown>>> {
  try {
    const records: unknown = JSON.parse(text);
    if (typeof records === "object" && records !== null && !Array.isArray(records))
      return answered(records as Readonly<Record<string, unknown>>);
  } catch {
    // told below: what the parser says quotes the text
  }
  return refused(
    "rejected",
    `${RECORDS} in the source holds no records: put its last value back, or {} if nobody knows it`,
  );
}

function isAgreement(value: unknown): value is Agreement {
  return typeof value === "object" && value !== null && typeof (value as Partial<Agreement>).fingerprint === "string";
}
