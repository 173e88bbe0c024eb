import { listed } from "../../framework/format.ts";
import { unknownAt } from "../../framework/known.ts";
import { resourcePolicy } from "../../framework/policy.ts";
import { fsbp } from "../values.ts";
import { ACCOUNT_BLOCK, openSwitches, SWITCHES } from "./buckets.ts";

export const publicAccessBlockIsComplete = resourcePolicy({
  name: "public-access-block-is-complete",
  family: "security",
  severity: "high",
  level: "mandatory",
  description: "Public access blocks of buckets and of the account block all four ways.",
  why: "Each switch closes one way: new lists, lists that are there, new policies, policies that are there.",
  fix: "Write blockPublicAcls, blockPublicPolicy, ignorePublicAcls and restrictPublicBuckets: true.",
  control: fsbp(
    "S3 general purpose buckets should have block public access settings enabled",
    ["S3.1", "S3.8"],
    ["CIS AWS 5.0.0 2.1.4"],
  ),
  settings: {},
  types: ["aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", ACCOUNT_BLOCK],
  check(resource, _settings, report) {
    const open = openSwitches(resource);
    const unknown = unknownAt(resource.unknown, ...SWITCHES);
    if (open.length > 0)
      report.violation(
        `${listed(open)} ${open.length === 1 ? "is" : "are"} not true, so the world can still be let in that way; write true.`,
      );
    else if (unknown !== undefined) report.undecided(unknown, "whether public access is blocked");
  },
  remediate(resource) {
    const open = openSwitches(resource);
    if (open.length === 0) return undefined;
    return { ...resource.inputs, ...Object.fromEntries(open.map((input) => [input, true])) };
  },
});
