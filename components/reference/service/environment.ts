import { readFileSync } from "node:fs";
import { isIP } from "node:net";

/** A variable with a value that the service cannot work with; the message is one sentence for who set it. */
export class BadConfiguration extends Error {
  override readonly name = "BadConfiguration";
}

/** Reads variables and says in one sentence what is wrong with one. Remembers the secrets, so that no log repeats them. */
export class Environment {
  readonly secrets: string[] = [];
  readonly #variables: NodeJS.ProcessEnv;

  constructor(variables: NodeJS.ProcessEnv) {
    this.#variables = variables;
  }

  /** An empty value counts as absent: that is how a compose file unsets one. */
  optional(name: string): string | undefined {
    const value = this.#variables[name];
    return value === undefined || value === "" ? undefined : value;
  }

  text(name: string, fallback: string): string {
    return this.optional(name) ?? fallback;
  }

  required(name: string, because: string): string {
    const value = this.optional(name);
    if (value === undefined) throw new BadConfiguration(`${name} is not set; write it, because ${because}.`);
    return value;
  }

  number(name: string, fallback: number, least: number, most: number): number {
    const text = this.optional(name);
    if (text === undefined) return fallback;
    const value = Number(text);
    if (text.trim() === "" || !Number.isFinite(value) || value < least || value > most)
      throw new BadConfiguration(`${name} is "${text}"; write a number from ${least} to ${most}.`);
    return value;
  }

  whole(name: string, fallback: number, least: number, most: number): number {
    const value = this.number(name, fallback, least, most);
    if (!Number.isInteger(value))
      throw new BadConfiguration(`${name} is "${value}"; write a whole number from ${least} to ${most}.`);
    return value;
  }

  port(name: string, fallback: number): number {
    return this.whole(name, fallback, 1, 65_535);
  }

  choice<T extends string>(name: string, choices: readonly T[], fallback: T): T {
    const value = this.optional(name) ?? fallback;
    const choice = choices.find((one) => one === value);
    if (choice === undefined)
      throw new BadConfiguration(
        `${name} is "${value}"; write ${choices.slice(0, -1).join(", ")} or ${choices.at(-1)}.`,
      );
    return choice;
  }

  flag(name: string): boolean {
    return this.choice(name, ["true", "false"], "false") === "true";
  }

  list(name: string): string[] {
    return this.text(name, "")
      .split(",")
      .map((item) => item.trim())
      .filter((item) => item !== "");
  }

  /** IP addresses, or networks such as `172.28.0.0/16`. */
  networks(name: string): string[] {
    const networks = this.list(name);
    const wrong = networks.find((network) => !isNetwork(network));
    if (wrong !== undefined)
      throw new BadConfiguration(`${name} has "${wrong}"; write an IP address or a network such as 172.28.0.0/16.`);
    return networks;
  }

  url(name: string): URL | undefined {
    const text = this.optional(name);
    if (text === undefined) return undefined;
    const url = URL.canParse(text) ? new URL(text) : undefined;
    if (url?.protocol !== "http:" && url?.protocol !== "https:")
      throw new BadConfiguration(`${name} is no URL; write one that begins with http:// or https://.`);
    return url;
  }

  /** From the file that `<name>_FILE` names, else from the variable itself. The value is in no message. */
  secret(name: string): string | undefined {
    const path = this.optional(`${name}_FILE`);
    const value = path === undefined ? this.optional(name) : readSecret(`${name}_FILE`, path);
    if (value !== undefined) this.secrets.push(value);
    return value;
  }
}

function isNetwork(text: string): boolean {
  const [address = "", prefix, ...rest] = text.split("/");
  const bits = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
  if (rest.length > 0 || bits < 0) return false;
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= bits);
}

function readSecret(variable: string, path: string): string {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    const { code = "unknown error" } = error as NodeJS.ErrnoException;
    throw new BadConfiguration(`${variable} is "${path}", which cannot be read (${code}); write the path of a file.`);
  }
  // editors and `echo` end a file with a line break that is no part of the secret
  const value = text.replace(/\r?\n$/, "");
  if (value === "") throw new BadConfiguration(`${variable} is "${path}", which is empty; write the secret into it.`);
  return value;
}
