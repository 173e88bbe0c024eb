import { requires } from "../../aws/requirement.ts";
import { textAt } from "../../framework/known.ts";

const NETWORK: readonly string[] = ["network", "gateway"];

export const loadBalancerCrossesZones = requires(
  {
    name: "load-balancer-crosses-zones",
    family: "reliability",
    severity: "medium",
    level: "advisory",
    description: "Network load balancers send to the targets of all zones.",
    why: "Otherwise each zone gets the same share, and a zone with one target of five is overrun.",
    fix: "Write enableCrossZoneLoadBalancing: true; traffic between zones is paid for.",
    control: {
      name: "Elastic Load Balancing: Cross-zone load balancing",
      url: "https://docs.aws.amazon.com/elasticloadbalancing/latest/network/network-load-balancers.html#cross-zone-load-balancing",
    },
    types: ["aws:lb/loadBalancer:LoadBalancer"],
  },
  {
    path: "enableCrossZoneLoadBalancing",
    value: true,
    otherwise: false,
    harm: "a zone with few targets gets as much as one with many",
    // application load balancers always do
    where: ({ inputs }) => NETWORK.includes(textAt(inputs, "loadBalancerType") ?? "application"),
    hangsOn: ["loadBalancerType"],
  },
);
