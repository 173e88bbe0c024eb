import { isVariableName } from "./credential-shapes.ts";

/** The mapping cannot be used; the message is one sentence that names the key, the value and what to write instead. */
export class InvalidMapping extends Error {
  override readonly name = "InvalidMapping";
}

export type Keys = Readonly<Record<string, unknown>>;

const NAME = /^[A-Za-z0-9][\w.-]*$/;

/** Takes values of a mapping that must be something. Everything throws {@link InvalidMapping} with the path of what is not. */
export class Reader {
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
  }

  whole(value: unknown, path: string): number {
    if (typeof value === "number" && Number.isInteger(value) && value > 0) return value;
    throw this.wrong(path, value, "write a whole number above 0");
  }

  text(value: unknown, path: string): string {
    if (typeof value === "string" && value.trim() !== "") return value;
    throw this.wrong(path, value, "write a text that is not empty");
  }

  /** What something is called in the mapping alone. */
  name(value: string, path: string): string {
    if (NAME.test(value)) return value;
    throw this.wrong(path, value, "give it a name of letters, digits, dots and hyphens");
  }

  oneOf<T extends string>(value: unknown, path: string, known: readonly T[]): T {
    const found = known.find((each) => each === value);
    if (found !== undefined) return found;
    throw this.wrong(path, value, `write one of ${known.join(", ")}`);
  }

  texts(value: unknown, path: string): readonly string[] {
    return this.list(value, path).map((each, index) => this.text(each, `${path}[${index}]`));
  }

  list(value: unknown, path: string): readonly unknown[] {
    if (Array.isArray(value)) return value;
    throw this.wrong(path, value, "write a list");
  }

  keys(value: unknown, path: string): Keys {
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Keys;
    throw this.wrong(path, value, "write keys with values below it");
  }

  only(given: Keys, path: string, known: readonly string[]): Keys {
    const stranger = Object.keys(given).find((key) => !known.includes(key));
    if (stranger === undefined) return given;
    const key = path === "" ? stranger : `${path}.${stranger}`;
    throw this.refusal(`has the unknown key ${key}: write one of ${known.join(", ")}`);
  }

  /** Who has written the secret itself must not find it in a log. */
  variable(value: unknown, path: string, what: string): string {
    if (isVariableName(value)) return value;
    const shown = typeof value === "string" && value !== "" ? "[hidden]" : value;
    throw this.wrong(path, shown, `write the name of the environment variable that holds ${what}`);
  }

  wrong(path: string, value: unknown, instead: string): InvalidMapping {
    return this.refusal(`has ${path} as ${JSON.stringify(value) ?? "nothing"}: ${instead}`);
  }

  /** @param sentence without the file, which is its beginning */
  refusal(sentence: string): InvalidMapping {
    return new InvalidMapping(`${this.#file} ${sentence}`);
  }
}
