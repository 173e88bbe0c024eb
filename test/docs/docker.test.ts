import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "mocha";
import { parse } from "yaml";
import { KEYS } from "../../stacks/config/keys.ts";
import { SYSTEMS } from "../../stacks/systems/index.ts";
import { hostPorts } from "../../stacks/systems/ports.ts";
import { dockerDeployed } from "../stacks/fixture-docker.ts";

const ROOT = join(import.meta.dirname, "../..");
const PAGE = readFileSync(join(ROOT, "docs/docker.md"), "utf8");

describe("docs/docker.md", () => {
  it("has every port that a system publishes on the host, and no other", () => {
    const published = Object.values(SYSTEMS).flatMap(hostPorts);
    assert.deepEqual(portsIn(PAGE).toSorted(), published.map(({ owner, port }) => `${owner} ${port}`).toSorted());
  });

  it("has what the stack dev asks of its host, as README has it", async () => {
    const { config } = parse(readFileSync(join(ROOT, "Pulumi.dev.yaml"), "utf8")) as {
      config: Record<string, unknown>;
    };
    const values = Object.entries(config).map(([key, value]) => [
      key.replace("groundwork:", ""),
      typeof value === "string" ? value : JSON.stringify(value),
    ]);
    const { demand } = (await dockerDeployed(Object.fromEntries(values) as Record<string, string>)).result;
    const written = `${demand.cores} cores and ${demand.memoryGiB.toFixed(1)} GiB`;
    for (const page of [PAGE, readFileSync(join(ROOT, "README.md"), "utf8")])
      assert.ok(page.includes(written), written);
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
