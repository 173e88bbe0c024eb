/** Expressions of Cloudflare's rules. https://developers.cloudflare.com/ruleset-engine/rules-language/ */

/** A text in quotation marks. */
export function quoted(text: string): string {
  return `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}

/** `{"a" "b"}` */
export function set(values: readonly string[]): string {
  return `{${values.map(quoted).join(" ")}}`;
}

export function isHost(hosts: readonly string[]): string {
  return hosts.length === 1 ? `http.host eq ${quoted(hosts[0] ?? "")}` : `http.host in ${set(hosts)}`;
}

/** Whether the path is one of the prefixes or lies below it; `true` for the root. */
export function isBelow(prefixes: readonly string[]): string {
  if (prefixes.includes("/")) return "true";
  return either(
    prefixes.flatMap((prefix) => [
      `http.request.uri.path eq ${quoted(prefix)}`,
      `starts_with(http.request.uri.path, ${quoted(`${prefix}/`)})`,
    ]),
  );
}

/** All of them; `true` among them says nothing. */
export function all(...conditions: readonly string[]): string {
  const telling = conditions.filter((condition) => condition !== "true");
  return telling.length === 0 ? "true" : telling.map(bracketed).join(" and ");
}

/** Any of them. */
export function either(conditions: readonly string[]): string {
  return conditions.includes("true") ? "true" : conditions.map(bracketed).join(" or ");
}

export function not(condition: string): string {
  return `not ${bracketed(condition)}`;
}

function bracketed(condition: string): string {
  return `(${condition})`;
}
