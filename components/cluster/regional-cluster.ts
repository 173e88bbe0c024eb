import type * as aws from "@pulumi/aws";
import type * as kubernetes from "@pulumi/kubernetes";
import { ComponentResource } from "@pulumi/pulumi";
import type { ComponentResourceOptions, Output, Resource } from "@pulumi/pulumi";
import { parseCidr } from "@groundwork/lib/cidr";
import { BadInput } from "@groundwork/lib/errors";
import { kubernetesVersion } from "@groundwork/lib/kubernetes-versions";
import { createClusterAddons, createNodeAddons } from "./addons/managed.ts";
import { createAccess } from "./access.ts";
import type { ClusterAccess } from "./access.ts";
import { createControlPlane } from "./control-plane.ts";
import { createEndpoints } from "./endpoints.ts";
import type { InterfaceService } from "./endpoints.ts";
import { createFlowLogs } from "./flow-logs.ts";
import type { FlowLogsArgs } from "./flow-logs.ts";
import { createKarpenter } from "./karpenter.ts";
import type { Karpenter } from "./karpenter.ts";
import { createKey } from "./key.ts";
import { createKubernetesProvider } from "./kubernetes-provider.ts";
import type { Unreachable } from "./kubernetes-provider.ts";
import { createNetwork } from "./network.ts";
import type { Network, NetworkArgs } from "./network.ts";
import { createNodes } from "./nodes.ts";
import type { NodesArgs } from "./nodes.ts";
import { createRunner } from "./runner.ts";

export interface RegionalClusterArgs extends NetworkArgs {
  /** AWS's name of the region, the one of the provider that the component is given. */
  readonly region: string;
  /** Twelve digits: the provider's account. */
  readonly accountId: string;
  /** Name of the EKS cluster, unique in the account and region; at most 100 characters. */
  readonly clusterName: string;
  /** Minor version; it goes up by one at a time, in place. See lib/kubernetes-versions.ts. */
  readonly kubernetesVersion: string;
  /** CIDR blocks from which the cluster's public API endpoint is reachable; none: from within the VPC only. */
  readonly accessCidrs: readonly string[];
  /** Whether there is a machine in the VPC through which people and pipelines reach the API: see runner.ts. */
  readonly runner: boolean;
  /** Who may use the cluster beside whoever made it, by a name of your own. */
  readonly access: Readonly<Record<string, ClusterAccess>>;
  /** AWS's services that are reached inside the VPC, beside S3: see endpoints.ts for what they cost. */
  readonly endpoints: readonly InterfaceService[];
  readonly flowLogs: FlowLogsArgs;
  readonly nodes: NodesArgs;
  /** What volumes carry that are made for pods, from when it is written: what a backup plan or a bill goes by. Default none. */
  readonly volumeTags?: Readonly<Record<string, string>>;
  /** While the cluster does not answer. Default: an update fails. */
  readonly unreachable?: Unreachable | undefined;
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
  /** For the add-on of that name and for `NodePools`. */
  readonly karpenter: Karpenter;
  /** Instance id of the way in; none where the API is reached from `accessCidrs` alone. */
  readonly runner?: Output<string>;
  /** For Kubernetes objects in this cluster; they wait for nodes and add-ons. */
  readonly kubernetes: kubernetes.Provider;

  constructor(name: string, args: RegionalClusterArgs, opts: ComponentResourceOptions) {
    super("groundwork:cluster:RegionalCluster", name, {}, opts);
    checkAccess(name, args);
    const { kubeProxy } = kubernetesVersion(args.kubernetesVersion, `${name}: kubernetesVersion`);
    this.region = args.region;
    this.network = createNetwork(name, args, this);
    this.key = createKey(name, args, this);
    const { cluster, securityGroupId } = createControlPlane(
      name,
      { ...args, network: this.network, keyArn: this.key.arn },
      this,
    );
    const { network } = this;
    createEndpoints(name, { region: args.region, network, services: args.endpoints }, this);
    createFlowLogs(name, { ...args.flowLogs, ...args, vpcId: network.vpcId, keyArn: this.key.arn }, this);
    for (const [role, access] of Object.entries(args.access))
      createAccess(`${name}-access-${role}`, cluster.name, access, this);
    const runner = args.runner ? [createRunner(name, { network, cluster, securityGroupId }, this)] : [];
    const subnetIds = network.subnets.private.map(({ id }) => id);
    const nodeAddons = createNodeAddons(name, cluster.name, this, { "kube-proxy": kubeProxy });
    const nodes = createNodes(
      name,
      {
        ...args.nodes,
        clusterName: cluster.name,
        version: cluster.version,
        subnetIds,
        addons: nodeAddons,
      },
      this,
    );
    const clusterAddons = createClusterAddons(
      name,
      cluster.name,
      { nodes: nodes.resource, volumeTags: args.volumeTags ?? {} },
      this,
    );
    // Without the runner nobody reaches the API: it comes before all that is in the cluster, and goes after it.
    const ready: Resource[] = [nodes.resource, ...clusterAddons, ...runner];
    const [machine] = runner;
    if (machine !== undefined) this.runner = machine.id;
    this.karpenter = createKarpenter(
      name,
      { accountId: args.accountId, clusterName: cluster.name, subnetIds, securityGroupId },
      this,
    );
    this.clusterName = cluster.name;
    this.securityGroupId = securityGroupId;
    this.autoscalingGroup = nodes.autoscalingGroup;
    this.kubernetes = createKubernetesProvider(name, cluster, args.region, ready, this, args.unreachable);
    this.registerOutputs({ clusterName: this.clusterName });
  }
}

/** The API of a cluster is nobody else's business, and a cluster that nobody reaches is of no use. */
function checkAccess(name: string, { accessCidrs, runner }: RegionalClusterArgs): void {
  const open = accessCidrs.find((cidr) => parseCidr(cidr, `${name}: accessCidrs`).prefix === 0);
  if (open !== undefined)
    throw new BadInput(
      `${name}: accessCidrs has ${open}, the whole internet; write the blocks of your offices, VPN and pipelines.`,
    );
  if (accessCidrs.length === 0 && !runner)
    throw new BadInput(`${name}: accessCidrs is empty and runner is false; write blocks, or runner: true.`);
}
