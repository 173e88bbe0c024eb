import assert from "node:assert/strict";
import { oldestPrice, type PriceTable } from "@groundwork/lib/pricing/table";
import { refresh, type Refreshed } from "../../../../scripts/reports/cost/refresh.ts";
import { type Answers, type Row, cuts, offerFile, priceServer, sends } from "./price-server.ts";

const EC2 = {
  "Product Family": "Compute Instance",
  "Operating System": "Linux",
  Tenancy: "Shared",
  "Pre Installed S/W": "NA",
  CapacityStatus: "Used",
};

function machine(type: string, price: string, more: Row = {}): Row {
  return {
    ...EC2,
    "Instance Type": type,
    PricePerUnit: price,
    Unit: "Hrs",
    usageType: `USW2-BoxUsage:${type}`,
    "Region Code": "us-west-2",
    ...more,
  };
}

function usage(usageType: string, price: string, more: Row = {}): Row {
  return { usageType, PricePerUnit: price, "Region Code": "us-west-2", ...more };
}

const TABLE: PriceTable = {
  schema: 1,
  date: "2026-01-01",
  source: "https://example.com",
  readings: {
    then: { on: "2026-01-01", asOf: "2026-01-01", how: "By hand." },
    never: { on: "2025-01-01", asOf: "2025-01-01", how: "Unused." },
  },
  lists: {
    ec2: {
      offer: "AmazonEC2",
      attributes: {
        instanceType: "{name}",
        operatingSystem: "Linux",
        tenancy: "Shared",
        preInstalledSw: "NA",
        capacitystatus: "Used",
      },
    },
    throughput: { offer: "AmazonEC2", attributes: { usagetype: "EBS:VolumeP-Throughput.gp3" }, factor: 0.0009765625 },
    balancer: {
      offer: "AWSELB",
      attributes: { productFamily: "Load Balancer-Application", usagetype: "LoadBalancerUsage" },
    },
    traffic: { offer: "AWSDataTransfer", attributes: { usagetype: "DataTransfer-Out-Bytes" }, from: "10240" },
    key: { offer: "awskms", attributes: { usagetype: "KMS-Keys" } },
  },
  prices: [
    entry("ec2/m7i.xlarge", "ec2", 0.2),
    entry("ec2/m7g.large", "ec2", 0.0816),
    entry("ec2/gone.large", "ec2", 1),
    entry("ebs/gp3-throughput", "throughput", 0.05),
    entry("alb/hours", "balancer", 0.02),
    entry("transfer/out-2", "traffic", 0.08),
    entry("kms/key", "key", 2),
    { ...entry("cloudflare/pro", "ec2", 25), list: undefined },
  ].map(({ list, ...rest }) => (list === undefined ? rest : { ...rest, list })),
};

function entry(id: string, list: string | undefined, usd: number) {
  return {
    id,
    service: "Amazon",
    what: id,
    unit: "hours",
    source: "https://example.com",
    list,
    in: { "us-west-2": { usd, read: "then" } },
  };
}

const GOOD: Answers = {
  "AmazonEC2 us-west-2": sends(
    offerFile("AmazonEC2", [
      machine("m7i.xlarge", "0.2016000000"),
      machine("m7i.xlarge", "9.0000000000", { Tenancy: "Dedicated" }),
      machine("m7i.xlarge", "8.0000000000", { "Operating System": "Windows" }),
      machine("m7i.xlarge", "0.1000000000", { TermType: "Reserved" }),
      machine("m7i.xlarge", "0.0000000000", { CapacityStatus: "AllocatedCapacityReservation" }),
      machine("m7g.large", "0.0816000000"),
      usage("USW2-EBS:VolumeP-Throughput.gp3", "40.9600000000"),
    ]),
  ),
  "AWSELB us-west-2": sends(
    offerFile("AWSELB", [
      usage("USW2-LoadBalancerUsage", "0.0225000000", { "Product Family": "Load Balancer-Application" }),
      usage("USW2-TS-LoadBalancerUsage", "0.0056000000", { "Product Family": "Load Balancer-Application" }),
      usage("USW2-LoadBalancerUsage", "0.0250000000", { "Product Family": "Load Balancer" }),
    ]),
  ),
  "AWSDataTransfer us-west-2": sends(
    offerFile("AWSDataTransfer", [
      usage("USW2-DataTransfer-Out-Bytes", "0.0900000000", { StartingRange: "0", EndingRange: "10240" }),
      usage("USW2-DataTransfer-Out-Bytes", "0.0850000000", { StartingRange: "10240", EndingRange: "51200" }),
    ]),
  ),
  "awskms us-west-2": sends(offerFile("awskms", [usage("us-west-2-KMS-Keys", "1.0000000000")])),
};

