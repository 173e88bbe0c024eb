/** Plain properties, as deep as they go. */
export type Plain = Readonly<Record<string, unknown>>;

/** Where a value is: names of properties and indices of lists. */
export type Path = readonly (string | number)[];

/** Properties without what is not known yet, and where that was. */
export interface Known {
  readonly value: Plain;
  readonly unknown: readonly Path[];
}

/**
 * What the engine sends in preview for a value that only the update will tell, one for each type.
 * https://github.com/pulumi/pulumi/blob/master/sdk/go/common/resource/plugin/rpc.go
 */
const UNKNOWN: ReadonlySet<unknown> = new Set([
  "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
  "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
  "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
  "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
  "030794c1-ac77-496b-92df-f27374a8bd58",
  "e48ece36-62e2-4504-bad9-02848725956a",
  "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
]);

/**
 * The known part of a resource's properties. The policy SDK hands properties out behind a proxy that throws at the first
 * unknown value that is read, which would end the policy and lose what else it has to say. Property descriptors are not
 * behind the proxy.
 */
export function known(properties: object): Known {
  const unknown: Path[] = [];
  return { value: knownObject(properties, [], unknown), unknown };
}

function knownObject(object: object, at: Path, unknown: Path[]): Plain {
  const result: Record<string, unknown> = {};
  for (const key of Object.keys(object)) {
    const value: unknown = Object.getOwnPropertyDescriptor(object, key)?.value;
    if (UNKNOWN.has(value)) unknown.push([...at, key]);
    else result[key] = knownValue(value, [...at, key], unknown);
  }
  return result;
}

function knownValue(value: unknown, at: Path, unknown: Path[]): unknown {
  if (Array.isArray(value)) {
    return value.map((element: unknown, index) => {
      if (!UNKNOWN.has(element)) return knownValue(element, [...at, index], unknown);
      unknown.push([...at, index]);
      return undefined;
    });
  }
  // assets and archives are instances of classes and no policy looks into them
  const isPlain = typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
  return isPlain ? knownObject(value, at, unknown) : value;
}

/**
 * The first unknown value that lies at, above or below one of the patterns (`spec.containers[].resources`), as text;
 * `undefined` when all that the patterns name is known.
 */
export function unknownAt(unknown: readonly Path[], ...patterns: readonly string[]): string | undefined {
  if (unknown.length === 0) return undefined;
  // `list[].cpu` is any element, `list[0].cpu` one of them
  const wanted = patterns.map((pattern) =>
    pattern
      .replaceAll("[]", ".[]")
      .replaceAll(/\[(\d+)\]/g, ".$1")
      .split("."),
  );
  const found = unknown.find((path) => wanted.some((pattern) => overlap(path, pattern)));
  return found && shown(found);
}

function overlap(path: Path, pattern: readonly string[]): boolean {
  const common = Math.min(path.length, pattern.length);
  return path.slice(0, common).every((segment, index) => {
    const wanted = pattern[index];
    return typeof segment === "number" ? wanted === "[]" || wanted === String(segment) : wanted === segment;
  });
}

function shown(path: Path): string {
  if (path.length === 0) return "the whole resource";
  return path.reduce<string>(
    (text, segment) =>
      typeof segment === "number" ? `${text}[${segment}]` : text === "" ? segment : `${text}.${segment}`,
    "",
  );
}

/** The value at a dotted path; list indices are numbers between dots. */
export function at(value: unknown, path: string): unknown {
  return path
    .split(".")
    .reduce<unknown>(
      (inner, key) => (typeof inner === "object" && inner !== null ? (inner as Plain)[key] : undefined),
      value,
    );
}

export function plainAt(value: unknown, path: string): Plain {
  const found = at(value, path);
  return typeof found === "object" && found !== null && !Array.isArray(found) ? (found as Plain) : {};
}

export function listAt(value: unknown, path: string): readonly unknown[] {
  const found = at(value, path);
  return Array.isArray(found) ? found : [];
}

export function textAt(value: unknown, path: string): string | undefined {
  const found = at(value, path);
  return typeof found === "string" && found !== "" ? found : undefined;
}

/** A number, also when it is written as text, as some providers' schemas want it. */
export function numberAt(value: unknown, path: string): number | undefined {
  const found = at(value, path);
  const number = typeof found === "string" && found.trim() !== "" ? Number(found) : found;
  return typeof number === "number" && Number.isFinite(number) ? number : undefined;
}
