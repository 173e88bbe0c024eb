import assert from "node:assert/strict";
import { lookUp } from "../../../../scripts/rehearsal/clouds/look-up.ts";
import { table as aws } from "../../../../scripts/rehearsal/clouds/tables/aws/index.ts";
import { table as cloudflare } from "../../../../scripts/rehearsal/clouds/tables/cloudflare.ts";
import { temporaryFolder } from "../../../helpers/folder.ts";
import { Clouds, urnOf } from "./cloud.ts";

const ADDRESS = "aws:ec2/eip:Eip";
const MONITOR = "cloudflare:index/loadBalancerMonitor:LoadBalancerMonitor";
const health = { accountId: "f037e56e89293a057740de681ac9abbe", type: "https", path: "/health" };

describe("what a create made that nobody knows the end of", () => {
  const clouds = new Clouds(temporaryFolder(), [aws, cloudflare]);
  const api = clouds.instance("cloudflare");
  const look = (token: string, name: string, inputs: object, known: readonly string[] = []) =>
    lookUp(clouds.cloud, urnOf(token, name), token, inputs as Record<string, unknown>, known);

  it("is found by its settings where it has neither tag nor unique name", () => {
    const { id } = clouds.create(api, MONITOR, "m", health);
    assert.deepEqual(look(MONITOR, "m", health), { id });
    assert.equal(look(MONITOR, "m", { ...health, path: "/other" }), undefined);
    assert.equal(look(MONITOR, "m", health, [id]), undefined, "the state knows it");
  });

  it("is not taken for another that could carry the tag and does not", () => {
    clouds.create(clouds.aws("us-west-2"), ADDRESS, "a", { domain: "vpc" });
    assert.equal(look(ADDRESS, "b", { domain: "vpc" }), undefined);
  });
});
