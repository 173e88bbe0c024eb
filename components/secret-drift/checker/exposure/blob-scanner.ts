import type { BlobMemory, Remembered } from "./record.ts";
import type { Content } from "./repository.ts";
import { type Finders, type Sighting, scanBytes } from "./text.ts";

/** What was looked at. */
export interface Counts {
  /** Files, and versions of files, each once. */
  files: number;
  /** Of them, those that were looked at before and have not changed. */
  remembered: number;
  /** Of them, those that are no text: only managed values were looked for. */
  binaries: number;
  /** Bytes that were looked at now. */
  bytes: number;
  commits: number;
}

/** What the two searches remember; a new value of a secret must not make the rules look again. */
export interface Memories {
  readonly rules: BlobMemory;
  readonly values?: BlobMemory;
}

const NOTHING: readonly Sighting[] = [];

/** Looks at each content once, however many files have it and however often it is asked for. */
export class BlobScanner {
  readonly finders: Finders;
  readonly counts: Counts = { files: 0, remembered: 0, binaries: 0, bytes: 0, commits: 0 };
  readonly #memories: Memories | undefined;
  readonly #seen = new Map<string, readonly Sighting[]>();

  constructor(finders: Finders, memories?: Memories) {
    this.finders = finders;
    this.#memories = memories;
  }

  /** What is in it, where that is known without looking. */
  known(oid: string): readonly Sighting[] | undefined {
    const seen = this.#seen.get(oid);
    if (seen !== undefined) return seen;
    const { ruled, valued } = this.#remembered(oid);
    if (ruled === undefined || (this.finders.needles !== undefined && valued === undefined)) return undefined;
    this.counts.remembered += 1;
    return this.#is(oid, ruled.binary, [...ruled.sightings, ...(valued?.sightings ?? [])]);
  }

  async scan({ oid, open }: Content): Promise<readonly Sighting[]> {
    const known = this.known(oid);
    if (known !== undefined) return known;
    const { ruled, valued } = this.#remembered(oid);
    const { needles, rules, mark } = this.finders;
    const missing = {
      mark,
      ...(ruled === undefined && rules !== undefined && { rules }),
      ...(valued === undefined && needles !== undefined && { needles }),
    };
    const { sightings, binary, bytes } = await scanBytes(open(), missing);
    this.counts.bytes += bytes;
    const byRules = ruled ?? { sightings: sightings.filter(({ secret }) => secret === undefined), binary };
    const byValues = valued ?? { sightings: sightings.filter(({ secret }) => secret !== undefined), binary };
    if (ruled === undefined) this.#memories?.rules.put(oid, byRules);
    if (valued === undefined) this.#memories?.values?.put(oid, byValues);
    return this.#is(oid, binary, [...byRules.sightings, ...byValues.sightings]);
  }

  /** Writes down what was found, for the next time. */
  flush(): void {
    this.#memories?.rules.flush();
    this.#memories?.values?.flush();
  }

  #remembered(oid: string): { readonly ruled?: Remembered; readonly valued?: Remembered } {
    const ruled = this.#memories?.rules.get(oid);
    const valued = this.finders.needles === undefined ? undefined : this.#memories?.values?.get(oid);
    return { ...(ruled !== undefined && { ruled }), ...(valued !== undefined && { valued }) };
  }

  #is(oid: string, binary: boolean, sightings: readonly Sighting[]): readonly Sighting[] {
    const found = sightings.length === 0 ? NOTHING : sightings;
    this.#seen.set(oid, found);
    this.counts.files += 1;
    if (binary) this.counts.binaries += 1;
    return found;
  }
}
