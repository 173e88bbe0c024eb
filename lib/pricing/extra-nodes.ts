import type { CapacityReport } from "../capacity-report.ts";
import type { DesiredResource } from "../desired-state.ts";
import { kubernetesQuantity } from "../kubernetes-quantity.ts";
import { placements } from "../placement.ts";
import { list, text } from "./line.ts";
import type { ExtraNodes } from "./price.ts";

const NODE_POOL = /^kubernetes:karpenter\.sh\/v\w+:NodePool$/;
const NODE_CLASS = /^kubernetes:karpenter\.k8s\.aws\/v\w+:EC2NodeClass$/;
const GIBIBYTE = 2 ** 30;

/** GiB of a node whose class says nothing. https://karpenter.sh/docs/concepts/nodeclasses/#specblockdevicemappings */
const DEFAULT_DISK = 20;

/** The nodes that Karpenter makes for what the pods need at the autoscalers' minimum, beyond the node groups. */
export function extraNodesOf({ nodes }: CapacityReport, resources: readonly DesiredResource[]): readonly ExtraNodes[] {
  const places = placements(resources);
  const find = (type: RegExp, region: string, name: string): DesiredResource | undefined =>
    resources.find(
      (resource) =>
        type.test(resource.type) &&
        text(resource.inputs, "metadata.name") === name &&
        places.get(resource.urn)?.region === region,
    );
  return nodes.flatMap(({ region, name, instanceType, needed }) => {
    const pool = find(NODE_POOL, region, name);
    if (pool === undefined || needed.min === 0) return [];
    const nodeClass = find(NODE_CLASS, region, text(pool.inputs, "spec.template.spec.nodeClassRef.name") ?? "");
    return [{ region, name, instanceType, count: needed.min, disk: diskOf(nodeClass), isSpot: isSpot(pool) }];
  });
}

/** Without a requirement, or with both allowed and no room on Spot, Karpenter takes On-Demand. https://karpenter.sh/docs/concepts/nodepools/#capacity-type */
function isSpot({ inputs }: DesiredResource): boolean {
  const own = list(inputs, "spec.template.spec.requirements").filter(
    (each) => text(each, "key") === "karpenter.sh/capacity-type",
  );
  return own.some((each) => {
    const named = list(each, "values").includes("on-demand");
    return text(each, "operator") === "NotIn" ? named : text(each, "operator") === "In" && !named;
  });
}

function diskOf(nodeClass: DesiredResource | undefined): number {
  const sizes = list(nodeClass?.inputs, "spec.blockDeviceMappings").map((each) => text(each, "ebs.volumeSize") ?? "");
  const known = sizes.map((size) => kubernetesQuantity(size)).filter((size) => size !== undefined);
  return known.length === 0 ? DEFAULT_DISK : known.reduce((sum, size) => sum + size, 0) / GIBIBYTE;
}
