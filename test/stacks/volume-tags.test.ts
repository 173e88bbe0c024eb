import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { BACKUP_TAG } from "../../stacks/cloud/tags.ts";
import { createPlace } from "../../stacks/cloud/place.ts";
import { registered } from "../helpers/mocks.ts";
import { CLOUD_OUTPUTS, prod, west } from "./cloud-fixture.ts";

/** The tags that the driver gives to every volume that it makes. */
async function volumeTags(recovery: boolean): Promise<Record<string, string>> {
  const config = { ...prod, recovery: { ...prod.recovery, enabled: recovery } };
  const resources = await registered(() => void createPlace(config, west), CLOUD_OUTPUTS);
  const driver = resources.find(({ inputs }) => inputs["addonName"] === "aws-ebs-csi-driver");
  const configuration = JSON.parse(String(driver?.inputs["configurationValues"])) as {
    readonly controller: { readonly extraVolumeTags: Record<string, string> };
  };
  return configuration.controller.extraVolumeTags;
}

describe("volumes of a region's cluster", () => {
  it("are found by AWS Backup and by whose they are", async () => {
    const { [BACKUP_TAG.key]: backup, ...others } = await volumeTags(true);
    assert.equal(backup, BACKUP_TAG.value);
    assert.deepEqual(Object.keys(others).sort(), ["groundwork:cluster", "groundwork:project", "groundwork:stack"]);
    assert.match(others["groundwork:cluster"] ?? "", /us-west-2$/);
    // The driver takes them as `key=value` between commas.
    for (const [key, value] of Object.entries(others)) assert.doesNotMatch(`${key}${value}`, /[=,]/);
  });

  it("are not backed up where nothing is", async () => {
    assert.ok(!(BACKUP_TAG.key in (await volumeTags(false))));
  });
});
