import { SecretValue } from "../../../components/secret-drift/checker/secret-value.ts";
import {
  type Asked,
  type Listed,
  MISSING,
  type Missing,
  type ProblemKind,
  type Store,
  TOUCHED,
  answered,
  isStill,
  refused,
} from "../../../components/secret-drift/checker/store.ts";

interface Entry {
  readonly value: string;
  readonly updatedAt: number;
}

/** A store whose every value the test may look at, and that remembers who wrote what. */
export class MemoryStore implements Store {
  readonly name: string;
  readonly readable: boolean;
  readonly guards = true;
  /** What the store was given through its interface: everything that the checker has ever written. */
  readonly writes: { readonly scope: string; readonly name: string; readonly value: string }[] = [];
  /** Asked for anything, it answers with this instead. */
  down: ProblemKind | undefined;
  calls = 0;
  readonly #scopes = new Map<string, Map<string, Entry>>();
  #clock = Date.UTC(2026, 0, 1);

  constructor(name: string, readable = true) {
    this.name = name;
    this.readable = readable;
  }

  /** What a person does. */
  set(scope: string, name: string, value: string): void {
    this.#of(scope).set(name, { value, updatedAt: (this.#clock += 1_000) });
  }

  remove(scope: string, name: string): void {
    this.#of(scope).delete(name);
  }

  get(scope: string, name: string): string | undefined {
    return this.#of(scope).get(name)?.value;
  }

  updatedAt(scope: string, name: string): number | undefined {
    return this.#of(scope).get(name)?.updatedAt;
  }

  names(scope: string): string[] {
    return [...this.#of(scope).keys()];
  }

  /** Every value that it holds. */
  values(): string[] {
    return [...this.#scopes.values()].flatMap((entries) => [...entries.values()].map(({ value }) => value));
  }

  list(scope: string): Promise<Asked<readonly Listed[]>> {
    return this.#answer(() => [...this.#of(scope)].map(([name, { updatedAt }]) => ({ name, updatedAt })));
  }

  read(scope: string, names: readonly string[]): Promise<Asked<ReadonlyMap<string, Asked<SecretValue | Missing>>>> {
    if (!this.readable) throw new Error(`${this.name} gives no values back`);
    return this.#answer(() => {
      const value = (name: string): SecretValue | Missing => {
        const entry = this.#of(scope).get(name);
        return entry === undefined ? MISSING : new SecretValue(entry.value);
      };
      return new Map(names.map((name) => [name, answered(value(name))]));
    });
  }

  write(scope: string, name: string, value: SecretValue, ifFound?: Listed | Missing): Promise<Asked<Listed>> {
    const found = this.#of(scope).get(name);
    const there = found === undefined ? MISSING : { name, updatedAt: found.updatedAt };
    if (this.down === undefined && ifFound !== undefined && !isStill(there, ifFound))
      return Promise.resolve(refused("conflict", TOUCHED));
    return this.#answer(() => {
      this.writes.push({ scope, name, value: value.reveal() });
      this.set(scope, name, value.reveal());
      return { name, updatedAt: this.updatedAt(scope, name) ?? 0 };
    });
  }

  health(): Promise<Asked<true>> {
    return this.#answer(() => true);
  }

  #answer<T>(make: () => T): Promise<Asked<T>> {
    this.calls += 1;
    return Promise.resolve(this.down === undefined ? answered(make()) : refused(this.down, `${this.name} is down`));
  }

  #of(scope: string): Map<string, Entry> {
    const known = this.#scopes.get(scope) ?? new Map<string, Entry>();
    this.#scopes.set(scope, known);
    return known;
  }
}
