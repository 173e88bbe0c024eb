import { fsbp } from "../../security/values.ts";
import { spansZones } from "./availability-zones.ts";

const INPUTS = ["subnets", "subnetMappings"];

export const loadBalancerSpansZones = spansZones(
  {
    name: "load-balancer-spans-zones",
    family: "reliability",
    severity: "medium",
    level: "mandatory",
    description: "Load balancers are in at least two zones.",
    why: "A load balancer in one zone goes with it, however many zones its targets are in.",
    fix: "Add a subnet of another zone to subnets.",
    control: fsbp("Application, Network and Gateway Load Balancers should span multiple Availability Zones", [
      "ELB.13",
      "ELB.10",
    ]),
  },
  [
    { type: "aws:lb/loadBalancer:LoadBalancer", inputs: INPUTS, what: "Load balancer" },
    { type: "aws:alb/loadBalancer:LoadBalancer", inputs: INPUTS, what: "Load balancer" },
    { type: "aws:elb/loadBalancer:LoadBalancer", inputs: ["subnets"], what: "Load balancer" },
  ],
);
