import type * as aws from "@pulumi/aws";
import type * as kubernetes from "@pulumi/kubernetes";
import { ComponentResource } from "@pulumi/pulumi";
import type { ComponentResourceOptions, Output, Resource } from "@pulumi/pulumi";
import { createClusterAddons, createNodeAddons } from "./addons/managed.ts";
import { createControlPlane } from "./control-plane.ts";
import { createKey } from "./key.ts";
import { createKubernetesProvider } from "./kubernetes-provider.ts";
import { createNetwork } from "./network.ts";
import type { Network, NetworkArgs } from "./network.ts";
import { createNodes } from "./nodes.ts";
import type { NodesArgs } from "./nodes.ts";

export interface RegionalClusterArgs extends NetworkArgs {
  /** AWS's name of the region, the one of the provider that the component is given. */
  readonly region: string;
  /** Name of the EKS cluster, unique in the account and region; at most 100 characters. */
  readonly clusterName: string;
  /** CIDR blocks from which the cluster's public API endpoint is reachable; none: from within the VPC only. */
  readonly accessCidrs: readonly string[];
  readonly nodes: NodesArgs;
  /** Whether cluster and key refuse deletion. */
  readonly protect: boolean;
}

/**
 * Everything that a region needs before a workload can run in it: a network over several zones, a key, an EKS cluster
 * with its nodes and add-ons. About US$ 73 a month for the control plane beside nodes and NAT gateways.
 * Needs the region's AWS provider in `opts.providers`.
 */
export class RegionalCluster extends ComponentResource {
  readonly region: string;
  readonly network: Network;
  readonly key: aws.kms.Key;
  readonly clusterName: Output<string>;
  /** Of the nodes, and with them of the pods. */
  readonly securityGroupId: Output<string>;
  readonly autoscalingGroup: Output<string>;
  /** For Kubernetes objects in this cluster; they wait for nodes and add-ons. */
  readonly kubernetes: kubernetes.Provider;

  constructor(name: string, args: RegionalClusterArgs, opts: ComponentResourceOptions) {
    super("groundwork:cluster:RegionalCluster", name, {}, opts);
    this.region = args.region;
    this.network = createNetwork(name, args, this);
    this.key = createKey(name, args.protect, this);
    const { cluster, securityGroupId } = createControlPlane(
      name,
      { ...args, network: this.network, keyArn: this.key.arn },
      this,
    );
    const nodeAddons = createNodeAddons(name, cluster.name, this);
    const nodes = createNodes(
      name,
      {
        ...args.nodes,
        clusterName: cluster.name,
        version: cluster.version,
        subnetIds: this.network.subnets.private.map(({ id }) => id),
        addons: nodeAddons,
      },
      this,
    );
    const clusterAddons = createClusterAddons(name, cluster.name, nodes.resource, this);
    const ready: Resource[] = [nodes.resource, ...clusterAddons];
    this.clusterName = cluster.name;
    this.securityGroupId = securityGroupId;
    this.autoscalingGroup = nodes.autoscalingGroup;
    this.kubernetes = createKubernetesProvider(name, cluster, args.region, ready, this);
    this.registerOutputs({ clusterName: this.clusterName });
  }
}
