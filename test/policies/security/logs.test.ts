import { logGroupHasOwnKey } from "../../../policies/security/logs/log-group-has-own-key.ts";
import { logGroupKeepsLongEnough } from "../../../policies/security/logs/log-group-keeps-long-enough.ts";
import { describePolicy } from "../cases.ts";
import { type Fake, UNKNOWN } from "../harness.ts";

const groups: readonly Fake[] = [
  { type: "aws:cloudwatch/logGroup:LogGroup", name: "audit", props: { retentionInDays: 400, kmsKeyId: UNKNOWN } },
];

describe("security of log groups", () => {
  describePolicy({
    policy: logGroupKeepsLongEnough,
    compliant: groups,
    breaks: [
      {
        path: "audit/retentionInDays",
        value: 90,
        says: /^retentionInDays is 90, below the 365 of log-group-keeps-long-enough\.days/,
      },
    ],
    passes: [
      { path: "audit/retentionInDays", value: undefined },
      { path: "audit/retentionInDays", value: 0 },
    ],
    undecided: ["audit/retentionInDays"],
  });

  describePolicy({
    policy: logGroupHasOwnKey,
    compliant: groups,
    breaks: [{ path: "audit/kmsKeyId", value: undefined, says: /^kmsKeyId is not written/ }],
  });
});
