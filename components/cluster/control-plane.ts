import * as aws from "@pulumi/aws";
import type { Input, Output, Resource } from "@pulumi/pulumi";
import { createRole } from "./iam.ts";
import type { Network } from "./network.ts";

export interface ControlPlaneArgs {
  /** The cluster's name at AWS, at most 100 letters, digits, `-` and `_`; it also names the log group. */
  readonly clusterName: string;
  /**
   * Minor version, e.g. `1.36`: see lib/kubernetes-versions.ts. It goes up in place, one minor version at a time: the
   * control plane, then what EKS runs on the nodes, then the nodes one by one. EKS takes it no way down but, within 7 days, by
   * `aws eks update-cluster-version`. https://docs.aws.amazon.com/eks/latest/userguide/rollback-cluster.html
   */
  readonly kubernetesVersion: string;
  readonly network: Network;
  /** ARN of the key that encrypts Kubernetes secrets in etcd, and the logs. */
  readonly keyArn: Input<string>;
  /** From where the public API endpoint is reachable; none leaves the endpoint inside the VPC only. */
  readonly accessCidrs: readonly string[];
  /** Whether the cluster refuses deletion, by EKS and by the engine: with it go all volumes' claims. */
  readonly protect: boolean;
}

export interface ControlPlane {
  readonly cluster: aws.eks.Cluster;
  /** EKS makes it and puts every node in it: what may talk to nodes and pods is decided here. */
  readonly securityGroupId: Output<string>;
}

/** Outside every private range that a VPC here may use, as EKS would pick it. https://docs.aws.amazon.com/eks/latest/APIReference/API_KubernetesNetworkConfigRequest.html */
const SERVICE_CIDR = "172.20.0.0/16";

const LOG_RETENTION_DAYS = 90;

export function createControlPlane(name: string, args: ControlPlaneArgs, parent: Resource): ControlPlane {
  const { role, attachments } = createRole(`${name}-cluster`, "eks.amazonaws.com", ["AmazonEKSClusterPolicy"], parent);
  const logs = createLogGroup(name, args, parent);
  const cluster = new aws.eks.Cluster(
    `${name}-cluster`,
    {
      name: args.clusterName,
      version: args.kubernetesVersion,
      roleArn: role.arn,
      vpcConfig: {
        subnetIds: args.network.subnets.private.map(({ id }) => id),
        endpointPrivateAccess: true,
        endpointPublicAccess: args.accessCidrs.length > 0,
        ...(args.accessCidrs.length > 0 ? { publicAccessCidrs: [...args.accessCidrs] } : {}),
      },
      accessConfig: { authenticationMode: "API", bootstrapClusterCreatorAdminPermissions: true },
      kubernetesNetworkConfig: { ipFamily: "ipv4", serviceIpv4Cidr: SERVICE_CIDR },
      encryptionConfig: { provider: { keyArn: args.keyArn }, resources: ["secrets"] },
      enabledClusterLogTypes: ["api", "audit", "authenticator", "controllerManager", "scheduler"],
      // Networking is installed as managed add-ons instead (addons/managed.ts), which have versions that can be read and raised.
      bootstrapSelfManagedAddons: false,
      // Extended support costs six times as much an hour; EKS upgrades instead. https://aws.amazon.com/eks/pricing/
      upgradePolicy: { supportType: "STANDARD" },
      deletionProtection: args.protect,
    },
    { parent, protect: args.protect, dependsOn: [...attachments, logs, ...args.network.routes] },
  );
  return { cluster, securityGroupId: cluster.vpcConfig.clusterSecurityGroupId };
}

/** Made before the cluster, which would otherwise make it itself, with logs that never expire. */
function createLogGroup(
  name: string,
  { clusterName, keyArn }: ControlPlaneArgs,
  parent: Resource,
): aws.cloudwatch.LogGroup {
  return new aws.cloudwatch.LogGroup(
    `${name}-cluster-logs`,
    { name: `/aws/eks/${clusterName}/cluster`, retentionInDays: LOG_RETENTION_DAYS, kmsKeyId: keyArn },
    { parent },
  );
}
