import type { Agreement } from "./finding.ts";
import { SecretValue } from "./secret-value.ts";
import { MISSING, type Store } from "./store.ts";

/** The property of the source that holds them, beside the secrets. */
export const RECORDS = "groundwork-records";

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

  /** By place key; empty where there are none yet. What is no record is passed over: it can only make us ask again. */
  async load(): Promise<Map<string, Agreement>> {
    const read = await this.#store.read(this.#scope, [RECORDS]);
    const answer = read.ok ? read.value.get(RECORDS) : undefined;
    if (answer?.ok !== true || answer.value === MISSING) return new Map();
    return parse(answer.value.reveal());
  }

  /** Sets one record and leaves the others alone. @returns why it could not be kept, if it could not */
  async save(place: string, agreement: Agreement): Promise<string | undefined> {
    const records = (await this.load()).set(place, agreement);
    const text = JSON.stringify(Object.fromEntries([...records].sort(([a], [b]) => (a < b ? -1 : 1))));
    const written = await this.#store.write(this.#scope, RECORDS, new SecretValue(text));
    return written.ok ? undefined : written.problem.message;
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

function parse(text: string): Map<string, Agreement> {
  try {
    const entries = Object.entries(JSON.parse(text) as Record<string, unknown>);
    return new Map(entries.flatMap(([place, value]) => (isAgreement(value) ? [[place, value]] : [])));
  } catch {
    return new Map();
  }
}

function isAgreement(value: unknown): value is Agreement {
  return typeof value === "object" && value !== null && typeof (value as Partial<Agreement>).fingerprint === "string";
}
