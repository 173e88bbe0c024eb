/** One text in a document, and where it stands. */
export interface Leaf {
  /** Keys and indices from the top. */
  readonly path: readonly (string | number)[];
  /** What it is called: its key, or the variable's name. */
  readonly name: string;
  readonly text: string;
}

/** How the engine marks what is more than a plain value. https://github.com/pulumi/pulumi/blob/v3.200.0/sdk/go/common/resource/sig/sig.go */
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

/** Whether it is what Pulumi makes of a secret. */
export function isPulumiSecret(value: unknown): value is { readonly plaintext?: unknown } {
  return isKeys(value) && value[SIGNATURE] === SECRET;
}

/** Every text in a document, also in JSON that stands in a text. What Pulumi has encrypted is left out. */
export function* leavesOf(
  value: unknown,
  path: readonly (string | number)[] = [],
  name = String(path.at(-1) ?? ""),
): Generator<Leaf> {
  if (typeof value === "string") yield* textLeaves(value, path, name);
  else if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) yield* leavesOf(item, [...path, index], name);
  } else if (isKeys(value) && !isPulumiSecret(value)) {
    const called = value["name"] ?? value["Name"] ?? value["key"];
    for (const [key, item] of Object.entries(value)) {
      const isVariable = typeof called === "string" && (key === "value" || key === "Value");
      yield* leavesOf(item, [...path, key], isVariable ? called : key);
    }
  }
}

function* textLeaves(text: string, path: readonly (string | number)[], name: string): Generator<Leaf> {
  const [, variable, assigned] = typeof path.at(-1) === "number" ? (/^([A-Za-z_][\w.-]*)=(.*)$/s.exec(text) ?? []) : [];
  yield { path, name: variable ?? name, text: assigned ?? text };
  const inner = /^\s*[[{]/.test(text) ? parsed(text) : undefined;
  if (inner === undefined) return;
  for (const leaf of leavesOf(inner, path, name)) if (leaf.path.length > path.length) yield leaf;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function isKeys(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** As people write it: `spec.containers[0].env`. */
export function pathText(path: readonly (string | number)[]): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === "number") return `${text}[${part}]`;
    if (!/^[\w-]+$/.test(part)) return `${text}[${JSON.stringify(part)}]`;
    return text === "" ? part : `${text}.${part}`;
  }, "");
}
