import { listAt, textAt, unknownAt } from "../../framework/known.ts";
import type { Resource } from "../../framework/policy.ts";
import type { Stack } from "../../framework/stack.ts";
import { isEverywhere } from "../networks.ts";

export const SUBNET = "aws:ec2/subnet:Subnet";

const GATEWAY = "aws:ec2/internetGateway:InternetGateway";
const TABLE = "aws:ec2/routeTable:RouteTable";
const ROUTE = "aws:ec2/route:Route";
const ASSOCIATION = "aws:ec2/routeTableAssociation:RouteTableAssociation";

/** What tells which subnets are public. */
export const PLACES = [SUBNET, GATEWAY, TABLE, ROUTE, ASSOCIATION] as const;

/** The subnets of the stack whose route table leads everything to an internet gateway: name by URN. */
export function publicSubnets(stack: Stack): ReadonlyMap<string, string> {
  const tables = new Set(
    [
      ...stack.ofType(TABLE).filter((table) => leadsOut(stack, table)),
      ...stack
        .ofType(ROUTE)
        .filter((route) => isOpenRoute(stack, route))
        .flatMap((route) => stack.nearest(route.urn, TABLE, "routeTableId"))
        .flatMap((urn) => stack.ofType(TABLE).filter((table) => table.urn === urn)),
    ].map(({ urn }) => urn),
  );
  if (tables.size === 0) return new Map();
  const names = new Map(stack.ofType(SUBNET).map(({ urn, name }) => [urn, name]));
  const open = stack
    .ofType(ASSOCIATION)
    .filter(({ urn }) => stack.nearest(urn, TABLE, "routeTableId").some((table) => tables.has(table)))
    .flatMap(({ urn }) => stack.nearest(urn, SUBNET, "subnetId"));
  return new Map(open.flatMap((urn) => (names.has(urn) ? [[urn, names.get(urn) ?? ""]] : [])));
}

function leadsOut(stack: Stack, table: Resource): boolean {
  return listAt(table.inputs, "routes").some((route, index) => {
    const isNew = unknownAt(table.unknown, `routes.${index}.gatewayId`) !== undefined;
    return isOpen(route, isNew && stack.nearest(table.urn, GATEWAY, "routes").length > 0);
  });
}

function isOpenRoute(stack: Stack, route: Resource): boolean {
  const isNew = unknownAt(route.unknown, "gatewayId") !== undefined;
  return isOpen(route.inputs, isNew && stack.nearest(route.urn, GATEWAY, "gatewayId").length > 0);
}

/** An internet gateway has an id of its own kind; before it exists, the graph tells whose the id is going to be. */
function isOpen(route: unknown, throughNewGateway: boolean): boolean {
  const destinations = ["cidrBlock", "ipv6CidrBlock", "destinationCidrBlock", "destinationIpv6CidrBlock"];
  if (!destinations.some((key) => isEverywhere(textAt(route, key) ?? ""))) return false;
  return throughNewGateway || (textAt(route, "gatewayId") ?? "").startsWith("igw-");
}
