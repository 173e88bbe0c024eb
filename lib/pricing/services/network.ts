import {
  assumed,
  flag,
  line,
  list,
  text,
  unpriced,
  type Context,
  type Line,
  type Outcome,
  type Pricer,
} from "../line.ts";
import { HOURS } from "../table.ts";

/** GB of each tier of traffic to the internet, beside the last one, which has no end. https://aws.amazon.com/ec2/pricing/on-demand/#Data_Transfer */
const TIERS = [10_240, 40_960, 102_400];

const gateway: Pricer = ({ inputs }, context) =>
  text(inputs, "connectivityType") === "private"
    ? [line("nat/hours", HOURS)]
    : [line("nat/hours", HOURS), assumed(context, "nat/gb", "natGb")];

/** Prices of each kind of balancer. */
const BALANCERS: ReadonlyMap<string, string> = new Map([
  ["application", "alb"],
  ["network", "nlb"],
]);

const balancer: Pricer = ({ inputs, unknown }, context) => {
  const type = text(inputs, "loadBalancerType") ?? "application";
  const kind = BALANCERS.get(type);
  if (kind === undefined) return [unpriced(`${type} load balancers are not in the table`)];
  const mappings = list(inputs, "subnetMappings");
  // an address of one's own is a resource of its own, also before it has an id
  const own =
    mappings.filter((mapping) => text(mapping, "allocationId") !== undefined).length +
    unknown.filter((path) => /^subnetMappings\b.*\ballocationId$/.test(path)).length;
  const zones = Math.max(list(inputs, "subnets").length, mappings.length);
  const outside = flag(inputs, "internal") ? [] : [...addressLines(zones, own), ...internet(context)];
  return [line(`${kind}/hours`, HOURS), assumed(context, `${kind}/lcu`, "balancerUnits", HOURS), ...outside];
};

/** An address in each zone, but for those that are paid as resources of their own. */
function addressLines(zones: number, own: number): readonly Outcome[] {
  if (zones === 0) return [unpriced("how many public IPv4 addresses the balancer has is not known before the update")];
  return zones > own ? [line("ipv4", (zones - own) * HOURS)] : [];
}

/** Traffic to the internet gets cheaper with its amount. */
function internet(context: Context): readonly Line[] {
  const { value, text: said } = context.usage("internetGb");
  const lines: Line[] = [];
  let left = value;
  for (const [index, size] of [...TIERS, Infinity].entries()) {
    if (left <= 0) break;
    lines.push({ price: `transfer/out-${index + 1}`, quantity: Math.min(left, size), assumed: said });
    left -= size;
  }
  return lines;
}

const endpoint: Pricer = ({ inputs }, context) => {
  const type = text(inputs, "vpcEndpointType") ?? "Gateway";
  if (type === "Gateway") return [];
  if (type !== "Interface") return [unpriced(`endpoints of type ${type} are not in the table`)];
  const zones = Math.max(list(inputs, "subnetIds").length, list(inputs, "subnetConfigurations").length);
  if (zones === 0) return [unpriced("in how many zones the endpoint is is not known before the update")];
  return [line("endpoint/hours", zones * HOURS), assumed(context, "endpoint/gb", "endpointGb")];
};

export const network: Readonly<Record<string, Pricer>> = {
  "aws:ec2/natGateway:NatGateway": gateway,
  "aws:ec2/eip:Eip": () => [line("ipv4", HOURS)],
  "aws:lb/loadBalancer:LoadBalancer": balancer,
  "aws:alb/loadBalancer:LoadBalancer": balancer,
  "aws:ec2/vpcEndpoint:VpcEndpoint": endpoint,
};
