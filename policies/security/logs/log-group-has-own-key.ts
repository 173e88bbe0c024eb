import { gives } from "../../aws/given.ts";

export const logGroupHasOwnKey = gives(
  {
    name: "log-group-has-own-key",
    family: "security",
    severity: "low",
    level: "advisory",
    description: "Log groups encrypt with a key of one's own.",
    why: "Logs tell more than anyone meant to write; a key of one's own decides who reads them, and can be taken away.",
    fix: "Write kmsKeyId with the ARN of a key whose policy lets logs.<region>.amazonaws.com use it.",
    control: {
      name: "CloudWatch Logs: Encrypt log data using AWS KMS",
      url: "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html",
    },
    types: ["aws:cloudwatch/logGroup:LogGroup"],
  },
  { path: "kmsKeyId", harm: "whoever may read logs at all may read these" },
);
