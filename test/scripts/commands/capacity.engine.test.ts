import assert from "node:assert/strict";
import { join } from "node:path";
import type { CapacityReport } from "@groundwork/lib/capacity-report";
import { assertRefused, groundwork, temporaryHome } from "../../helpers/command-line.ts";
import { fixture } from "../../helpers/fixtures.ts";
import { temporaryFolder } from "../../helpers/folder.ts";

const DEPLOYMENT = "kubernetes:apps/v1:Deployment";
const PROVIDER = "urn:pulumi:prod::shop::pulumi:providers:kubernetes::k8s";

/** A real stack's export: one workload of four replicas. */
const STATE = {
  version: 3,
  deployment: {
    resources: [
      { urn: "urn:pulumi:prod::shop::pulumi:pulumi:Stack::shop-prod", type: "pulumi:pulumi:Stack" },
      { urn: PROVIDER, type: "pulumi:providers:kubernetes", custom: true },
      {
        urn: `urn:pulumi:prod::shop::${DEPLOYMENT}::web`,
        type: DEPLOYMENT,
        custom: true,
        provider: `${PROVIDER}::4d7f`,
        inputs: {
          metadata: { name: "web", namespace: "shop", labels: { system: "shop" } },
          spec: {
            replicas: 4,
            template: {
              spec: {
                containers: [
                  {
                    name: "web",
                    resources: { requests: { cpu: "500m", memory: "1Gi" } },
                    readinessProbe: { httpGet: { path: "/", port: 80 } },
                  },
                ],
              },
            },
          },
        },
      },
    ],
  },
};

const CAPACITY = `
prod:
  demand: { shop: { requestsPerSecond: 150 } }
  growth: { default: 10 }
  model: { shop: { web: { serviceSeconds: 0.1, concurrency: 5, cpuSeconds: 0.0001, utilisation: 1 } } }
`;

describe("groundwork capacity", () => {
  let home: string;
  const folder = temporaryFolder({
    "state.json": JSON.stringify(STATE),
    "project/Pulumi.yaml": "name: shop\nruntime: nodejs\n",
    "project/capacity.yaml": CAPACITY,
  });
  const state = join(folder, "state.json");
  const project = join(folder, "project");

  before(async () => {
    home = await temporaryHome();
  });

  it("tells of a real stack when its limits are reached", async () => {
    const { exitCode, stdout, stderr } = await groundwork(["capacity", "--state", state, "--project", project], {
      home,
    });
    assert.equal(exitCode, 0, stderr);
    // 4 x 5 / 0.1 s = 200 a second; 150 x 1.1^4 = 219.6
    assert.match(
      stdout,
      /^Capacity of prod: 1 limit reached within 6 months, the first one in month 4 \(shop global: requests a second\)/,
    );
    assert.match(stdout, /4 replicas x 5 concurrent \/ 100 ms/);
  });

  it("prints one JSON document, as far ahead as it is asked to", async () => {
    const args = ["capacity", "--state", state, "--project", project, "--months", "3", "--json"];
    const { exitCode, stdout, stderr } = await groundwork(args, { home });
    assert.equal(exitCode, 0);
    assert.equal(stderr, "");
    const report = JSON.parse(stdout) as CapacityReport;
    assert.equal(report.throughput[0]?.requestsPerSecond, 200);
    assert.deepEqual(report.projection.series[0]?.values, [150, 165, 181.5, 199.65]);
    assert.deepEqual(report.projection.reached, []);
  });

  it("plans a stack of any project from nothing", async () => {
    const limits = fixture("limits", { "Pulumi.dev.yaml": "config: {}\n" });
    const { exitCode, stdout, stderr } = await groundwork(["capacity", "-s", "dev", "--project", limits, "--json"], {
      home,
    });
    assert.equal(exitCode, 0, stderr);
    const report = JSON.parse(stdout) as CapacityReport;
    assert.equal(report.stack, "dev");
    assert.ok(report.places.length > 0);
  });

  it("refuses bad input in one sentence, before any engine starts", async () => {
    const refused = async (args: readonly string[], ...named: (string | RegExp)[]) => {
      assertRefused(await groundwork(["capacity", ...args], { home }), ...named);
    };
    await refused([], "--stack");
    await refused(["-s", "prod", "--state", state], "--stack prod", "leave one of them out");
    await refused(["--state", join(folder, "none.json")], "none.json");
    for (const months of ["0", "37", "six", "1.5"])
      await refused(["--state", state, "--months", months], `--months ${months}`, "1 to 36");
    const wrong = temporaryFolder({
      "Pulumi.yaml": "name: shop\n",
      "capacity.yaml": "prod: { growth: { shop: fast } }\n",
    });
    await refused(["--state", state, "--project", wrong], "capacity.yaml", "prod.growth.shop");
  });

  it("has help with examples", async () => {
    const { exitCode, stdout } = await groundwork(["capacity", "--help"], { home });
    assert.equal(exitCode, 0);
    assert.match(stdout, /Examples:\n {2}\$ groundwork capacity -s prod/);
  });
});
