import { textAt } from "../../framework/known.ts";
import { stackPolicy } from "../../framework/policy.ts";
import type { Resource } from "../../framework/policy.ts";
import type { Stack } from "../../framework/stack.ts";
import { SUBNET } from "./availability-zones.ts";

const NAT = "aws:ec2/natGateway:NatGateway";
const VPC = "aws:ec2/vpc:Vpc";

export const natGatewayInEachZone = stackPolicy({
  name: "nat-gateway-in-each-zone",
  family: "reliability",
  severity: "medium",
  level: "advisory",
  description: "A network that has NAT gateways has one in each of its zones.",
  why: "One gateway for all zones takes the way out of all of them along when its zone fails, and each byte is paid for between zones.",
  fix: "Make a NAT gateway in a public subnet of each zone, and route each zone's private subnets to its own.",
  control: {
    name: "Amazon VPC: NAT gateway basics",
    url: "https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-basics.html",
  },
  settings: {},
  types: [SUBNET, NAT, VPC],
  checkStack(stack, _settings, report) {
    const subnets = new Map(stack.ofType(SUBNET).map((subnet) => [subnet.urn, subnet]));
    const zones = zonesByNetwork(stack, [...subnets.values()]);
    const gateways = stack.ofType(NAT).flatMap((nat) => {
      // a private one leads to another network, and a regional one is in every zone
      if (textAt(nat.inputs, "connectivityType") === "private") return [];
      if (textAt(nat.inputs, "availabilityMode") === "regional") return [];
      return stack.nearest(nat.urn, SUBNET, "subnetId").flatMap((urn) => subnets.get(urn) ?? []);
    });
    const served = zonesByNetwork(stack, gateways);
    for (const [network, withGateway] of served) {
      const without = [...(zones.get(network) ?? [])].filter((zone) => !withGateway.has(zone)).sort();
      if (without.length === 0) continue;
      const name = network.split("::").at(-1) ?? network;
      report.violation(
        `Network ${name} has no NAT gateway in ${without.join(", ")}, so its way out goes when another zone fails; make one in each zone.`,
        network.startsWith("urn:") ? network : undefined,
      );
    }
  },
});

function zonesByNetwork(stack: Stack, subnets: readonly Resource[]): ReadonlyMap<string, ReadonlySet<string>> {
  const zones = new Map<string, Set<string>>();
  for (const { urn, inputs } of subnets) {
    const network = stack.nearest(urn, VPC, "vpcId")[0] ?? textAt(inputs, "vpcId");
    const zone = textAt(inputs, "availabilityZone") ?? textAt(inputs, "availabilityZoneId");
    if (network !== undefined && zone !== undefined) {
      zones.set(network, (zones.get(network) ?? new Set()).add(zone));
    }
  }
  return zones;
}
