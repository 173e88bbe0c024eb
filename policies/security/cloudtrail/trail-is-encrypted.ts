import { gives } from "../../aws/given.ts";
import { fsbp } from "../values.ts";

export const trailIsEncrypted = gives(
  {
    name: "trail-is-encrypted",
    family: "security",
    severity: "medium",
    level: "mandatory",
    description: "Trails encrypt their files with a key of KMS.",
    why: "The files tell who has which rights; a key of one's own decides who reads them, apart from the bucket.",
    fix: "Write kmsKeyId with the ARN of a key whose policy lets cloudtrail.amazonaws.com use it.",
    control: fsbp("CloudTrail should have encryption at-rest enabled", ["CloudTrail.2"], ["CIS AWS 5.0.0 3.5"]),
    types: ["aws:cloudtrail/trail:Trail"],
  },
  { path: "kmsKeyId", harm: "whoever may read the bucket may read the trail" },
);
