import { listed } from "../../framework/format.ts";
import { plainAt, unknownAt } from "../../framework/known.ts";
import { resourcePolicy } from "../../framework/policy.ts";
import { flagAt, fsbp } from "../values.ts";

const ACCESS_POINT = "aws:s3/accessPoint:AccessPoint";

export const accessPointBlocksPublicAccess = resourcePolicy({
  name: "access-point-blocks-public-access",
  family: "security",
  severity: "critical",
  level: "mandatory",
  description: "Access points of buckets block public access.",
  why: "An access point has a policy of its own, which can open the bucket behind it; its block cannot be changed later.",
  fix: "Leave publicAccessBlock (publicAccessBlockConfiguration) out, or write its four switches as true.",
  control: fsbp("S3 access points should have block public access settings enabled", ["S3.19", "S3.24"]),
  settings: {},
  types: [ACCESS_POINT, "aws:s3control/multiRegionAccessPoint:MultiRegionAccessPoint"],
  check({ type, inputs, unknown }, _settings, report) {
    const path = type === ACCESS_POINT ? "publicAccessBlockConfiguration" : "details.publicAccessBlock";
    const block = plainAt(inputs, path);
    // what is not written is true
    const open = Object.keys(block).filter((input) => flagAt(block, input) === false);
    const verb = open.length === 1 ? "is" : "are";
    const hidden = unknownAt(unknown, path);
    if (open.length > 0)
      report.violation(`${listed(open)} in ${path} ${verb} false, so the world can be let in here; write true.`);
    else if (hidden !== undefined) report.undecided(hidden, "whether public access is blocked");
  },
});
