import type { IEC2NodeClassSpec } from "@kubernetes-models/karpenter/karpenter.k8s.aws/v1/EC2NodeClassSpec";
import type { INodePoolSpec } from "@kubernetes-models/karpenter/karpenter.sh/v1/NodePoolSpec";
import * as kubernetes from "@pulumi/kubernetes";
import { ComponentResource } from "@pulumi/pulumi";
import type { ComponentResourceOptions, Input } from "@pulumi/pulumi";
import { BadInput } from "@groundwork/lib/errors";
import type { Karpenter } from "./karpenter.ts";
import type { Architecture } from "./nodes.ts";
import { stackTags } from "./provider.ts";

/** What Karpenter may launch for workloads. */
export interface WorkloadNodes {
  /** Of the images that run on them; Graviton (`arm64`) costs about a fifth less for the same work. */
  readonly architecture: Architecture;
  /**
   * Whether there is a second pool, of spot machines, for 60 to 90 % less. They go with two minutes' notice, so they refuse
   * all but workloads of several replicas that keep nothing (`SPOT_TAINT`): servers of data tiers, monitoring and single
   * pods stay on machines that stay. https://aws.amazon.com/ec2/spot/pricing/
   */
  readonly spot: boolean;
  /** Cores that all of them together may have; with spot, half of them in each pool. */
  readonly cpu: number;
  /** GiB that all of them together may have. */
  readonly memoryGib: number;
  /** Hours after which a node is exchanged, drained first, so that none misses a security update. */
  readonly expireAfterHours: number;
}

export interface GpuNodes {
  /** GPUs that all of them together may have. An account's quota for them is 0 until it is raised (L-DB2E81BA, G and VT instances). */
  readonly count: number;
}

export interface NodePoolsArgs {
  /** From `RegionalCluster.karpenter`. */
  readonly karpenter: Pick<Karpenter, "nodeRole" | "subnetIds" | "securityGroupId">;
  /** The cluster's name, for the machines' names. */
  readonly clusterName: string;
  readonly workloads: WorkloadNodes;
  /** Only where a system asks for a GPU: g6 or g5 machines with one NVIDIA GPU of 22 or 24 GiB each. */
  readonly gpu?: GpuNodes;
}

/** What GPU nodes refuse pods without, as everybody's device plug-in and charts expect it. */
export const GPU_TAINT = { key: "nvidia.com/gpu", effect: "NoSchedule" } as const;

/** What spot nodes refuse pods without; components/workload/pod.ts says which tolerate it. */
export const SPOT_TAINT = { key: "groundwork/spot", value: "true", effect: "NoSchedule" } as const;

/** What the device plug-in looks for on a node. https://github.com/NVIDIA/k8s-device-plugin#deployment-via-helm */
export const GPU_LABEL = { key: "nvidia.com/gpu.present", value: "true" } as const;

/**
 * The nodes that come and go with the workloads. Needs the cluster's Kubernetes provider in `opts.providers`, and Karpenter
 * (the add-on's release in `dependsOn`), whose kinds these are.
 */
export class NodePools extends ComponentResource {
  constructor(name: string, args: NodePoolsArgs, opts: ComponentResourceOptions) {
    super("groundwork:cluster:NodePools", name, {}, opts);
    checkLimits(name, args);
    createClass(name, "workloads", args, DISK_GIB, this);
    const { spot } = args.workloads;
    createPool(name, "workloads", workloadPool(args.workloads, spot ? 2 : 1), this);
    if (spot) createPool(name, "spot", spotPool(args.workloads), this);
    if (args.gpu !== undefined) {
      createClass(name, "gpu", args, GPU_DISK_GIB, this);
      createPool(name, "gpu", gpuPool(args.gpu, args.workloads), this);
    }
    this.registerOutputs({});
  }
}

/** Of the root volume; images and logs of a node's pods live there. */
const DISK_GIB = 50;
/** Images with CUDA are several GiB each. */
const GPU_DISK_GIB = 100;

type Inputs<T> = { [K in keyof T]: Input<T[K] extends readonly (infer E)[] | undefined ? readonly Inputs<E>[] : T[K]> };
type ClassSpec = Omit<IEC2NodeClassSpec, "role" | "subnetSelectorTerms" | "securityGroupSelectorTerms"> &
  Inputs<Pick<IEC2NodeClassSpec, "role" | "subnetSelectorTerms" | "securityGroupSelectorTerms">>;

function createClass(
  name: string,
  pool: string,
  args: NodePoolsArgs,
  diskGib: number,
  parent: ComponentResource,
): void {
  const { karpenter, clusterName } = args;
  const spec: ClassSpec = {
    // Amazon Linux 2023, the variant that goes with machine and GPU. A newer image exchanges nodes as a drift does, within
    // the budgets. https://karpenter.sh/docs/concepts/nodeclasses/#specamiselectorterms
    amiSelectorTerms: [{ alias: "al2023@latest" }],
    role: karpenter.nodeRole,
    subnetSelectorTerms: karpenter.subnetIds.map((id) => ({ id })),
    securityGroupSelectorTerms: [{ id: karpenter.securityGroupId }],
    // One hop: a pod cannot reach the node's credentials.
    metadataOptions: { httpEndpoint: "enabled", httpTokens: "required", httpPutResponseHopLimit: 1 },
    blockDeviceMappings: [
      {
        deviceName: "/dev/xvda",
        ebs: { volumeType: "gp3", volumeSize: `${diskGib}Gi`, encrypted: true, deleteOnTermination: true },
      },
    ],
    tags: { ...stackTags(), Name: `${clusterName}-${pool}` },
  };
  new kubernetes.apiextensions.CustomResource(
    `${name}-${pool}-class`,
    { apiVersion: "karpenter.k8s.aws/v1", kind: "EC2NodeClass", metadata: { name: pool }, spec },
    { parent },
  );
}

