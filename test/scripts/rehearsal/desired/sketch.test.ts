import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { placements } from "@groundwork/lib/placement";
import { inRegion, sketchesOfState } from "../../../../scripts/rehearsal/desired/sketch.ts";

const URN = "urn:pulumi:prod::shop::";
const provider = (type: string, name: string, inputs: object) => ({
  ...{
    urn: `${URN}pulumi:providers:${type}::${name}`,
    type: `pulumi:providers:${type}`,
    id: name,
    custom: true,
    inputs,
  },
});
const made = (type: string, name: string, by: string) => ({
  ...{ urn: `${URN}${type}::${name}`, type, id: name, custom: true, inputs: {}, provider: `${URN}${by}::some-id` },
});
const QUEUE = "aws:sqs/queue:Queue";

/** A program for version 6 of the AWS provider, whose resources have no region of their own. */
const STATE = {
  deployment: {
    resources: [
      provider("aws", "default_6_66_0", { region: "eu-west-1" }),
      provider("aws", "east", { region: "us-east-1" }),
      provider("random", "default_4_21_2", {}),
      made(QUEUE, "by-default", "pulumi:providers:aws::default_6_66_0"),
      made(QUEUE, "by-name", "pulumi:providers:aws::east"),
      made("random:index/randomId:RandomId", "suffix", "pulumi:providers:random::default_4_21_2"),
    ],
  },
};

describe("the sketches of a program that names no provider", () => {
  const regions = (region: unknown) => {
    const resources = inRegion(sketchesOfState(STATE as never), region).map(({ resource }) => resource);
    const places = placements(resources);
    return Object.fromEntries(resources.map(({ name, urn }) => [name, places.get(urn)?.region]));
  };

  it("are where the configuration says, and the provider itself is not listed", () =>
    assert.deepEqual(regions("eu-west-1"), {
      "by-default": "eu-west-1",
      "by-name": "us-east-1",
      east: "us-east-1",
      suffix: "global",
    }));

  it("are nowhere in particular where it says nothing", () => assert.equal(regions(undefined)["by-default"], "global"));
});
