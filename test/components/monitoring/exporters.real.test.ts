import assert from "node:assert/strict";
import { cadvisorFlags, nodeExporterFlags } from "../../../components/monitoring/exporters.ts";
import { EVERYTHING, ruleGroups } from "../../../components/monitoring/rules/groups.ts";
import { as, freePort, program, started } from "../../helpers/server.ts";
import { eventually } from "./alertmanager-receivers.ts";

const asked = ruleGroups(EVERYTHING)
  .filter(({ name }) => ["host", "capacity"].includes(name))
  .flatMap(({ alerts, recordings }) => [...alerts, ...recordings])
  .flatMap(({ expr }) => expr.match(/(?<![\w:])node_\w+/g) ?? []);

describe("a real node_exporter", () => {
  it("takes the flags of its container, runs as nobody, and tells of the host but not of its network", async () => {
    const port = await freePort();
    await using _exporter = await started(
      program("prometheus-node-exporter", "prometheus-node-exporter"),
      [...nodeExporterFlags("/"), `--web.listen-address=127.0.0.1:${port}`],
      /Listening on/,
      as("nobody"),
    );
    const text = await eventually("metrics", () =>
      fetch(`http://127.0.0.1:${port}/metrics`).then(
        (response) => response.text(),
        () => "",
      ),
    );
    // which disks there are, and what the kernel tells of them, differs from machine to machine
    const always = asked.filter((name) => !/^node_(filesystem|disk)_/.test(name));
    assert.ok(always.length > 8);
    for (const name of always) assert.ok(text.includes(`\n${name}`), name);
    assert.ok(!text.includes("\nnode_network_"));
  });
});

describe("cAdvisor's flags", () => {
  it("let through the two labels by which Prometheus knows a container", () => {
    assert.ok(cadvisorFlags().includes("--whitelisted_container_labels=groundwork.dev/system,groundwork.dev/part"));
    assert.ok(cadvisorFlags().includes("--store_container_labels=false"));
  });
});
