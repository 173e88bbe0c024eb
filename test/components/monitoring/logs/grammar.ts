/**
 * Reads Logstash's configuration language, as far as its documentation gives it: sections, plug-ins, settings of each
 * value type, conditionals. Logstash itself cannot be had on this machine.
 * https://github.com/elastic/logstash/blob/main/logstash-core/lib/logstash/compiler/lscl/lscl.treetop
 */
export interface Read {
  /** Plug-ins by section, with the path of conditions above each. */
  readonly plugins: readonly {
    readonly section: string;
    readonly name: string;
    readonly settings: Readonly<Record<string, unknown>>;
    readonly conditions: readonly string[];
  }[];
}

type Token = string;

const TOKENS =
  /\s+|#[^\n]*|"[^"]*"|'[^']*'|\/(?:\\.|[^/\n])*\/|=>|=~|!~|==|!=|<=|>=|[{}[\](),<>!]|[A-Za-z_@][\w.@-]*|-?\d+(?:\.\d+)?/gy;

export function readLogstash(text: string): Read {
  const reader = new Reader(tokensOf(text));
  const plugins: Read["plugins"][number][] = [];
  while (!reader.done()) {
    const section = reader.oneOf("input", "filter", "output");
    reader.take("{");
    stages(reader, section, [], plugins);
    reader.take("}");
  }
  return { plugins };
}

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  let end = 0;
  for (const match of text.matchAll(TOKENS)) {
    if (!/^(\s|#)/.test(match[0])) tokens.push(match[0]);
    end = match.index + match[0].length;
  }
  if (end !== text.length) throw new Error(`cannot read ${JSON.stringify(text.slice(end, end + 20))}`);
  return tokens;
}

class Reader {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  done(): boolean {
    return this.#at >= this.#tokens.length;
  }

  peek(): Token {
    const token = this.#tokens[this.#at];
    if (token === undefined) throw new Error("the text ends too early");
    return token;
  }

  next(): Token {
    const token = this.peek();
    this.#at++;
    return token;
  }

  take(expected: Token): void {
    const token = this.next();
    if (token !== expected) throw new Error(`expected ${expected}, found ${token}`);
  }

  oneOf(...expected: readonly Token[]): Token {
    const token = this.next();
    if (!expected.includes(token)) throw new Error(`expected one of ${expected.join(", ")}, found ${token}`);
    return token;
  }

  word(): string {
    const token = this.next();
    if (!/^[A-Za-z_]\w*$/.test(token)) throw new Error(`expected a name, found ${token}`);
    return token;
  }
}

function stages(reader: Reader, section: string, conditions: string[], into: Read["plugins"][number][]): void {
  while (reader.peek() !== "}") {
    if (reader.peek() === "if") {
      reader.next();
      const condition = conditionOf(reader);
      stages(reader, section, [...conditions, condition], into);
      reader.take("}");
    } else {
      const name = reader.word();
      into.push({ section, name, settings: settingsOf(reader), conditions });
    }
  }
}

/** Everything up to the block; brackets must close. */
function conditionOf(reader: Reader): string {
  const parts: string[] = [];
  let open = 0;
  for (let token = reader.next(); token !== "{"; token = reader.next()) {
    if (token === "[" || token === "(") open++;
    if (token === "]" || token === ")") open--;
    if (open < 0 || token === "}") throw new Error(`a condition cannot hold ${token} here`);
    parts.push(token);
  }
  if (open !== 0 || parts.length === 0) throw new Error("a condition is not whole");
  return parts.join(" ");
}

function settingsOf(reader: Reader): Record<string, unknown> {
  reader.take("{");
  const settings: Record<string, unknown> = {};
  while (reader.peek() !== "}") {
    const name = reader.word();
    if (Object.hasOwn(settings, name)) throw new Error(`${name} stands twice`);
    reader.take("=>");
    settings[name] = valueOf(reader);
  }
  reader.take("}");
  return settings;
}

function valueOf(reader: Reader): unknown {
  const token = reader.next();
  if (token === "[") return arrayOf(reader);
  if (token === "{") return hashOf(reader);
  if (/^["']/.test(token)) return token.slice(1, -1);
  if (/^-?\d/.test(token)) return Number(token);
  if (token === "true" || token === "false") return token === "true";
  throw new Error(`${token} is no value`);
}

function arrayOf(reader: Reader): unknown[] {
  const values: unknown[] = [];
  while (reader.peek() !== "]") {
    values.push(valueOf(reader));
    if (reader.peek() !== "]") reader.take(",");
  }
  reader.take("]");
  return values;
}

function hashOf(reader: Reader): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  while (reader.peek() !== "}") {
    const key = String(valueOf(reader));
    reader.take("=>");
    values[key] = valueOf(reader);
  }
  reader.take("}");
  return values;
}
