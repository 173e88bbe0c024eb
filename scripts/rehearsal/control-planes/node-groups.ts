import type { Shelf } from "../clouds/shelf.ts";
import type { Thing } from "../clouds/table.ts";
import { list, plain, text } from "../clouds/tables/values.ts";
import { type Taint, type WantedNode, nodeName } from "./nodes.ts";

export const NODE_GROUP = "aws:eks/nodeGroup:NodeGroup";
const SUBNET = "aws:ec2/subnet:Subnet";
const LAUNCH_TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate";

/** EKS's names of what Kubernetes calls otherwise. https://docs.aws.amazon.com/eks/latest/APIReference/API_Taint.html */
const EFFECTS: Readonly<Record<string, Taint["effect"]>> = {
  NO_SCHEDULE: "NoSchedule",
  NO_EXECUTE: "NoExecute",
  PREFER_NO_SCHEDULE: "PreferNoSchedule",
};

/** The nodes of a cluster's managed groups, as many as each wants now, spread over its subnets' zones. */
export function wantedNodes(shelf: Shelf, cluster: Thing, region: string): WantedNode[] {
  return groupsOf(shelf, cluster).flatMap((group) => {
    const { properties } = group;
    const zones = subnetZones(shelf, group);
    const count = Number(plain(properties["scalingConfig"])["desiredSize"] ?? 0);
    const capacity = text(properties["capacityType"]) || "ON_DEMAND";
    const name = text(properties["nodeGroupName"]);
    return Array.from({ length: count }, (_, index) => ({
      name: nodeName(region, text(properties["clusterName"]), name, index),
      owner: { kind: "node group" as const, name },
      instanceType: typeOf(shelf, group),
      zone: zones[index % Math.max(zones.length, 1)] ?? `${region}a`,
      region,
      labels: {
        // https://docs.aws.amazon.com/eks/latest/userguide/managed-node-groups.html
        "eks.amazonaws.com/capacityType": capacity,
        ...(plain(properties["labels"]) as Readonly<Record<string, string>>),
      },
      taints: list(properties["taints"]).map((each) => taintOf(plain(each))),
    }));
  });
}

/** Where the cluster has nodes, or could have them. */
export function zonesOf(shelf: Shelf, cluster: Thing): string[] {
  const groups = groupsOf(shelf, cluster).flatMap((group) => subnetZones(shelf, group));
  const own = list(plain(cluster.properties["vpcConfig"])["subnetIds"]);
  return [...new Set(groups.length > 0 ? groups : zonesOfSubnets(shelf, cluster, own))].sort();
}

function groupsOf(shelf: Shelf, cluster: Thing): readonly Thing[] {
  return [...shelf.find(NODE_GROUP, cluster.place, "clusterName", cluster.properties["name"])];
}

function subnetZones(shelf: Shelf, group: Thing): string[] {
  return zonesOfSubnets(shelf, group, list(group.properties["subnetIds"]));
}

function zonesOfSubnets(shelf: Shelf, { place }: Thing, ids: readonly unknown[]): string[] {
  const zones = ids.map((id) => [...shelf.find(SUBNET, place, "id", id)][0]?.properties["availabilityZone"]);
  return zones.map(text).filter((zone) => zone !== "");
}

/** https://docs.aws.amazon.com/eks/latest/APIReference/API_CreateNodegroup.html: t3.medium unless something is said. */
function typeOf(shelf: Shelf, group: Thing): string {
  const [own] = list(group.properties["instanceTypes"]);
  if (text(own) !== "") return text(own);
  const { id } = plain(group.properties["launchTemplate"]);
  const [template] = shelf.find(LAUNCH_TEMPLATE, group.place, "id", id);
  return text(template?.properties["instanceType"]) || "t3.medium";
}

function taintOf({ key, value, effect }: Readonly<Record<string, unknown>>): Taint {
  return {
    key: text(key),
    ...(text(value) !== "" && { value: text(value) }),
    effect: EFFECTS[text(effect)] ?? "NoSchedule",
  };
}
