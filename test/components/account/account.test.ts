import assert from "node:assert/strict";
import * as aws from "@pulumi/aws";
import { describe, it } from "mocha";
import { AlarmTopics } from "../../../components/account/alarm-topics.ts";
import { AuditTrail } from "../../../components/account/audit.ts";
import { Budgets } from "../../../components/account/budgets.ts";
import type { BudgetOf } from "../../../components/account/budgets.ts";
import { AccountGuards } from "../../../components/account/guards.ts";
import { ThreatDetection } from "../../../components/account/threats.ts";
import type { StoragePlace } from "../../../components/storage/keys.ts";
import type { Registered } from "../../helpers/mocks.ts";
import { registered } from "../../helpers/mocks.ts";
import { DATA_OUTPUTS } from "../data-fixture.ts";

const ACCOUNT = "123456789012";
const places = (): [StoragePlace, StoragePlace] =>
  ["us-west-2", "us-east-1"].map((region) => ({
    region,
    provider: new aws.Provider(`aws-${region}`, { region: region as aws.Region }),
  })) as [StoragePlace, StoragePlace];
const made = (program: () => unknown) => registered(program, DATA_OUTPUTS);
const of = (resources: readonly Registered[], type: string) =>
  resources.filter((each) => each.type.endsWith(`:${type}`));

describe("the audit trail", () => {
  const trail = (dataEvents = false) =>
    made(
      () =>
        new AuditTrail("audit", {
          home: places()[0],
          accountId: ACCOUNT,
          trailName: "shop-audit",
          dataEvents,
          protect: true,
        }),
    );

  it("records every region, signed and encrypted, into a bucket that only it writes to", async () => {
    const resources = await trail();
    const [{ inputs } = { inputs: {} as Registered["inputs"] }] = of(resources, "Trail");
    assert.deepEqual(
      [inputs["isMultiRegionTrail"], inputs["enableLogFileValidation"], inputs["eventSelectors"]],
      [true, true, undefined],
    );
    assert.ok(inputs["kmsKeyId"] && inputs["cloudWatchLogsGroupArn"]);
    const arn = `arn:aws:cloudtrail:us-west-2:${ACCOUNT}:trail/shop-audit`;
    for (const type of ["BucketPolicy", "Key"]) {
      const policy = JSON.parse(String(of(resources, type)[0]?.inputs["policy"])) as {
        Statement: { Principal: { Service?: unknown }; Condition?: { StringEquals: Record<string, string> } }[];
      };
      const own = policy.Statement.filter(({ Principal }) => JSON.stringify(Principal).includes("cloudtrail"));
      assert.ok(own.length > 0, type);
      for (const { Condition } of own) assert.equal(Condition?.StringEquals["aws:SourceArn"], arn, type);
    }
  });

  it("records objects only when asked, because it costs", async () => {
    assert.ok(of(await trail(true), "Trail")[0]?.inputs["eventSelectors"]);
  });
});

describe("threat detection", () => {
  it("is in each region, with an agent on the nodes only when asked", async () => {
    const names = (all: readonly Registered[]) => of(all, "DetectorFeature").map(({ inputs }) => inputs["name"]);
    const plain = await made(() => new ThreatDetection("threats", { places: places() }));
    assert.equal(of(plain, "Detector").length, 2);
    assert.deepEqual(names(plain).slice(0, 3), ["EKS_AUDIT_LOGS", "S3_DATA_EVENTS", "RDS_LOGIN_EVENTS"]);
    assert.ok(!names(plain).includes("RUNTIME_MONITORING"));
    const watched = await made(() => new ThreatDetection("threats", { places: places(), runtimeMonitoring: true }));
    assert.equal(names(watched).filter((name) => name === "RUNTIME_MONITORING").length, 2);
  });
});

describe("an account's guards", () => {
  it("are one block for the account, and encryption and an analyzer in each region", async () => {
    const resources = await made(() => new AccountGuards("guards", { places: places(), analyzerName: "shop" }));
    assert.equal(of(resources, "AccountPublicAccessBlock").length, 1);
    assert.deepEqual(
      of(resources, "Analyzer").map(({ inputs }) => inputs["analyzerName"]),
      ["shop-us-west-2", "shop-us-east-1"],
    );
    assert.equal(of(resources, "EncryptionByDefault").length, 2);
  });
});

describe("budgets", () => {
  const shop: BudgetOf = { name: "shop", tag: { key: "groundwork:system", value: "shop" }, start: 3000, limit: 8000 };
  const budgets = (emails: string[], budget = shop, activateTags = false) =>
    made(() => new Budgets("budget", { budgets: [budget], emails, activateTags, provider: places()[0].provider }));

  it("tell of the start, and of 80 and 100 % of the limit, spent and foreseen", async () => {
    const [budget] = of(await budgets(["ops@example.com"]), "Budget");
    assert.equal(budget?.inputs["limitAmount"], "8000");
    assert.deepEqual(budget.inputs["costFilters"], [{ name: "TagKeyValue", values: ["user:groundwork:system$shop"] }]);
    const told = budget.inputs["notifications"] as {
      notificationType: string;
      threshold: number;
      thresholdType: string;
    }[];
    assert.deepEqual(
      told.map(({ notificationType, threshold, thresholdType }) => `${notificationType} ${threshold} ${thresholdType}`),
      [
        "ACTUAL 3000 ABSOLUTE_VALUE",
        "ACTUAL 80 PERCENTAGE",
        "ACTUAL 100 PERCENTAGE",
        "FORECASTED 80 PERCENTAGE",
        "FORECASTED 100 PERCENTAGE",
      ],
    );
  });

  it("are there without addresses too, and switch tags on only when asked", async () => {
    const plain = await budgets([]);
    assert.equal(of(plain, "Budget")[0]?.inputs["notifications"], undefined);
    assert.equal(of(plain, "CostAllocationTag").length, 0);
    assert.equal(of(await budgets([], shop, true), "CostAllocationTag")[0]?.inputs["tagKey"], "groundwork:system");
  });

  it("are refused when the limit is below the start", async () => {
    await assert.rejects(budgets([], { ...shop, limit: 2000 }), /starts at 3000 with a limit of 2000/);
  });
});

describe("topics for alarms", () => {
  it("are in each region, and mail everyone", async () => {
    const emails = ["a@example.com", "b@example.com"];
    const resources = await made(
      () => new AlarmTopics("alarms", { places: places(), accountId: "123456789012", emails }),
    );
    assert.equal(of(resources, "Topic").length, 2);
    // without this condition ElastiCache's events go nowhere
    for (const { inputs } of of(resources, "TopicPolicy"))
      assert.match(String(inputs["policy"]), /"aws:SourceOwner":"123456789012"/);
    assert.equal(of(resources, "TopicPolicy").length, 2);
    assert.deepEqual(
      of(resources, "TopicSubscription").map(({ inputs }) => inputs["endpoint"]),
      [...emails, ...emails],
    );
  });
});
