import * as aws from "@pulumi/aws";
import type { Input, Output, Resource } from "@pulumi/pulumi";
import { createRole } from "./iam.ts";

/**
 * The managed nodes of a cluster: its system pool, on which CoreDNS, Karpenter and the other controllers run, and workloads
 * too unless `systemOnly` keeps them off. What changes them:
 *
 * - `min`, `max`, `desired`, `systemOnly` and a new Kubernetes version: in place. With a new version, or a new launch
 *   template, EKS adds nodes, then drains and ends the old ones one at a time, with respect to disruption budgets.
 * - `instanceType`: EKS cannot change it, so there is a new node group. Its name is not fixed, so that it is made first and
 *   only when its nodes are ready the old group is drained and ended: the cluster always has nodes.
 */
export interface NodesArgs {
  /** EC2 instance type, e.g. `m7i.large`; Graviton types (`m7g`) get the matching image. */
  readonly instanceType: string;
  readonly min: number;
  readonly max: number;
  /**
   * How many run. Nothing else changes the number in this release, so `up` keeps it: raise it before a load that needs
   * more nodes than the pods' autoscalers can fill.
   */
  readonly desired: number;
  /**
   * Whether they refuse what does not tolerate `CriticalAddonsOnly`, so that workloads run on Karpenter's nodes alone;
   * default false. Pods that run already stay.
   */
  readonly systemOnly?: boolean;
}

/** What system pods tolerate: EKS's own add-ons do by themselves. https://karpenter.sh/docs/concepts/nodepools/ */
export const SYSTEM_TAINT = { key: "CriticalAddonsOnly", value: "true" } as const;

/** What the managed nodes are found by. */
export const SYSTEM_LABELS = { "groundwork/pool": "system" } as const;

export interface NodeGroup {
  readonly resource: aws.eks.NodeGroup;
  /** The auto scaling group behind it, to which the balancer's target groups are attached. */
  readonly autoscalingGroup: Output<string>;
}

export type Architecture = "amd64" | "arm64";

/** Of the root volume; images and logs of a node's pods live there. */
const DISK_GIB = 50;

/** `g` after the generation means Graviton. https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-type-names.html */
export function architectureOf(instanceType: string): Architecture {
  return /^([a-z]+\d+g[a-z]*|a1)\./.test(instanceType) ? "arm64" : "amd64";
}

export function createNodes(
  name: string,
  args: NodesArgs & {
    readonly clusterName: Input<string>;
    readonly version: Input<string>;
    readonly subnetIds: readonly Input<string>[];
    /** Without network add-ons no node becomes ready. */
    readonly addons: readonly Resource[];
  },
  parent: Resource,
): NodeGroup {
  const { role, attachments } = createRole(
    `${name}-node`,
    "ec2.amazonaws.com",
    ["AmazonEKSWorkerNodeMinimalPolicy", "AmazonEC2ContainerRegistryPullOnly"],
    parent,
  );
  const template = createLaunchTemplate(name, parent);
  const resource = new aws.eks.NodeGroup(
    `${name}-nodes`,
    {
      clusterName: args.clusterName,
      version: args.version,
      nodeRoleArn: role.arn,
      subnetIds: [...args.subnetIds],
      amiType: architectureOf(args.instanceType) === "arm64" ? "AL2023_ARM_64_STANDARD" : "AL2023_x86_64_STANDARD",
      capacityType: "ON_DEMAND",
      instanceTypes: [args.instanceType],
      launchTemplate: { id: template.id, version: template.latestVersion.apply(String) },
      scalingConfig: { minSize: args.min, maxSize: args.max, desiredSize: args.desired },
      updateConfig: { maxUnavailable: 1 },
      labels: SYSTEM_LABELS,
      ...(args.systemOnly === true && { taints: [{ ...SYSTEM_TAINT, effect: "NO_SCHEDULE" }] }),
    },
    { parent, dependsOn: [...attachments, ...args.addons] },
  );
  return { resource, autoscalingGroup: resource.resources.apply(firstGroup) };
}

function createLaunchTemplate(name: string, parent: Resource): aws.ec2.LaunchTemplate {
  return new aws.ec2.LaunchTemplate(
    `${name}-nodes`,
    {
      // One hop: a pod cannot reach the node's credentials. https://docs.aws.amazon.com/eks/latest/best-practices/identity-and-access-management.html
      metadataOptions: { httpEndpoint: "enabled", httpTokens: "required", httpPutResponseHopLimit: 1 },
      blockDeviceMappings: [
        {
          deviceName: "/dev/xvda",
          ebs: { volumeType: "gp3", volumeSize: DISK_GIB, encrypted: "true", deleteOnTermination: "true" },
        },
      ],
      tagSpecifications: ["instance", "volume"].map((resourceType) => ({
        resourceType,
        tags: { Name: `${name}-node` },
      })),
      updateDefaultVersion: true,
    },
    { parent },
  );
}

function firstGroup(resources: readonly aws.types.output.eks.NodeGroupResource[]): string {
  const group = resources[0]?.autoscalingGroups?.[0]?.name;
  if (group === undefined) throw new Error("EKS reported a node group without an auto scaling group.");
  return group;
}