function createPool(name: string, pool: string, spec: INodePoolSpec, parent: ComponentResource): void {
  new kubernetes.apiextensions.CustomResource(
    `${name}-${pool}-pool`,
    { apiVersion: "karpenter.sh/v1", kind: "NodePool", metadata: { name: pool }, spec },
    { parent },
  );
}

type Requirement = INodePoolSpec["template"]["spec"]["requirements"][number];

const among = (key: string, ...values: string[]): Requirement => ({ key, operator: "In", values });

/** https://karpenter.sh/docs/concepts/nodepools/ */
function workloadPool(nodes: WorkloadNodes, pools: number): INodePoolSpec {
  return {
    template: templateOf("workloads", nodes, machines(nodes, "on-demand")),
    disruption: {
      consolidationPolicy: "WhenEmptyOrUnderutilized",
      consolidateAfter: "5m",
      budgets: [{ nodes: "10%" }],
    },
    limits: { cpu: String(Math.ceil(nodes.cpu / pools)), memory: `${Math.ceil(nodes.memoryGib / pools)}Gi` },
  };
}

/** Tried first by the pods that may; without a spot machine to be had they go to the other pool. https://karpenter.sh/docs/concepts/nodepools/#specweight */
function spotPool(nodes: WorkloadNodes): INodePoolSpec {
  const marks = { taints: [SPOT_TAINT], nodeClass: "workloads" };
  return {
    ...workloadPool(nodes, 2),
    template: templateOf("spot", nodes, machines(nodes, "spot"), marks),
    weight: 10,
  };
}

function machines(nodes: WorkloadNodes, capacity: "spot" | "on-demand"): readonly Requirement[] {
  return [
    among("kubernetes.io/arch", nodes.architecture),
    among("karpenter.sh/capacity-type", capacity),
    among("karpenter.k8s.aws/instance-category", "c", "m", "r"),
    { key: "karpenter.k8s.aws/instance-generation", operator: "Gt", values: ["5"] },
    // Below, a node's own pods take most of it; above, the loss of one takes too many pods.
    among("karpenter.k8s.aws/instance-cpu", "4", "8", "16"),
  ];
}

/** Models are loaded for minutes: a GPU node goes when nothing runs on it, and not to save a little. */
function gpuPool(gpu: GpuNodes, nodes: WorkloadNodes): INodePoolSpec {
  return {
    template: templateOf(
      "gpu",
      nodes,
      [
        among("kubernetes.io/arch", "amd64"),
        among("karpenter.sh/capacity-type", "on-demand"),
        among("karpenter.k8s.aws/instance-family", "g6", "g5"),
        among("karpenter.k8s.aws/instance-gpu-count", "1"),
      ],
      { taints: [GPU_TAINT], labels: { [GPU_LABEL.key]: GPU_LABEL.value } },
    ),
    disruption: { consolidationPolicy: "WhenEmpty", consolidateAfter: "10m", budgets: [{ nodes: "1" }] },
    limits: { "nvidia.com/gpu": String(gpu.count) },
  };
}

/** How long pods that refuse to go may hold up a node that must. */
const GRACE = "1h";

/** What nodes of a pool are known by, and keep others away with. */
interface Marks {
  readonly taints?: NonNullable<INodePoolSpec["template"]["spec"]["taints"]>;
  readonly labels?: Readonly<Record<string, string>>;
  /** Default: the class of the pool's own name. */
  readonly nodeClass?: string;
}

function templateOf(
  pool: string,
  { expireAfterHours }: WorkloadNodes,
  requirements: readonly Requirement[],
  { taints = [], labels = {}, nodeClass = pool }: Marks = {},
): INodePoolSpec["template"] {
  return {
    metadata: { labels: { "groundwork/pool": pool, ...labels } },
    spec: {
      nodeClassRef: { group: "karpenter.k8s.aws", kind: "EC2NodeClass", name: nodeClass },
      requirements: [among("kubernetes.io/os", "linux"), ...requirements],
      ...(taints.length > 0 && { taints }),
      expireAfter: `${expireAfterHours}h`,
      terminationGracePeriod: GRACE,
    },
  };
}

function checkLimits(name: string, { workloads, gpu }: NodePoolsArgs): void {
  const whole = { cpu: workloads.cpu, memoryGib: workloads.memoryGib, expireAfterHours: workloads.expireAfterHours };
  for (const [key, value] of Object.entries({ ...whole, ...(gpu && { "gpu.count": gpu.count }) }))
    if (!Number.isInteger(value) || value < 1)
      throw new BadInput(`${name}: ${key} is ${value}; write a whole number from 1.`);
}
