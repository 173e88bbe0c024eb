import { crc32 } from "node:zlib";
import type { Ctx, ResourceType } from "../../table.ts";
import { IGW, NAT, ROUTE_TABLE, SUBNET, VPC } from "./network.ts";
import { arnOf, awsType, cidr, ec2Id, input, refer, rule, sourced, text, thing, upstream } from "./rules.ts";

const API = "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/";

/** What a route may lead to, with the types of it that are known here. */
const TARGETS: readonly (readonly [property: string, token: string | undefined])[] = [
  ["gatewayId", IGW],
  ["natGatewayId", NAT],
  ["vpcEndpointId", "aws:ec2/vpcEndpoint:VpcEndpoint"],
  ["carrierGatewayId", undefined],
  ["coreNetworkArn", undefined],
  ["egressOnlyGatewayId", undefined],
  ["localGatewayId", undefined],
  ["networkInterfaceId", undefined],
  ["odbNetworkArn", undefined],
  ["transitGatewayId", undefined],
  ["vpcPeeringConnectionId", undefined],
];

const DESTINATIONS = ["destinationCidrBlock", "destinationIpv6CidrBlock", "destinationPrefixListId"] as const;

const destination = (ctx: Ctx): string =>
  DESTINATIONS.map((property) => input(ctx, property)).find((value) => value !== "") ?? "";

const routeTable = awsType({
  token: ROUTE_TABLE,
  source: upstream("ec2/vpc_route_table.go"),
  id: ec2Id("rtb"),
  rules: [rule("routes[].cidrBlock", cidr(), `${API}API_CreateRoute.html`)],
  references: [
    refer("vpcId", VPC),
    refer("routes[].gatewayId", IGW, { except: /^(local|vgw-|vpce-|$)/ }),
    refer("routes[].natGatewayId", NAT, { except: /^$/ }),
  ],
  replaces: ["vpcId"],
  updates: ["propagatingVgws", "routes"],
  defaults: { propagatingVgws: [], routes: [] },
  outputs: (ctx) => ({ arn: arnOf(ctx, "ec2", `route-table/${ctx.id}`), ownerId: ctx.account }),
});

const routeProblem = (ctx: Ctx): { path: string; reason: string } | undefined => {
  const targets = TARGETS.filter(([property]) => input(ctx, property) !== "").map(([property]) => property);
  if (targets.length > 1)
    return { path: targets[1] ?? "", reason: `one route has one target, not ${targets.join(" and ")}` };
  const table = thing(ctx, ROUTE_TABLE, ctx.inputs["routeTableId"])?.properties["vpcId"];
  const gateway = thing(ctx, IGW, ctx.inputs["gatewayId"])?.properties["vpcId"];
  return table !== undefined && gateway !== undefined && gateway !== "" && table !== gateway
    ? {
        path: "gatewayId",
        reason: `InvalidParameterValue: the gateway belongs to ${text(gateway)} and the route table to ${text(table)}`,
      }
    : undefined;
};

const route = awsType({
  token: "aws:ec2/route:Route",
  source: upstream("ec2/vpc_route.go"),
  id: (ctx) => `r-${input(ctx, "routeTableId")}${crc32(destination(ctx))}`,
  key: (ctx) => `${input(ctx, "routeTableId")} ${destination(ctx)}`,
  exists: "RouteAlreadyExists",
  rules: [rule("destinationCidrBlock", cidr(), `${API}API_CreateRoute.html`)],
  references: [
    refer("routeTableId", ROUTE_TABLE, { holds: false }),
    ...TARGETS.flatMap(([property, token]) =>
      token === undefined ? [] : [refer(property, token, { holds: false, except: /^(local$|vgw-)/ })],
    ),
  ],
  check: (ctx) => sourced(routeProblem(ctx), `${API}API_CreateRoute.html`),
  replaces: ["routeTableId", ...DESTINATIONS],
  updates: TARGETS.map(([property]) => property),
  defaults: { networkInterfaceId: "" },
  outputs: () => ({ instanceId: "", instanceOwnerId: "", origin: "CreateRoute", state: "active" }),
});

const routeTableAssociation = awsType({
  token: "aws:ec2/routeTableAssociation:RouteTableAssociation",
  source: upstream("ec2/vpc_route_table_association.go"),
  id: ec2Id("rtbassoc"),
  key: (ctx) => input(ctx, "subnetId") || input(ctx, "gatewayId") || undefined,
  exists: "Resource.AlreadyAssociated",
  references: [
    refer("routeTableId", ROUTE_TABLE),
    refer("subnetId", SUBNET, { holds: false }),
    refer("gatewayId", IGW, { holds: false, except: /^vgw-/ }),
  ],
  check: (ctx) => {
    const table = thing(ctx, ROUTE_TABLE, ctx.inputs["routeTableId"])?.properties["vpcId"];
    const own = thing(ctx, SUBNET, ctx.inputs["subnetId"])?.properties["vpcId"];
    return table !== undefined && own !== undefined && table !== own
      ? {
          path: "subnetId",
          reason: `InvalidParameterValue: the subnet belongs to ${text(own)} and the route table to ${text(table)}`,
          source: `${API}API_AssociateRouteTable.html`,
        }
      : undefined;
  },
  replaces: ["subnetId", "gatewayId"],
  updates: ["routeTableId"],
});

export const routes: readonly ResourceType[] = [routeTable, route, routeTableAssociation];
