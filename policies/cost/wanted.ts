import type { DesiredResource, Plain } from "@groundwork/lib/desired-state";
import type { Resource } from "../framework/policy.ts";
import type { Stack } from "../framework/stack.ts";

/** What pricing looks up from one resource to another: a node's disks, a database's storage, whom a proxy stands before. */
export const COMPANIONS: readonly string[] = [
  "aws:ec2/launchTemplate:LaunchTemplate",
  "aws:rds/cluster:Cluster",
  "aws:rds/proxy:Proxy",
  "aws:rds/proxyTarget:ProxyTarget",
];

/** Where the objects of a Kubernetes provider are. */
const CLUSTER = "aws:eks/cluster:Cluster";

/** The resources of a stack as pricing reads them, whatever program made them. */
export function wantedOf(stack: Stack): readonly DesiredResource[] {
  const providers = new Map(
    stack.resources.flatMap(({ provider }) => (provider === undefined ? [] : [[provider.urn, provider.properties]])),
  );
  return [
    ...stack.resources.map((resource) => wanted(resource, stack)),
    ...[...providers].map(([urn, inputs]) => ({ ...bare(urn, inputs), dependencies: stack.nearest(urn, CLUSTER) })),
  ];
}

function wanted({ urn, type, name, inputs, unknown, provider }: Resource, stack: Stack): DesiredResource {
  return {
    ...bare(urn, inputs),
    type,
    name,
    unknown: unknown.map((path) => path.join(".")),
    dependencies: type.startsWith("aws:") ? COMPANIONS.flatMap((companion) => stack.nearest(urn, companion)) : [],
    ...(provider === undefined ? {} : { provider: provider.urn }),
  };
}

/** A provider tells the region of what it makes. */
function bare(urn: string, inputs: Plain): DesiredResource {
  const [, , types = "", name = ""] = urn.split("::");
  return {
    urn,
    type: types.split("$").at(-1) ?? "",
    name,
    custom: true,
    inputs,
    outputs: {},
    unknown: [],
    dependencies: [],
    protect: false,
    retainOnDelete: false,
  };
}
