import assert from "node:assert/strict";
import * as aws from "@pulumi/aws";
import { describe, it } from "mocha";
import type { AwsBackupPlace } from "../../../components/backup/aws-place.ts";
import type { AwsBackupArgs } from "../../../components/backup/aws.ts";
import { AwsBackup } from "../../../components/backup/aws.ts";
import type { Registered } from "../../helpers/mocks.ts";
import { registered } from "../../helpers/mocks.ts";
import { DATA_OUTPUTS } from "../data-fixture.ts";

function deployed(regions: readonly string[], change: Partial<AwsBackupArgs> = {}): Promise<readonly Registered[]> {
  return registered(
    () =>
      new AwsBackup("recovery", {
        places: regions.map((region) => ({
          region,
          provider: new aws.Provider(`aws-${region}`, { region: region as aws.Region }),
          keyArn: `arn:aws:kms:${region}:123456789012:key/mrk-1`,
        })) as unknown as [AwsBackupPlace],
        tag: { key: "groundwork:backup", value: "daily" },
        protect: true,
        ...change,
      }),
    DATA_OUTPUTS,
  );
}

interface Rule {
  readonly ruleName: string;
  readonly lifecycle: { readonly deleteAfter: number };
  readonly copyActions?: readonly { readonly destinationVaultArn: string }[];
}

const of = (resources: readonly Registered[], type: string) =>
  resources.filter((each) => each.type.endsWith(`:${type}`));
const rulesOf = (plan: Registered | undefined) => plan?.inputs["rules"] as readonly Rule[];

describe("AWS Backup", () => {
  it("copies each region's recovery points to the next, the last one's to the first", async () => {
    const resources = await deployed(["us-west-2", "us-east-1", "eu-west-1"]);
    const ways = of(resources, "Plan").map((plan) => [
      plan.name,
      rulesOf(plan)[0]?.copyActions?.[0]?.destinationVaultArn.split(":").at(-1),
    ]);
    assert.deepEqual(ways, [
      ["recovery-us-west-2", "recovery-us-east-1"],
      ["recovery-us-east-1", "recovery-eu-west-1"],
      ["recovery-eu-west-1", "recovery-us-west-2"],
    ]);
  });

  it("keeps days and months as it is told, and selects by tag", async () => {
    const resources = await deployed(["us-west-2"], { dailyDays: 14, monthlyMonths: 6 });
    const [plan] = of(resources, "Plan");
    assert.deepEqual(
      rulesOf(plan).map(({ ruleName, lifecycle, copyActions }) => [ruleName, lifecycle.deleteAfter, copyActions]),
      [
        ["daily", 14, undefined],
        ["monthly", 186, undefined],
      ],
    );
    assert.deepEqual(of(resources, "Selection")[0]?.inputs["selectionTags"], [
      { type: "STRINGEQUALS", key: "groundwork:backup", value: "daily" },
    ]);
    assert.equal(rulesOf(of(await deployed(["us-west-2"], { monthlyMonths: 0 }), "Plan")[0]).length, 1);
  });

  it("locks its vaults only when asked, and for good only when asked for that", async () => {
    assert.equal(of(await deployed(["us-west-2"]), "VaultLockConfiguration").length, 0);
    const days = async (lock: "governance" | "compliance") =>
      of(await deployed(["us-west-2"], { lock }), "VaultLockConfiguration")[0]?.inputs["changeableForDays"];
    assert.equal(await days("governance"), undefined);
    assert.equal(await days("compliance"), 3);
  });

  it("restores once a week unless told otherwise, under names that the service takes", async () => {
    const [plan] = of(await deployed(["us-west-2"]), "RestoreTestingPlan");
    assert.match(String(plan?.inputs["name"]), /^[a-z0-9_]{1,50}$/);
    assert.equal(of(await deployed(["us-west-2"], { restoreTests: false }), "RestoreTestingPlan").length, 0);
  });

  it("empties no vault, and refuses retentions that AWS does not have", async () => {
    for (const { inputs } of of(await deployed(["us-west-2"]), "Vault")) assert.equal(inputs["forceDestroy"], false);
    await assert.rejects(
      deployed(["us-west-2"], { dailyDays: 36 }),
      /are kept 36 days; write a whole number from 1 to 35/,
    );
    await assert.rejects(deployed(["us-west-2"], { monthlyMonths: -1 }), /are kept -1 months/);
  });
});
