import { listAt } from "../../framework/known.ts";
import { fsbp } from "../../security/values.ts";
import { spansZones } from "./availability-zones.ts";

export const nodesSpanZones = spansZones(
  {
    name: "nodes-span-zones",
    family: "reliability",
    severity: "medium",
    level: "mandatory",
    description: "Clusters, node groups and auto scaling groups are in at least two zones.",
    why: "When a zone fails, nodes in another take the pods over; without one nothing runs.",
    fix: "Add a subnet of another zone, or a second zone to availabilityZones.",
    control: fsbp("Amazon EC2 Auto Scaling group should cover multiple Availability Zones", ["AutoScaling.2"]),
  },
  [
    { type: "aws:eks/cluster:Cluster", inputs: ["vpcConfig.subnetIds"], what: "Cluster" },
    { type: "aws:eks/nodeGroup:NodeGroup", inputs: ["subnetIds"], what: "Node group" },
    {
      type: "aws:autoscaling/group:Group",
      inputs: ["vpcZoneIdentifiers"],
      what: "Auto scaling group",
      where: ({ inputs }) => listAt(inputs, "availabilityZones").length < 2,
    },
  ],
);
