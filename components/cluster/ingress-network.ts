import * as aws from "@pulumi/aws";
import type { ComponentResource, Input } from "@pulumi/pulumi";
import { NODE_PORTS } from "./node-ports.ts";
import type { RegionalCluster } from "./regional-cluster.ts";

export interface IngressNetworkArgs {
  readonly cluster: RegionalCluster;
  readonly allowedCidrs: readonly string[];
  /** Whether the balancer reaches the nodes' ports of services. */
  readonly toNodePorts: boolean;
}

/** The balancer's security group: open to the CDN's addresses alone, and from it to what it sends requests to. */
export function createSecurityGroup(
  name: string,
  { cluster, allowedCidrs, toNodePorts }: IngressNetworkArgs,
  parent: ComponentResource,
): aws.ec2.SecurityGroup {
  const group = new aws.ec2.SecurityGroup(
    `${name}-balancer`,
    { description: `Balancer of ${name}`, vpcId: cluster.network.vpcId, tags: { Name: `${name}-balancer` } },
    { parent },
  );
  const allowed = new aws.ec2.ManagedPrefixList(
    `${name}-cdn`,
    {
      addressFamily: "IPv4",
      maxEntries: allowedCidrs.length,
      entries: allowedCidrs.map((cidr) => ({ cidr })),
    },
    { parent },
  );
  new aws.vpc.SecurityGroupIngressRule(
    `${name}-from-cdn`,
    {
      securityGroupId: group.id,
      description: "HTTPS from the CDN",
      ipProtocol: "tcp",
      fromPort: 443,
      toPort: 443,
      prefixListId: allowed.id,
    },
    { parent },
  );
  if (toNodePorts) openPorts(name, NAMES_OF_NODE_PORTS, NODE_PORTS, cluster, group.id, parent);
  return group;
}

/** What the rules for one use are called and described as. */
interface Opening {
  readonly egress: string;
  readonly ingress: string;
  readonly what: string;
}

const NAMES_OF_NODE_PORTS: Opening = { egress: "to-nodes", ingress: "nodes-from-balancer", what: "Exposed services" };

/** Opens ports from the balancer to the nodes and the pods on them, at both ends. */
export function openPorts(
  name: string,
  { egress, ingress, what }: Opening,
  { from, to }: { readonly from: number; readonly to: number },
  cluster: RegionalCluster,
  balancerGroupId: Input<string>,
  parent: ComponentResource,
): void {
  const ports = { ipProtocol: "tcp", fromPort: from, toPort: to };
  new aws.vpc.SecurityGroupEgressRule(
    `${name}-${egress}`,
    {
      securityGroupId: balancerGroupId,
      description: what,
      referencedSecurityGroupId: cluster.securityGroupId,
      ...ports,
    },
    { parent },
  );
  new aws.vpc.SecurityGroupIngressRule(
    `${name}-${ingress}`,
    {
      securityGroupId: cluster.securityGroupId,
      description: `${what} from the balancer`,
      referencedSecurityGroupId: balancerGroupId,
      ...ports,
    },
    { parent },
  );
}
