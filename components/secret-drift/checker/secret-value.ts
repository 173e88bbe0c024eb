import { inspect } from "node:util";

const SHOWN = "[secret]";

/**
 * A value that must not be seen. However it is printed, joined to a text, logged or made JSON of, it reads `[secret]`; who
 * really needs it asks for it by name, so that every such place can be found.
 */
export class SecretValue {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The value itself: only to send it to a store, to compare it or to look for it. */
  reveal(): string {
    return this.#value;
  }

  /** In characters. */
  get length(): number {
    return this.#value.length;
  }

  toString(): string {
    return SHOWN;
  }

  toJSON(): string {
    return SHOWN;
  }

  [inspect.custom](): string {
    return SHOWN;
  }
}
