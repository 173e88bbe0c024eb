import { PREVIOUS_DISKS, successorOf } from "@groundwork/lib/pricing/previous-generation";
import { at, listAt, textAt, unknownAt } from "../framework/known.ts";
import { resourcePolicy } from "../framework/policy.ts";

/** Where a type says what it runs on. */
const CLASSES: Readonly<Record<string, string>> = {
  "aws:ec2/instance:Instance": "instanceType",
  "aws:ec2/launchTemplate:LaunchTemplate": "instanceType",
  "aws:eks/nodeGroup:NodeGroup": "instanceTypes",
  "aws:rds/instance:Instance": "instanceClass",
  "aws:rds/clusterInstance:ClusterInstance": "instanceClass",
  "aws:elasticache/cluster:Cluster": "nodeType",
  "aws:elasticache/replicationGroup:ReplicationGroup": "nodeType",
};

/** Where a type says what its disks are: a path, or a list of disks and the path in each. */
const DISKS: Readonly<Record<string, readonly (string | readonly [list: string, path: string])[]>> = {
  "aws:ebs/volume:Volume": ["type"],
  "aws:ec2/instance:Instance": ["rootBlockDevice.volumeType", ["ebsBlockDevices", "volumeType"]],
  "aws:ec2/launchTemplate:LaunchTemplate": [["blockDeviceMappings", "ebs.volumeType"]],
  "aws:rds/instance:Instance": ["storageType"],
};

export const typeIsOfPresentGeneration = resourcePolicy({
  name: "type-is-of-present-generation",
  family: "cost",
  severity: "low",
  level: "advisory",
  description: "Machines, databases, caches and disks are of a family that AWS has not followed up.",
  why: "Older families cost more for less, and one day they cannot be had any more.",
  fix: "Take the family that the message names, in the same size.",
  control: {
    name: "Amazon EC2 previous generation instances",
    url: "https://docs.aws.amazon.com/ec2/latest/instancetypes/pg.html",
  },
  settings: {},
  types: [...new Set([...Object.keys(CLASSES), ...Object.keys(DISKS)])],
  check({ type, inputs, unknown }, _settings, report) {
    for (const [path, name] of namesIn(type, inputs)) {
      const next = successorOf(name);
      if (next !== undefined)
        report.violation(`${path} is ${name}, of a previous generation; take ${next.family} (${next.source}).`);
    }
    for (const [path, name] of disksIn(type, inputs)) {
      const next = Object.hasOwn(PREVIOUS_DISKS, name) ? PREVIOUS_DISKS[name] : undefined;
      if (next !== undefined)
        report.violation(`${path} is ${name}, which costs more than ${next} for the same; take ${next}.`);
    }
    const path = CLASSES[type];
    const hidden = path === undefined ? undefined : unknownAt(unknown, path);
    if (hidden !== undefined) report.undecided(hidden, "whether it is of the present generation");
  },
});

type Named = readonly [path: string, name: string];

function namesIn(type: string, inputs: Readonly<Record<string, unknown>>): readonly Named[] {
  const path = Object.hasOwn(CLASSES, type) ? CLASSES[type] : undefined;
  if (path === undefined) return [];
  const written = at(inputs, path);
  const names = Array.isArray(written) ? (written as readonly unknown[]) : [written];
  return names.flatMap((name): Named[] => (typeof name === "string" ? [[path, name]] : []));
}

function disksIn(type: string, inputs: Readonly<Record<string, unknown>>): readonly Named[] {
  const places = Object.hasOwn(DISKS, type) ? (DISKS[type] ?? []) : [];
  return places.flatMap((place): readonly Named[] => {
    if (typeof place === "string") return named(place, textAt(inputs, place));
    const [list, path] = place;
    return listAt(inputs, list).flatMap((disk, index): readonly Named[] =>
      named(`${list}[${index}].${path}`, textAt(disk, path)),
    );
  });
}

function named(path: string, name: string | undefined): readonly Named[] {
  return name === undefined ? [] : [[path, name]];
}
