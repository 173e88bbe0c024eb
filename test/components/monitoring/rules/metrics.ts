import assert from "node:assert/strict";
import { EVERYTHING, ruleGroups } from "../../../../components/monitoring/rules/groups.ts";
import { eventually } from "../alertmanager-receivers.ts";

/** What an exporter or a server with metrics of its own says. */
export function scraped(port: number): Promise<string> {
  return eventually("metrics", () =>
    fetch(`http://127.0.0.1:${port}/metrics`).then(
      (response) => response.text(),
      () => "",
    ),
  );
}

/** The metrics with these beginnings that the rules of these groups ask for. */
export function askedFor(groups: readonly string[], ...prefixes: readonly string[]): readonly string[] {
  const expressions = ruleGroups(EVERYTHING)
    .filter(({ name }) => groups.includes(name))
    .flatMap(({ alerts, recordings }) => [...alerts, ...recordings].map(({ expr }) => expr));
  const pattern = new RegExp(`(?<![\\w:])(?:${prefixes.join("|")})_\\w+`, "g");
  return [...new Set(expressions.flatMap((expr) => expr.match(pattern) ?? []))];
}

/** Every one of them is there, but for those that this version or this machine cannot have. */
export function assertGiven(text: string, asked: readonly string[], absent: readonly string[] = []): void {
  assert.ok(asked.length > 3, "the rules ask for hardly anything");
  assert.deepEqual(
    asked.filter((name) => !new RegExp(`^${name}[{ ]`, "m").test(text)),
    asked.filter((name) => absent.includes(name)),
  );
}