async function refreshed(
  answers: Answers,
  regions: readonly string[] = [],
): Promise<{ result: Refreshed; asked: readonly string[] }> {
  const server = await priceServer(answers);
  try {
    const result = await refresh({
      table: TABLE,
      regions,
      today: "2026-11-21",
      base: server.base,
      retries: 2,
      wait: 1,
      progress: () => {},
    });
    return { result, asked: server.asked };
  } finally {
    await server.close();
  }
}

function priceOf({ table }: Refreshed, id: string, region = "us-west-2"): number | undefined {
  return table.prices.find((each) => each.id === id)?.in[region]?.usd;
}

describe("prices from AWS's public list", () => {
  it("are those of the attributes that the table names, in its units", async () => {
    const { result, asked } = await refreshed(GOOD);
    assert.deepEqual(asked.toSorted(), Object.keys(GOOD).toSorted());
    const ids = ["ec2/m7i.xlarge", "ec2/m7g.large", "ebs/gp3-throughput", "alb/hours", "transfer/out-2", "kms/key"];
    assert.deepEqual(
      ids.map((id) => priceOf(result, id)),
      [0.2016, 0.0816, 0.04, 0.0225, 0.085, 1],
    );
  });

  it("give the table the day, and say how they were read", async () => {
    const { result } = await refreshed(GOOD);
    assert.equal(result.complete, true);
    assert.equal(result.table.date, "2026-11-21");
    const read = result.table.prices[0]?.in["us-west-2"]?.read ?? "";
    assert.deepEqual(result.table.readings[read], {
      on: "2026-11-21",
      asOf: "2026-11-20",
      how: "AWS's bulk price list, by `groundwork cost --refresh`.",
    });
    assert.equal(result.table.readings["never"], undefined);
  });

  it("are told where they changed, and where they stay", async () => {
    const { result } = await refreshed(GOOD);
    assert.deepEqual(
      result.changed.find(({ id }) => id === "ec2/m7i.xlarge"),
      { id: "ec2/m7i.xlarge", region: "us-west-2", before: 0.2, after: 0.2016 },
    );
    assert.equal(
      result.changed.some(({ id }) => id === "ec2/m7g.large"),
      false,
    );
    assert.deepEqual(result.kept, [{ id: "ec2/gone.large", region: "us-west-2", why: "the list has no such price" }]);
    assert.equal(priceOf(result, "ec2/gone.large"), 1);
    assert.equal(priceOf(result, "cloudflare/pro"), 25);
  });

  it("stay where a file is not there, and the table keeps its date", async () => {
    const { "AWSELB us-west-2": _gone, ...rest } = GOOD;
    const { result, asked } = await refreshed(rest);
    assert.equal(
      asked.filter((each) => each === "AWSELB us-west-2").length,
      1,
      "what does not exist is not asked for again",
    );
    assert.match(result.kept.find(({ id }) => id === "alb/hours")?.why ?? "", /does not exist/);
    assert.deepEqual([result.complete, result.table.date, priceOf(result, "alb/hours")], [false, "2026-01-01", 0.02]);
    assert.equal(priceOf(result, "ec2/m7i.xlarge"), 0.2016);
  });

  it("are read again where the connection was cut", async () => {
    const whole = offerFile("AWSELB", [
      usage("USW2-LoadBalancerUsage", "0.0225000000", { "Product Family": "Load Balancer-Application" }),
    ]);
    const { result, asked } = await refreshed({
      ...GOOD,
      "AWSELB us-west-2": (response, times) => (times < 3 ? cuts(whole) : sends(whole))(response),
    });
    assert.equal(asked.filter((each) => each === "AWSELB us-west-2").length, 3);
    assert.deepEqual([result.complete, priceOf(result, "alb/hours")], [true, 0.0225]);
  });

  it("stay where the connection is cut every time, and where the list is busy", async () => {
    for (const answer of [
      cuts(offerFile("AWSELB", [])),
      (response: Parameters<ReturnType<typeof sends>>[0]) => response.writeHead(503).end(),
    ]) {
      const { result, asked } = await refreshed({ ...GOOD, "AWSELB us-west-2": answer });
      assert.equal(asked.filter((each) => each === "AWSELB us-west-2").length, 3);
      assert.deepEqual([result.complete, priceOf(result, "alb/hours")], [false, 0.02]);
    }
  });

  it("stay where what comes is not a price list", async () => {
    for (const text of ["<html>Sign in to the hotel's network</html>", '"FormatVersion","v1.0"\n', '"SKU","unclosed']) {
      const { result } = await refreshed({ ...GOOD, "AWSELB us-west-2": sends(text) });
      assert.deepEqual([result.complete, priceOf(result, "alb/hours")], [false, 0.02], text);
    }
  });

  it("stay where the list has several for one thing", async () => {
    const rows = ["0.0225000000", "0.0300000000"].map((price) =>
      usage("USW2-LoadBalancerUsage", price, { "Product Family": "Load Balancer-Application" }),
    );
    const { result } = await refreshed({ ...GOOD, "AWSELB us-west-2": sends(offerFile("AWSELB", rows)) });
    assert.match(result.kept.find(({ id }) => id === "alb/hours")?.why ?? "", /^the list has several prices/);
  });

  it("stay where the list has renamed what they are found by, and the table keeps its date", async () => {
    const renamed = offerFile("AWSELB", [
      usage("USW2-LoadBalancerUsage", "0.0225000000", { "Product Family": "Application Load Balancer" }),
    ]);
    const { result } = await refreshed({ ...GOOD, "AWSELB us-west-2": sends(renamed) });
    assert.deepEqual([result.complete, result.table.date, priceOf(result, "alb/hours")], [false, "2026-01-01", 0.02]);
    assert.match(result.kept.find(({ id }) => id === "alb/hours")?.why ?? "", /attributes of lists\.balancer/);
  });

  it("keep the day of their own reading where no list has them", async () => {
    const { result } = await refreshed(GOOD);
    assert.deepEqual([result.table.date, oldestPrice(result.table).on], ["2026-11-21", "2026-01-01"]);
    const own = result.table.prices.find(({ id }) => id === "cloudflare/pro");
    assert.equal(own?.in["us-west-2"]?.read, "then");
  });

  it("come for another region, too; what it does not have is no loss", async () => {
    const answers = {
      ...GOOD,
      "AmazonEC2 eu-north-1": sends(
        offerFile("AmazonEC2", [machine("m7i.xlarge", "0.2142000000", { "Region Code": "eu-north-1" })]),
      ),
    };
    const { result } = await refreshed(answers, ["eu-north-1"]);
    assert.equal(priceOf(result, "ec2/m7i.xlarge", "eu-north-1"), 0.2142);
    assert.equal(priceOf(result, "ec2/m7g.large", "eu-north-1"), undefined);
    assert.equal(
      result.kept.some(({ region }) => region === "eu-north-1"),
      false,
    );
  });
});
