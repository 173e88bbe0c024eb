import { listAt, numberAt, textAt } from "../framework/known.ts";
import { type Report, resourcePolicy } from "../framework/policy.ts";
import { number } from "../framework/settings.ts";

const settings = {
  included: number(16_000, "Operations a second up to which gp3 serves instead of a provisioned disk.", 3000, 80_000),
};

interface Disk {
  readonly path: string;
  readonly type: string | undefined;
  readonly iops: number | undefined;
}

const VOLUME = "aws:ebs/volume:Volume";
const INSTANCE = "aws:ec2/instance:Instance";
const TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate";
const DATABASE = "aws:rds/instance:Instance";

export const provisionedOperationsNeeded = resourcePolicy({
  name: "provisioned-operations-needed",
  family: "cost",
  severity: "low",
  level: "advisory",
  description: "Disks with provisioned operations have more of them than gp3 has.",
  why: "Operations of io1 and io2 are paid each, whether they are used or not; gp3 includes 3,000 and sells more for a tenth.",
  fix: "Take gp3 with as many iops, or provision what gp3 does not have.",
  control: {
    name: "Amazon EBS volume types",
    url: "https://docs.aws.amazon.com/ebs/latest/userguide/ebs-volume-types.html",
  },
  settings,
  types: [VOLUME, INSTANCE, TEMPLATE, DATABASE],
  check({ type, inputs }, { included }, report) {
    for (const disk of disksOf(type, inputs)) look(disk, included, report);
  },
});

function look({ path, type, iops }: Disk, included: number, report: Report): void {
  // without a number nobody knows yet what is provisioned
  if (iops === undefined || iops > included || (type !== "io1" && type !== "io2")) return;
  report.violation(
    `${path} is ${type} with ${iops} operations a second, which gp3 has, too, up to ${included}; take gp3 with iops: ${iops}.`,
  );
}

function disksOf(type: string, inputs: Readonly<Record<string, unknown>>): readonly Disk[] {
  if (type === VOLUME) return [disk(inputs, "type", "", "type")];
  if (type === DATABASE) return [disk(inputs, "storageType", "", "storageType")];
  if (type === TEMPLATE)
    return listAt(inputs, "blockDeviceMappings").map((each, index) =>
      disk(each, "ebs.volumeType", "ebs.", `blockDeviceMappings[${index}].ebs.volumeType`),
    );
  return [
    disk(inputs, "rootBlockDevice.volumeType", "rootBlockDevice.", "rootBlockDevice.volumeType"),
    ...listAt(inputs, "ebsBlockDevices").map((each, index) =>
      disk(each, "volumeType", "", `ebsBlockDevices[${index}].volumeType`),
    ),
  ];
}

function disk(holder: unknown, type: string, prefix: string, path: string): Disk {
  return { path, type: textAt(holder, type), iops: numberAt(holder, `${prefix}iops`) };
}
