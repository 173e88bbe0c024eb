import type { Segments } from "../../paths.ts";
import { formatPath } from "../../paths.ts";
import { kubernetesQuantity } from "@groundwork/lib/kubernetes-quantity";
import type { Failure } from "../values.ts";
import { isUnknown } from "../values.ts";

/**
 * A place in an object that may have holes: what is not known yet is neither present nor absent, and nothing is ever
 * said against it or what would lie below it.
 */
export class Field {
  readonly value: unknown;
  readonly steps: Segments;
  readonly unknown: boolean;
  readonly #failures: Failure[];

  constructor(value: unknown, failures: Failure[], steps: Segments = []) {
    this.unknown = isUnknown(value);
    this.value = this.unknown ? undefined : (value ?? undefined);
    this.steps = steps;
    this.#failures = failures;
  }

  at(...names: string[]): Field {
    return names.reduce<Field>((field, name) => field.#member(name), this);
  }

  #member(name: string): Field {
    const steps = [...this.steps, name];
    if (this.unknown) return new Unknown(this.#failures, steps);
    const object = this.object;
    return new Field(Object.hasOwn(object, name) ? object[name] : undefined, this.#failures, steps);
  }

  /** The same place with something else in it: what the API server would see there. */
  with(value: unknown): Field {
    return new Field(value, this.#failures, this.steps);
  }

  get items(): Field[] {
    if (!Array.isArray(this.value)) return [];
    return this.value.map((item: unknown, index) => new Field(item, this.#failures, [...this.steps, index]));
  }

  get entries(): [string, Field][] {
    return Object.keys(this.object).map((name) => [name, this.at(name)]);
  }

  get object(): Readonly<Record<string, unknown>> {
    const isObject = typeof this.value === "object" && this.value !== null && !Array.isArray(this.value);
    return isObject ? (this.value as Record<string, unknown>) : {};
  }

  get present(): boolean {
    return this.value !== undefined;
  }

  /** Certainly left out: not just unknown. */
  get absent(): boolean {
    return !this.unknown && this.value === undefined;
  }

  get text(): string | undefined {
    return typeof this.value === "string" ? this.value : undefined;
  }

  get number(): number | undefined {
    return typeof this.value === "number" ? this.value : undefined;
  }

  get quantity(): number | undefined {
    return kubernetesQuantity(this.value);
  }

  refuse(reason: string): void {
    if (!this.unknown) this.#failures.push({ path: formatPath(this.steps), reason });
  }

  refuseIf(wrong: boolean, reason: string): void {
    if (wrong) this.refuse(reason);
  }

  require(reason = "it is required"): void {
    this.refuseIf(this.absent, reason);
  }

  range(min: number, max = Infinity): void {
    const wrong = this.number !== undefined && (this.number < min || this.number > max);
    this.refuseIf(wrong, max === Infinity ? `write at least ${min}` : `write a number from ${min} to ${max}`);
  }

  oneOf(...values: string[]): void {
    this.refuseIf(this.text !== undefined && !values.includes(this.text), `write one of ${values.join(", ")}`);
  }

  matches(pattern: RegExp, maxLength: number, instead: string): void {
    const wrong = this.text !== undefined && (this.text.length > maxLength || !pattern.test(this.text));
    this.refuseIf(wrong, instead);
  }

  /** Exactly one of the members is set; holes may yet become anything. */
  exactlyOne(...names: string[]): void {
    const given = names.filter((name) => this.at(name).present);
    const open = names.some((name) => this.at(name).unknown);
    this.refuseIf(given.length > 1 || (given.length === 0 && !open), `write exactly one of ${names.join(", ")}`);
  }

  /** No two items have the same key; items whose key is missing do not count. */
  unique(key: (item: Field) => string | undefined, what: string): void {
    const seen = new Set<string>();
    for (const item of this.items) {
      const own = key(item);
      if (own === undefined) continue;
      item.refuseIf(seen.has(own), `Duplicate value: another one has the same ${what}, ${own}`);
      seen.add(own);
    }
  }
}

/** Below a hole there are only holes. */
class Unknown extends Field {
  override readonly unknown = true;
  readonly #below: Failure[];

  constructor(failures: Failure[], steps: Segments) {
    super(undefined, failures, steps);
    this.#below = failures;
  }

  override at(...names: string[]): Field {
    return new Unknown(this.#below, [...this.steps, ...names]);
  }

  override refuse(): void {
    // nothing is known here that could be wrong
  }
}
