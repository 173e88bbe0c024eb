import assert from "node:assert/strict";
import { inOrder } from "@groundwork/lib/promotion";
import { mongodbPromotion, restoreObject } from "../../../components/mongodb/percona-promotion.ts";

const REGIONS = { system: "finai-nexus", from: "us-west-2", to: "us-east-1", bucket: "backups-us-east-1" };

describe("promotion of MongoDB", () => {
  it("restores the copy of the lost region's backups, and says how much is missing", () => {
    const steps = mongodbPromotion(REGIONS);
    assert.deepEqual(inOrder(steps), steps);
    const [find, restore, back] = steps;
    assert.ok(find && "command" in find.how);
    assert.match(find.how.command, /s3:\/\/backups-us-east-1\/finai-nexus\/mongodb\/us-west-2\//);
    assert.match(restore?.loses ?? "", /up to 1 min until it is in S3, and up to 15 min until it is in us-east-1/);
    assert.match(back?.what ?? "", /When us-west-2 is back/);
  });

  it("asks the region that is lost for nothing before it is back", () => {
    for (const { how, what } of mongodbPromotion(REGIONS)) {
      assert.ok("command" in how);
      assert.ok(what.startsWith("When us-west-2 is back") || !how.command.includes("--context us-west-2"));
    }
  });

  it("loses nothing where it is planned", () => {
    assert.ok(mongodbPromotion({ ...REGIONS, planned: true }).every(({ loses }) => loses.startsWith("nothing")));
  });

  it("restores up to the newest moment, as an object that the operator takes", () => {
    assert.deepEqual(
      restoreObject({
        bucket: "copies",
        region: "us-east-1",
        prefix: "a/mongodb",
        destination: "2026-11-21T03:00:00Z",
      }),
      {
        apiVersion: "psmdb.percona.com/v1",
        kind: "PerconaServerMongoDBRestore",
        metadata: { generateName: "promotion-" },
        spec: {
          clusterName: "mongodb",
          pitr: { type: "latest" },
          backupSource: {
            type: "logical",
            destination: "s3://copies/a/mongodb/2026-11-21T03:00:00Z",
            s3: { bucket: "copies", region: "us-east-1", prefix: "a/mongodb" },
          },
        },
      },
    );
  });

  it("refuses to go nowhere", () => {
    assert.throws(() => mongodbPromotion({ ...REGIONS, to: "us-west-2" }), /write another region/);
  });
});
