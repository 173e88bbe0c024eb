import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { describe, it } from "mocha";
import { stringify } from "yaml";
import { temporaryFolder } from "../helpers/folder.ts";
import { program } from "../helpers/server.ts";
import { alertsOf, cluster, deployed, recordsOf, systems } from "./cloud-monitoring.ts";

describe("a real promtool", () => {
  it("accepts every rule that a cluster is given", async () => {
    const { rules } = cluster(await deployed());
    for (const namespace of [...systems.map(({ name }) => name), "monitoring"]) {
      const groups = rules(namespace);
      const folder = temporaryFolder({ "rules.yml": stringify({ groups }, { lineWidth: 0 }) });
      const said = execFileSync(program("promtool", "prometheus"), ["check", "rules", join(folder, "rules.yml")], {
        encoding: "utf8",
      });
      const count = alertsOf(groups).length + recordsOf(groups).length;
      assert.match(said, new RegExp(`SUCCESS: ${count} rules found`), namespace);
    }
  });
});
