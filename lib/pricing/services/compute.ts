import {
  SPOT,
  assumed,
  at,
  flag,
  line,
  list,
  number,
  text,
  unpriced,
  type Context,
  type Line,
  type Outcome,
  type Pricer,
} from "../line.ts";
import type { DesiredResource } from "../../desired-state.ts";
import { isExtended } from "../eks-support.ts";
import { HOURS } from "../table.ts";

const LAUNCH_TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate";

/** What gp3 includes. https://docs.aws.amazon.com/ebs/latest/userguide/general-purpose.html#gp3-ebs-volume-type */
const GP3_IOPS = 3000;
const GP3_THROUGHPUT = 125;

/** GiB of a node's disk that nobody sizes. https://docs.aws.amazon.com/eks/latest/APIReference/API_CreateNodegroup.html */
const NODE_DISK = 20;

const cluster: Pricer = (resource, context) => [
  controlPlane(resource, context.day),
  assumed(context, "transfer/zones", "crossZoneGb"),
  ...(context.usage("traceMillions").value > 0 ? [assumed(context, "xray/traces", "traceMillions")] : []),
];

/** EKS upgrades a cluster whose support is STANDARD by itself. https://docs.aws.amazon.com/eks/latest/userguide/disable-extended-support.html */
function controlPlane({ inputs, unknown }: DesiredResource, day: string): Outcome {
  if (unknown.includes("version")) return unpriced("the version of the control plane is not known before the update");
  const extended = text(inputs, "upgradePolicy.supportType") !== "STANDARD" && isExtended(text(inputs, "version"), day);
  return line(extended ? "eks/extended" : "eks/hours", HOURS);
}

const nodeGroup: Pricer = (resource, context) => {
  const { inputs } = resource;
  const count = number(inputs, "scalingConfig.desiredSize") ?? number(inputs, "scalingConfig.minSize");
  const type = text(inputs, "instanceTypes.0") ?? templateOf(resource, context, "instanceType");
  if (count === undefined || typeof type !== "string")
    return [unpriced("how many nodes of which type is not known before the update")];
  if (text(inputs, "capacityType") === "SPOT") return [unpriced(SPOT)];
  return [
    {
      ...line(`ec2/${type}`, count * HOURS),
      assumed: "Node groups have their desired size all month; autoscaling goes up to scalingConfig.maxSize.",
    },
    ...disksOf(resource, context, NODE_DISK).map((disk) => times(disk, count)),
  ];
};

const instance: Pricer = (resource, context) => {
  const type = text(resource.inputs, "instanceType") ?? templateOf(resource, context, "instanceType");
  if (typeof type !== "string") return [unpriced("the instance type is not known before the update")];
  if (text(resource.inputs, "instanceMarketOptions.marketType") === "spot") return [unpriced(SPOT)];
  const address = flag(resource.inputs, "associatePublicIpAddress") ? [line("ipv4", HOURS)] : [];
  return [line(`ec2/${type}`, HOURS), ...disksOf(resource, context, 8), ...address];
};

const volume: Pricer = ({ inputs }) =>
  volumeLines({
    type: text(inputs, "type") ?? "gp2",
    size: number(inputs, "size"),
    iops: number(inputs, "iops"),
    throughput: number(inputs, "throughput"),
  });

export interface Disk {
  readonly type: string;
  /** GiB. */
  readonly size: number | undefined;
  readonly iops?: number | undefined;
  /** MiB a second. */
  readonly throughput?: number | undefined;
}

/** What one EBS volume costs: its size, and what it has beyond what its type includes. */
export function volumeLines({ type, size, iops = 0, throughput = 0 }: Disk): readonly Outcome[] {
  if (size === undefined) return [unpriced("the size of a volume is not known before the update")];
  if (type !== "gp3" && type !== "gp2" && type !== "standard")
    return [line(`ebs/${type}`, size), unpriced(`provisioned operations of ${type} are not in the table`)];
  const extra: Line[] = [];
  if (type === "gp3" && iops > GP3_IOPS) extra.push(line("ebs/gp3-iops", iops - GP3_IOPS));
  if (type === "gp3" && throughput > GP3_THROUGHPUT)
    extra.push(line("ebs/gp3-throughput", throughput - GP3_THROUGHPUT));
  return [line(`ebs/${type}`, size), ...extra];
}

/** The disks that a node or instance brings: its own, those of its launch template, or what its image has. */
function disksOf(resource: DesiredResource, context: Context, size: number): readonly Outcome[] {
  const { inputs } = resource;
  const root = at(inputs, "rootBlockDevice");
  const own = [...(root === undefined ? [] : [root]), ...list(inputs, "ebsBlockDevices")];
  if (own.length > 0) return own.flatMap((each) => volumeLines(diskOf(each, "volumeType", "volumeSize")));
  const mapped = templateOf(resource, context, "blockDeviceMappings");
  if (Array.isArray(mapped) && mapped.length > 0) {
    return mapped.flatMap((each) => volumeLines(diskOf(at(each, "ebs"), "volumeType", "volumeSize")));
  }
  return volumeLines({ type: "gp2", size: number(inputs, "diskSize") ?? size });
}

function diskOf(value: unknown, type: string, size: string): Disk {
  return {
    type: text(value, type) ?? "gp2",
    size: number(value, size),
    iops: number(value, "iops"),
    throughput: number(value, "throughput"),
  };
}

function templateOf(resource: DesiredResource, context: Context, path: string): unknown {
  const template = context.graph.nearest(resource, LAUNCH_TEMPLATE);
  return template === undefined ? undefined : at(template.inputs, path);
}

export function times(outcome: Outcome, count: number): Outcome {
  return "unpriced" in outcome ? outcome : { ...outcome, quantity: outcome.quantity * count };
}

export const compute: Readonly<Record<string, Pricer>> = {
  "aws:eks/cluster:Cluster": cluster,
  "aws:eks/nodeGroup:NodeGroup": nodeGroup,
  "aws:ec2/instance:Instance": instance,
  "aws:ebs/volume:Volume": volume,
};
