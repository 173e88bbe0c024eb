/** What decides which of a host's routes a request takes. */
export interface Ordered {
  readonly name: string;
  readonly host: string;
  readonly path: string;
}

/**
 * Routes host by host, the longest prefix first, as the Gateway API has a request find them; the order in which they were
 * written changes nothing. https://gateway-api.sigs.k8s.io/reference/spec/#httprouterule
 */
export function inOrder<R extends Ordered>(routes: readonly R[]): readonly R[] {
  return [...routes].sort(
    (one, other) =>
      compare(one.host, other.host) ||
      segments(other.path).length - segments(one.path).length ||
      compare(one.path, other.path) ||
      compare(one.name, other.name),
  );
}

/** A prefix ends where a segment of the path ends: `/api` holds `/api/users` and not `/apis`. */
export function isBelow(path: string, prefix: string): boolean {
  const [own, wanted] = [segments(path), segments(prefix)];
  return wanted.every((segment, index) => own[index] === segment);
}

export function repeatedIn(values: readonly string[]): string | undefined {
  return values.find((value, index) => values.indexOf(value) !== index);
}

/** `/api/` and `/api` are the same prefix. */
export function normalized(path: string): string {
  return `/${segments(path).join("/")}`;
}

function segments(path: string): readonly string[] {
  return path.split("/").filter((segment) => segment !== "");
}

/** Not by locale: the order must be the same on every machine. */
function compare(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}
