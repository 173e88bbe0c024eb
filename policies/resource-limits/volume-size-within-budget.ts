import { kubernetesQuantity } from "@groundwork/lib/kubernetes-quantity";
import { at, listAt, numberAt, textAt, unknownAt } from "../framework/known.ts";
import { resourcePolicy } from "../framework/policy.ts";
import type { Report, Resource } from "../framework/policy.ts";
import { number } from "../framework/settings.ts";

const settings = {
  database: number(1000, "Most GiB of storage of one database, also after it has grown by itself."),
  node: number(200, "Most GiB of one disk of a node or instance."),
  claim: number(500, "Most GiB of one persistent volume claim."),
};

interface Size {
  readonly path: string;
  readonly list: keyof typeof settings;
  readonly gib: number | undefined;
}

const GIBIBYTE = 2 ** 30;
const CLAIM = "kubernetes:core/v1:PersistentVolumeClaim";
const STATEFUL_SET = /^kubernetes:apps\/v\w+:StatefulSet$/;

/** Sizes that are plain numbers of GiB, by type. */
const SIZES: Readonly<Record<string, readonly (readonly [path: string, list: keyof typeof settings])[]>> = {
  "aws:rds/instance:Instance": [
    ["allocatedStorage", "database"],
    ["maxAllocatedStorage", "database"],
  ],
  "aws:rds/cluster:Cluster": [["allocatedStorage", "database"]],
  "aws:ebs/volume:Volume": [["size", "node"]],
  "aws:ec2/instance:Instance": [["rootBlockDevice.volumeSize", "node"]],
  "aws:eks/nodeGroup:NodeGroup": [["diskSize", "node"]],
};

/** Lists of disks, and where each says its size. */
const LISTS: Readonly<Record<string, readonly [list: string, size: string]>> = {
  "aws:ec2/launchTemplate:LaunchTemplate": ["blockDeviceMappings", "ebs.volumeSize"],
  "aws:ec2/instance:Instance": ["ebsBlockDevices", "volumeSize"],
};

export const volumeSizeWithinBudget = resourcePolicy({
  name: "volume-size-within-budget",
  family: "resource-limits",
  severity: "medium",
  level: "mandatory",
  description: "Disks, database storage and volume claims are no larger than the environment allows.",
  why: "Storage is paid for whether it is used or not, and neither EBS nor RDS can ever shrink.",
  fix: "Ask for less and let it grow, or raise the limit for this stack in the policy config.",
  control: {
    ids: ["AWS Well-Architected COST02-BP05"],
    name: "Implement cost controls",
    url: "https://docs.aws.amazon.com/wellarchitected/latest/framework/cost_govern_usage_controls.html",
  },
  settings,
  types: [...new Set([...Object.keys(SIZES), ...Object.keys(LISTS), CLAIM, STATEFUL_SET])],
  check(resource, values, report) {
    for (const { path, list, gib } of sizesOf(resource)) {
      const limit = values[list];
      if (gib === undefined) undecided(resource, path, report);
      else if (gib > limit) {
        report.violation(
          `${path} is ${Math.round(gib * 100) / 100} GiB, above the ${limit} GiB of volume-size-within-budget.${list}; lower it or raise that limit.`,
        );
      }
    }
  },
});

function undecided(resource: Resource, path: string, report: Report): void {
  const unknown = unknownAt(resource.unknown, path);
  if (unknown !== undefined) report.undecided(unknown, "whether it is within the budget");
}

function sizesOf(resource: Resource): Size[] {
  const { inputs, type } = resource;
  if (type === CLAIM) return [claim(inputs, "spec.resources.requests.storage", "spec.resources.requests.storage")];
  if (STATEFUL_SET.test(type)) {
    return listAt(inputs, "spec.volumeClaimTemplates").map((template, index) =>
      claim(
        template,
        "spec.resources.requests.storage",
        `spec.volumeClaimTemplates[${index}].spec.resources.requests.storage`,
      ),
    );
  }
  const plain = (SIZES[type] ?? []).map(([path, list]): Size => ({ path, list, gib: numberAt(inputs, path) }));
  return [...plain, ...disks(resource)];
}

function disks({ inputs, type }: Resource): Size[] {
  const [list, size] = LISTS[type] ?? [];
  if (list === undefined || size === undefined) return [];
  // the whole list may be unknown, in which case there is no disk to name
  const whole: Size[] = at(inputs, list) === undefined ? [{ path: list, list: "node", gib: undefined }] : [];
  const each = listAt(inputs, list).map((disk, index): Size => ({
    path: `${list}[${index}].${size}`,
    list: "node",
    gib: numberAt(disk, size),
  }));
  return [...whole, ...each];
}

function claim(holder: unknown, path: string, shown: string): Size {
  const amount = kubernetesQuantity(numberAt(holder, path) ?? textAt(holder, path));
  return { path: shown, list: "claim", gib: amount === undefined ? undefined : amount / GIBIBYTE };
}
