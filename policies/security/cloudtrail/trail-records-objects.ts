import { listAt, textAt, unknownAt } from "../../framework/known.ts";
import { resourcePolicy } from "../../framework/policy.ts";
import type { Plain } from "../../framework/known.ts";
import { securityHub } from "../values.ts";

const OBJECT = "AWS::S3::Object";

export const trailRecordsObjects = resourcePolicy({
  name: "trail-records-objects",
  family: "security",
  severity: "medium",
  level: "advisory",
  description: "Trails write down who read and wrote objects in buckets, not only who changed the buckets.",
  why: "After a leak the question is which objects were read; events of management do not tell.",
  fix: "Add eventSelectors with dataResources of type AWS::S3::Object and the values [arn:aws:s3]; such events are paid for.",
  control: securityHub(
    "S3 general purpose buckets should log object-level write events",
    ["S3.22", "S3.23"],
    ["CIS AWS 5.0.0 3.8", "CIS AWS 5.0.0 3.9"],
  ),
  settings: {},
  types: ["aws:cloudtrail/trail:Trail"],
  check({ inputs, unknown }, _settings, report) {
    if (isRecorded(inputs)) return;
    const path = unknownAt(unknown, "eventSelectors", "advancedEventSelectors");
    if (path !== undefined) report.undecided(path, "whether reads and writes of objects are written down");
    else
      report.violation(
        "The trail records no event of objects in buckets, so nobody can tell who read what; add eventSelectors with dataResources of type AWS::S3::Object.",
      );
  },
});

function isRecorded(inputs: Plain): boolean {
  const selected = listAt(inputs, "eventSelectors").flatMap((selector) => listAt(selector, "dataResources"));
  const fields = listAt(inputs, "advancedEventSelectors").flatMap((selector) => listAt(selector, "fieldSelectors"));
  return (
    selected.some((resource) => textAt(resource, "type") === OBJECT) ||
    fields.some((field) => textAt(field, "field") === "resources.type" && listAt(field, "equals").includes(OBJECT))
  );
}
