import type { SecretValue } from "../secret-value.ts";
import { type Asked, type Listed, type Missing, type Store, type StoreProblem, refused } from "../store.ts";

/** In seconds: who says to wait for longer is asked again all the same. */
const LONGEST = 60 * 60;

/** Leaves a store alone for as long as it has said (Retry-After), also over rounds: who goes on asking is locked out. */
export class PatientStore implements Store {
  readonly name: string;
  readonly readable: boolean;
  readonly guards: boolean;
  readonly #store: Store;
  readonly #now: () => number;
  /** By what answers for a scope. */
  readonly #closed = new Map<
    string,
    { readonly at: number; readonly seconds: number; readonly problem: StoreProblem }
  >();

  /** @param now milliseconds since 1970 */
  constructor(store: Store, now: () => number) {
    this.name = store.name;
    this.readable = store.readable;
    this.guards = store.guards ?? false;
    this.#store = store;
    this.#now = now;
  }

  list(scope: string): Promise<Asked<readonly Listed[]>> {
    return this.#ask(scope, () => this.#store.list(scope));
  }

  read(scope: string, names: readonly string[]): Promise<Asked<ReadonlyMap<string, Asked<SecretValue | Missing>>>> {
    return this.#ask(scope, () => this.#store.read(scope, names));
  }

  write(scope: string, name: string, value: SecretValue, ifFound?: Listed | Missing): Promise<Asked<Listed>> {
    return this.#ask(scope, () => this.#store.write(scope, name, value, ifFound));
  }

  health(scope: string): Promise<Asked<true>> {
    return this.#ask(scope, () => this.#store.health(scope));
  }

  wrongScope(scope: string): string | undefined {
    return this.#store.wrongScope?.(scope);
  }

  wrongName(name: string): string | undefined {
    return this.#store.wrongName?.(name);
  }

  create(scope: string): Promise<boolean> {
    return this.#store.create?.(scope) ?? Promise.resolve(false);
  }

  service(scope: string): string {
    return this.#store.service?.(scope) ?? "";
  }

  async #ask<T>(scope: string, ask: () => Promise<Asked<T>>): Promise<Asked<T>> {
    const service = this.service(scope);
    const closed = this.#closed.get(service);
    if (closed !== undefined) {
      const past = (this.#now() - closed.at) / 1_000;
      // a clock that was set back must not close it for longer
      if (past >= 0 && past < closed.seconds)
        return refused(closed.problem.kind, closed.problem.message, Math.ceil(closed.seconds - past));
      this.#closed.delete(service);
    }
    const answer = await ask();
    if (!answer.ok && answer.problem.retryAfter !== undefined && answer.problem.retryAfter > 0) {
      const seconds = Math.min(answer.problem.retryAfter, LONGEST);
      this.#closed.set(service, { at: this.#now(), seconds, problem: answer.problem });
    }
    return answer;
  }
}
