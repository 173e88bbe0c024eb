import { trailCoversAllRegions } from "../../../policies/security/cloudtrail/trail-covers-all-regions.ts";
import { trailIsEncrypted } from "../../../policies/security/cloudtrail/trail-is-encrypted.ts";
import { trailIsLogging } from "../../../policies/security/cloudtrail/trail-is-logging.ts";
import { trailReachesCloudwatch } from "../../../policies/security/cloudtrail/trail-reaches-cloudwatch.ts";
import { trailRecordsObjects } from "../../../policies/security/cloudtrail/trail-records-objects.ts";
import { trailValidatesFiles } from "../../../policies/security/cloudtrail/trail-validates-files.ts";
import { describePolicy } from "../cases.ts";
import { type Fake, UNKNOWN } from "../harness.ts";

const trails: readonly Fake[] = [
  {
    type: "aws:cloudtrail/trail:Trail",
    name: "audit",
    props: {
      s3BucketName: "audit",
      isMultiRegionTrail: true,
      enableLogFileValidation: true,
      kmsKeyId: UNKNOWN,
      cloudWatchLogsGroupArn: UNKNOWN,
    },
  },
];

describe("security of trails", () => {
  for (const [policy, input, value] of [
    [trailCoversAllRegions, "isMultiRegionTrail", undefined],
    [trailValidatesFiles, "enableLogFileValidation", false],
    [trailIsLogging, "enableLogging", false],
  ] as const) {
    describePolicy({
      policy,
      compliant: trails,
      breaks: [{ path: `audit/${input}`, value, says: new RegExp(`^${input} is .*write ${input}: true\\.$`) }],
      undecided: [`audit/${input}`],
    });
  }

  describePolicy({
    policy: trailIsEncrypted,
    compliant: trails,
    breaks: [{ path: "audit/kmsKeyId", value: undefined, says: /^kmsKeyId is not written, so / }],
  });

  describePolicy({
    policy: trailReachesCloudwatch,
    compliant: trails,
    breaks: [{ path: "audit/cloudWatchLogsGroupArn", value: "", says: /^cloudWatchLogsGroupArn is not written, so / }],
  });

  describePolicy({
    policy: trailRecordsObjects,
    compliant: [
      {
        type: "aws:cloudtrail/trail:Trail",
        name: "audit",
        props: { eventSelectors: [{ dataResources: [{ type: "AWS::S3::Object", values: ["arn:aws:s3"] }] }] },
      },
      {
        type: "aws:cloudtrail/trail:Trail",
        name: "advanced",
        props: {
          advancedEventSelectors: [{ fieldSelectors: [{ field: "resources.type", equals: ["AWS::S3::Object"] }] }],
        },
      },
    ],
    breaks: [
      { path: "audit/eventSelectors", value: undefined, says: /^The trail records no event of objects/ },
      { path: "advanced/advancedEventSelectors", value: [], says: /add eventSelectors/ },
    ],
    undecided: ["audit/eventSelectors"],
  });
});
