import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { overrideFile, readOverrides } from "@groundwork/lib/runtime-override";
import { Autoscaler, type AutoscalerOptions, type Scaled } from "../../../scripts/autoscale/autoscaler.ts";
import { loadOf } from "../../../scripts/autoscale/prometheus.ts";
import { assertBadInput } from "../../helpers/bad-input.ts";
import { temporaryFolder } from "../../helpers/folder.ts";

const worker: Scaled = {
  ...{ min: 1, max: 10, cpuPercent: 70, memoryPercent: 80, scaleDownPercent: 50, cooldown: 300 },
  ...{ replicas: 2, prometheus: "http://prometheus" },
};

function autoscaler(more: Partial<AutoscalerOptions> = {}) {
  const overrides = overrideFile(temporaryFolder(), "dev");
  const lines: string[] = [];
  const made = new Autoscaler({
    overrides,
    seen: `${overrides}.seen`,
    load: () => Promise.resolve({ cpuPercent: 140, memoryPercent: 20 }),
    update: () => Promise.resolve(),
    tell: (line) => lines.push(line),
    dryRun: false,
    now: () => 0,
    ...more,
  });
  return { made, overrides, lines };
}

describe("the autoscaler", () => {
  it("measures the containers of the workload's name, or of the colour that is live", async () => {
    const measured: string[] = [];
    const load = (_: string, system: string, part: string) => {
      measured.push(`${system} ${part}`);
      return Promise.resolve({});
    };
    const { made } = autoscaler({ load });
    await made.look({ "flowx/worker": worker, "flowx/api": { ...worker, part: "api-green" } });
    assert.deepEqual(measured, ["flowx worker", "flowx api-green"]);
  });

  it("keeps what it decided beside the project's state and deploys it", async () => {
    let seen: unknown;
    const { made, overrides, lines } = autoscaler({
      update: () => {
        seen = readOverrides(overrides);
        return Promise.resolve();
      },
    });
    await made.look({ "flowx/worker": worker });
    assert.equal(existsSync(overrides), false, "one peak scales nothing");
    await made.look({ "flowx/worker": worker });
    assert.deepEqual(seen, { "flowx/worker": 4 });
    assert.deepEqual(readOverrides(overrides), { "flowx/worker": 4 });
    assert.match(lines.at(-1) ?? "", /flowx\/worker: 2 to 4 replicas \(CPU 140 %, memory 20 %/);
  });

  it("takes back what could not be deployed, and decides it again", async () => {
    let updates = 0;
    const { made, overrides } = autoscaler({
      update: () => (++updates === 1 ? Promise.reject(new Error("refused")) : Promise.resolve()),
    });
    await made.look({ "flowx/worker": worker });
    await assert.rejects(made.look({ "flowx/worker": worker }), /refused/);
    assert.deepEqual(readOverrides(overrides), {});
    await made.look({ "flowx/worker": worker });
    assert.deepEqual(readOverrides(overrides), { "flowx/worker": 4 });
  });

  it("counts looks in a row also when each is by an autoscaler of its own, as cron starts them", async () => {
    const first = autoscaler();
    await first.made.look({ "flowx/worker": worker });
    const second = autoscaler({ overrides: first.overrides, seen: `${first.overrides}.seen` });
    await second.made.look({ "flowx/worker": worker });
    assert.deepEqual(readOverrides(first.overrides), { "flowx/worker": 4 });
    writeFileSync(`${first.overrides}.seen`, "{torn");
    const third = autoscaler({ seen: `${first.overrides}.seen` });
    assert.equal((await third.made.look({ "flowx/worker": worker }))[0]?.to, 2, "looking begins anew");
  });

  it("changes nothing in a dry run", async () => {
    const { made, overrides, lines } = autoscaler({ dryRun: true, update: () => assert.fail("updated") });
    await made.look({ "flowx/worker": worker });
    await made.look({ "flowx/worker": worker });
    assert.equal(existsSync(overrides), false);
    assert.match(lines.at(-1) ?? "", /2 to 4 replicas/);
  });

  it("leaves a workload alone that nothing measures", async () => {
    const { prometheus: _, ...unmeasured } = worker;
    const { made, lines } = autoscaler({ load: () => assert.fail("asked") });
    assert.equal((await made.look({ "flowx/worker": unmeasured }))[0]?.to, 2);
    assert.match(lines[0] ?? "", /no monitoring here/);
  });
});

describe("the overrides", () => {
  it("are refused when they are not what an autoscaler writes, and kept as they are", async () => {
    const file = join(temporaryFolder(), "dev.json");
    for (const text of ["{", "[]", "null", '{"flowx/worker": 0}', '{"flowx/worker": "4"}', '{"worker": 4}']) {
      writeFileSync(file, text);
      await assertBadInput(() => readOverrides(file), file, "delete it");
      assert.equal(readFileSync(file, "utf8"), text);
    }
  });
});

describe("the load that Prometheus tells", () => {
  it("is the average of each measure, and unknown where there is no series", async () => {
    const queries: string[] = [];
    const server = createServer((request, response) => {
      let body = "";
      request.on("data", (chunk: Buffer) => (body += chunk.toString()));
      request.on("end", () => {
        const query = new URLSearchParams(body).get("query") ?? "";
        queries.push(query);
        const result = query.includes("cpu") ? [{ metric: {}, value: [0, "71.5"] }] : [];
        response.end(JSON.stringify({ status: "success", data: { resultType: "vector", result } }));
      });
    }).listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    try {
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      assert.deepEqual(await loadOf(url, "flowx", "worker"), { cpuPercent: 71.5 });
      for (const query of queries) assert.match(query, /container_label_groundwork_dev_part="worker"/);
    } finally {
      server.close();
    }
  });
});
