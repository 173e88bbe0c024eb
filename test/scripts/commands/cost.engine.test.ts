import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { CostReport } from "@groundwork/lib/cost-report";
import { ownPrices } from "@groundwork/lib/pricing/table";
import { assertRefused, groundwork } from "../../helpers/command-line.ts";
import { temporaryFolder } from "../../helpers/folder.ts";
import { offerFile, priceServer, sends } from "../reports/cost/price-server.ts";

const CANARY = "correct-horse-battery-staple";
const TYPE = "aws:ec2/natGateway:NatGateway";

/** A real stack's export: two NAT gateways of a system, and a thing that nobody prices. */
const STATE = {
  version: 3,
  deployment: {
    resources: [
      { urn: "urn:pulumi:prod::shop::pulumi:pulumi:Stack::shop-prod", type: "pulumi:pulumi:Stack" },
      ...["a", "b"].map((name) => ({
        urn: `urn:pulumi:prod::shop::${TYPE}::nat-${name}`,
        type: TYPE,
        custom: true,
        inputs: { region: "us-west-2", tags: { system: "shop" } },
      })),
      {
        urn: "urn:pulumi:prod::shop::aws:kinesis/stream:Stream::events",
        type: "aws:kinesis/stream:Stream",
        custom: true,
        inputs: {
          region: "us-west-2",
          key: { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", plaintext: CANARY },
        },
      },
    ],
  },
};

const TODAY = new Date().toISOString().slice(0, 10);

function tableOf(date: string, on = date): string {
  const { table } = ownPrices();
  const readings = Object.fromEntries(Object.entries(table.readings).map(([name, each]) => [name, { ...each, on }]));
  return JSON.stringify({ ...table, readings, date });
}

describe("groundwork cost", () => {
  const folder = temporaryFolder({
    "state.json": JSON.stringify(STATE),
    "prices.json": tableOf(TODAY),
    "old.json": tableOf("2020-01-01"),
    "project/Pulumi.yaml": "name: shop\nruntime: nodejs\n",
    "project/capacity.yaml": "prod:\n  usage:\n    shop: { natGb: 300 }\n",
    "wrong/Pulumi.yaml": "name: shop\nruntime: nodejs\n",
    "wrong/capacity.yaml": "prod:\n  usage:\n    shop: { natGB: 300 }\n",
  });
  const home = join(folder, "home");
  const state = ["--state", join(folder, "state.json")];
  const prices = ["--prices", join(folder, "prices.json")];
  const project = ["--project", join(folder, "project")];
  const run = (...args: readonly string[]) => groundwork(["cost", ...args], { home, cwd: folder });

  it("tells what a real stack costs, with its assumptions, dates and what it leaves out", async () => {
    const { stdout, exitCode } = await run(...state, ...prices, ...project);
    assert.equal(exitCode, 0);
    // 2 x 730 x 0.045 = 65.70, 2 x 300 GB x 0.045 = 27.00
    assert.match(stdout, new RegExp(`prod costs about US\\$ 92\\.70 a month, with prices of ${TODAY}`));
    assert.match(stdout, /300 GB a month through each NAT gateway \(prod\.usage\.shop\.natGb in capacity\.yaml\)/);
    assert.match(stdout, /1 x aws:kinesis\/stream:Stream: nobody has said what it costs/);
    assert.ok(!stdout.includes(CANARY));
  });

  it("prints one JSON document that adds up", async () => {
    const { stdout } = await run(...state, ...prices, ...project, "--json");
    const report = JSON.parse(stdout) as CostReport;
    assert.deepEqual([report.totalCents, report.items.length], [9270, 4]);
    assert.equal(
      report.items.reduce((sum, { cents }) => sum + cents, 0),
      report.totalCents,
    );
  });

  it("groups by what is asked", async () => {
    for (const [by, name] of [
      ["region", "us-west-2"],
      ["service", "Amazon VPC"],
      ["system", "shop"],
    ] as const) {
      const { stdout } = await run(...state, ...prices, ...project, "--by", by);
      assert.match(stdout, new RegExp(`^${name}: US\\$ 92\\.70$`, "m"));
    }
  });

  it("refuses old prices unless they are asked for", async () => {
    const old = ["--prices", join(folder, "old.json")];
    assertRefused(await run(...state, ...old), "2020-01-01", "--refresh", "--allow-old-prices");
    const { stdout, exitCode } = await run(...state, ...old, "--allow-old-prices");
    assert.equal(exitCode, 0);
    assert.match(stdout, /with prices of 2020-01-01/);
  });

  it("refuses what it cannot use, in one sentence", async () => {
    assertRefused(await run(...prices), "--stack", "--state");
    assertRefused(await run(...state, ...prices, "-s", "prod"), "--stack prod", "--state");
    assertRefused(await run("--state", "none.json", ...prices), "none.json", "pulumi stack export");
    assertRefused(await run(...state, "--prices", "none.json"), "none.json");
    assertRefused(await run(...state, ...prices, "--max-price-age", "soon"), "--max-price-age", "soon");
    assertRefused(await run(...state, ...prices, "--project", join(folder, "wrong")), "natGB", "natGb");
    assertRefused(await run("--refresh", ...prices, "--region", "Mars"), "--region", "Mars");
  });

  it("writes the table anew from the price list, and leaves nothing else behind", async () => {
    const own = temporaryFolder({ "prices.json": tableOf("2020-01-01") });
    const row = {
      "Product Family": "NAT Gateway",
      usageType: "USW2-NatGateway-Hours",
      PricePerUnit: "0.0500000000",
      "Region Code": "us-west-2",
    };
    const server = await priceServer({ "AmazonEC2 us-west-2": sends(offerFile("AmazonEC2", [row])) });
    try {
      const { stdout, exitCode } = await run(
        "--refresh",
        "--prices",
        join(own, "prices.json"),
        "--price-list",
        server.base,
      );
      assert.equal(exitCode, 1, "most files are not there");
      assert.match(stdout, /nat\/hours in us-west-2: US\$ 0\.045 -> US\$ 0\.05/);
      assert.match(stdout, /alb\/hours in us-west-2: .*does not exist/);
    } finally {
      await server.close();
    }
    const { stdout } = await run(...state, "--prices", join(own, "prices.json"), "--allow-old-prices");
    assert.match(stdout, /1,460 hours x 0\.05/);
    assert.deepEqual(readdirSync(own), ["prices.json"]);
    assert.ok(readFileSync(join(own, "prices.json"), "utf8").endsWith("}\n"));
  });
});

describe("groundwork optimize", () => {
  const folder = temporaryFolder({
    "state.json": JSON.stringify(STATE),
    "prices.json": tableOf(TODAY),
    "bill.yaml": "compute: 100\ntarget: 50\n",
  });
  const run = (...args: readonly string[]) =>
    groundwork(["optimize", ...args], { home: join(folder, "home"), cwd: folder });

  it("proposes, the largest saving first", async () => {
    const { stdout, exitCode } = await run("--state", "state.json", "--prices", "prices.json");
    assert.equal(exitCode, 0);
    assert.match(stdout, /Have one NAT gateway in us-west-2 instead of 2\.\n {2}risk {3}high: /);
    const { stdout: json } = await run("--state", "state.json", "--prices", "prices.json", "--json");
    const { proposals } = JSON.parse(json) as {
      proposals: readonly { readonly rule: string; readonly savingCents: number }[];
    };
    // a gateway: 730 x 0.045 + 730 x 0.005 = 32.85 + 3.65; endpoint: 20 % of 9.00
    assert.deepEqual(
      proposals.map(({ rule, savingCents }) => [rule, savingCents]),
      [
        ["single-nat-gateway", 3650],
        ["gateway-endpoints", 180],
      ],
    );
  });

  it("looks at a bill, and at nothing else beside it", async () => {
    const { stdout } = await run("--bill", "bill.yaml");
    assert.match(stdout, /compute +US\$ 100 +US\$ 60 +40 %/);
    assertRefused(await run("--bill", "bill.yaml", "-s", "prod"), "bill.yaml", "prod");
    assertRefused(await run("--bill", "none.yaml"), "none.yaml");
  });
});
