import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "mocha";
import { KEYS } from "../../stacks/config/keys.ts";
import { SYSTEMS } from "../../stacks/systems/index.ts";
import { hostPorts } from "../../stacks/systems/ports.ts";

const PAGE = readFileSync(join(import.meta.dirname, "../../docs/docker.md"), "utf8");

describe("docs/docker.md", () => {
  it("has every port that a system publishes on the host, and no other", () => {
    const published = Object.values(SYSTEMS).flatMap(hostPorts);
    assert.deepEqual(portsIn(PAGE).toSorted(), published.map(({ owner, port }) => `${owner} ${port}`).toSorted());
  });

  it("names every configuration key of the Docker targets", () => {
    const keys = Object.entries(KEYS).filter(([, { only }]) => only === undefined || only.includes("docker"));
    const swarm = Object.entries(KEYS).filter(([, { only }]) => only?.includes("swarm"));
    const missing = new Set([...keys, ...swarm].map(([name]) => name));
    for (const name of missing) if (PAGE.includes(name)) missing.delete(name);
    assert.deepEqual([...missing], []);
  });
});

/** The table has a column for each system and a row for each thing that answers there. */
function portsIn(page: string): string[] {
  const [, table = ""] = page.split(/<!-- \/?ports -->/);
  const [head = [], , ...rows] = table
    .trim()
    .split("\n")
    .map((line) =>
      line
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
  return rows.flatMap(([what = "", ...cells]) =>
    cells.flatMap((cell, index) =>
      cell === "" ? [] : cell.split(", ").map((port) => `${head[index + 1] ?? ""}/${what} ${port}`),
    ),
  );
}
