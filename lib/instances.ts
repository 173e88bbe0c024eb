import { BadInput } from "./errors.ts";

/** What an EC2 instance type brings, and what of it a Kubernetes node leaves to pods. */
export interface InstanceType {
  readonly vcpu: number;
  /** Bytes, as AWS advertises them. */
  readonly memory: number;
  /**
   * Pods by network addresses: an address of its own for each, as the VPC CNI does by default (no prefix delegation), and
   * before EKS's own cap.
   */
  readonly maxPods: number;
  readonly gpu?: Gpu;
}

/** The NVIDIA GPUs of an instance type. */
export interface Gpu {
  readonly count: number;
  /** Bytes of one of them. */
  readonly memory: number;
}

/** What pods may request on a node. */
export interface Allocatable {
  /** Cores. */
  readonly cpu: number;
  /** Bytes. */
  readonly memory: number;
  readonly pods: number;
  /** `nvidia.com/gpu`, once the device plugin runs; none where the type has no GPU. */
  readonly gpus?: number;
}

const MEBIBYTE = 2 ** 20;
const GIBIBYTE = 2 ** 30;

type Pods = Readonly<Record<string, number>>;

/**
 * Pods by size: addresses of the network interfaces, from AWS's own table.
 * https://github.com/awslabs/amazon-eks-ami/blob/main/templates/shared/runtime/eni-max-pods.txt
 */
const LARGE: Pods = { large: 29, xlarge: 58, "2xlarge": 58, "4xlarge": 234 };
const MEDIUM: Pods = { medium: 8, ...LARGE };
const TO_16: Pods = { "8xlarge": 234, "12xlarge": 234, "16xlarge": 737 };
const TO_24: Pods = { ...TO_16, "24xlarge": 737 };
const C5: Pods = { "9xlarge": 234, "12xlarge": 234, "18xlarge": 737, "24xlarge": 737 };
const INTEL_8: Pods = {
  large: 59,
  xlarge: 118,
  "2xlarge": 118,
  "4xlarge": 394,
  "8xlarge": 492,
  "12xlarge": 590,
  "16xlarge": 1010,
};
const AMD_8: Pods = {
  medium: 8,
  large: 59,
  xlarge: 78,
  "2xlarge": 158,
  "4xlarge": 314,
  "8xlarge": 392,
  "12xlarge": 758,
  "16xlarge": 1010,
};

/** The sizes of each generation, by what follows the family's letter. https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-type-names.html */
const GENERATIONS: readonly { readonly families: string; readonly sizes: Pods }[] = [
  { families: "m5 m5a m5d m5ad r5 r5a r5b r5d r5ad c5a c5ad", sizes: { ...LARGE, ...TO_24 } },
  { families: "c5 c5d", sizes: { ...LARGE, ...C5 } },
  { families: "m6g m6gd c6g c6gd r6g r6gd m7g m7gd c7g c7gd r7g r7gd", sizes: { ...MEDIUM, ...TO_16 } },
  { families: "m6i m6id c6i c6id r6i r6id", sizes: { ...LARGE, ...TO_24, "32xlarge": 737 } },
  { families: "m6a c6a r6a", sizes: { ...LARGE, ...TO_24, "32xlarge": 737, "48xlarge": 737 } },
  { families: "m7a c7a r7a", sizes: { ...MEDIUM, ...TO_24, "32xlarge": 737, "48xlarge": 737 } },
  { families: "m7i c7i r7i", sizes: { ...LARGE, ...TO_24, "48xlarge": 737 } },
  { families: "m7i-flex c7i-flex", sizes: { ...LARGE, ...TO_16 } },
  { families: "m8g m8gd c8g c8gd r8g r8gd", sizes: { ...MEDIUM, ...TO_24, "48xlarge": 737 } },
  {
    families: "m8i c8i r8i",
    sizes: { ...INTEL_8, "24xlarge": 1010, "32xlarge": 1514, "48xlarge": 1514, "96xlarge": 1514 },
  },
  { families: "m8i-flex c8i-flex r8i-flex", sizes: INTEL_8 },
  { families: "m8a c8a r8a", sizes: { ...AMD_8, "24xlarge": 1010, "48xlarge": 1514 } },
];

/**
 * Memory of each vCPU in GiB: compute, general purpose, memory optimised.
 * https://aws.amazon.com/ec2/instance-types/
 */
const GIB_PER_VCPU: Readonly<Record<string, number>> = { c: 2, m: 4, r: 8 };

/** Burstable types: vCPU, GiB, pods. https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/burstable-performance-instances.html */
const BURSTABLE: Readonly<Record<string, readonly [vcpu: number, gib: number, pods: Pods]>> = {
  nano: [2, 0.5, { t3: 4, t3a: 4, t4g: 4 }],
  micro: [2, 1, { t3: 4, t3a: 4, t4g: 4 }],
  small: [2, 2, { t3: 11, t3a: 8, t4g: 11 }],
  medium: [2, 4, { t3: 17, t3a: 17, t4g: 17 }],
  large: [2, 8, { t3: 35, t3a: 35, t4g: 35 }],
  xlarge: [4, 16, { t3: 58, t3a: 58, t4g: 58 }],
  "2xlarge": [8, 32, { t3: 58, t3a: 58, t4g: 58 }],
};

/**
 * GPU families: memory of each vCPU in GiB, of each GPU in MiB, and pods by size.
 * https://karpenter.sh/docs/reference/instance-types/#g5-family
 */
const GRAPHICS: Readonly<Record<string, { readonly gib: number; readonly gpuMib: number; readonly sizes: Pods }>> = {
  g5: { gib: 4, gpuMib: 24_576, sizes: { ...gpuSizes(737, 234), "24xlarge": 737, "48xlarge": 345 } },
  g6: { gib: 4, gpuMib: 22_888, sizes: { ...gpuSizes(234, 737), "24xlarge": 737, "48xlarge": 737 } },
  g6e: { gib: 8, gpuMib: 45_776, sizes: { ...gpuSizes(292, 737), "24xlarge": 492, "48xlarge": 492 } },
};

function gpuSizes(twelve: number, sixteen: number): Pods {
  return { xlarge: 58, "2xlarge": 58, "4xlarge": 234, "8xlarge": 234, "12xlarge": twelve, "16xlarge": sixteen };
}

/** How many GPUs the larger sizes of these families have; the others have one. Same source. */
const GPUS: Readonly<Record<string, number>> = { "12xlarge": 4, "24xlarge": 4, "48xlarge": 8 };

/** The current m, c, r, t, g5 and g6 families (network-optimised and bare-metal variants are not listed); else `undefined`. */
export function instanceType(name: string): InstanceType | undefined {
  const [family = "", size = "", ...rest] = name.split(".");
  return rest.length > 0 ? undefined : (burstable(family, size) ?? graphics(family, size) ?? scaled(family, size));
}

/** What an EKS managed node of a named type leaves to pods. */
export function allocatableOf(name: string): Allocatable {
  const type = instanceType(name);
  if (type === undefined)
    throw new BadInput(
      `allocatableOf: instanceType is "${name}"; write a type of the families m, c, r, t, g5 or g6 that lib/instances.ts lists, e.g. "m7i.xlarge".`,
    );
  return allocatable(type);
}

function graphics(family: string, size: string): InstanceType | undefined {
  const known = Object.hasOwn(GRAPHICS, family) ? GRAPHICS[family] : undefined;
  const maxPods = known && Object.hasOwn(known.sizes, size) ? known.sizes[size] : undefined;
  const vcpu = vcpusOf(size);
  if (known === undefined || maxPods === undefined || vcpu === undefined) return undefined;
  const gpu = { count: GPUS[size] ?? 1, memory: known.gpuMib * MEBIBYTE };
  return { vcpu, memory: vcpu * known.gib * GIBIBYTE, maxPods, gpu };
}

function burstable(family: string, size: string): InstanceType | undefined {
  if (!Object.hasOwn(BURSTABLE, size)) return undefined;
  const [vcpu, gib, pods] = BURSTABLE[size] ?? [0, 0, {}];
  const maxPods = Object.hasOwn(pods, family) ? pods[family] : undefined;
  return maxPods === undefined ? undefined : { vcpu, memory: gib * GIBIBYTE, maxPods };
}

/** The families whose memory and cores grow with the size by one rule. */
function scaled(family: string, size: string): InstanceType | undefined {
  const sizes = GENERATIONS.find(({ families }) => families.split(" ").includes(family))?.sizes ?? {};
  const maxPods = Object.hasOwn(sizes, size) ? sizes[size] : undefined;
  const ratio = GIB_PER_VCPU[family.charAt(0)];
  const vcpu = vcpusOf(size);
  if (maxPods === undefined || ratio === undefined || vcpu === undefined) return undefined;
  return { vcpu, memory: vcpu * ratio * GIBIBYTE, maxPods };
}

/** `medium` 1, `large` 2, `xlarge` 4, `<n>xlarge` 4n; not so for burstable types. */
function vcpusOf(size: string): number | undefined {
  if (size === "medium") return 1;
  if (size === "large") return 2;
  const [, times] = /^(\d*)xlarge$/.exec(size) ?? [];
  return times === undefined ? undefined : 4 * Number(times || 1);
}

/** The share of advertised memory that the hypervisor and kernel keep. https://karpenter.sh/docs/reference/settings/ (VM_MEMORY_OVERHEAD_PERCENT) */
const HYPERVISOR_SHARE = 0.075;

/** `evictionHard: memory.available` of EKS nodes. https://github.com/awslabs/amazon-eks-ami/blob/main/nodeadm/internal/kubelet/config.go */
const EVICTION = 100 * MEBIBYTE;

/** Share of each further core that EKS reserves for the kubelet and container runtime, up to so many cores; same source. */
const CPU_RESERVED: readonly { readonly upTo: number; readonly share: number }[] = [
  { upTo: 1, share: 0.06 },
  { upTo: 2, share: 0.01 },
  { upTo: 4, share: 0.005 },
  { upTo: Infinity, share: 0.0025 },
];

/** What an EKS managed node of a type leaves to pods. */
export function allocatable({ vcpu, memory, maxPods, gpu }: InstanceType): Allocatable {
  return {
    cpu: vcpu - cpuReserved(vcpu),
    memory: memory * (1 - HYPERVISOR_SHARE) - (255 + 11 * maxPods) * MEBIBYTE - EVICTION,
    pods: Math.min(maxPods, podCap(vcpu)),
    ...(gpu !== undefined && { gpus: gpu.count }),
  };
}

/** Managed node groups cap maxPods. https://docs.aws.amazon.com/eks/latest/userguide/cni-increase-ip-addresses-procedure.html */
function podCap(vcpu: number): number {
  return vcpu < 30 ? 110 : 250;
}

function cpuReserved(vcpu: number): number {
  let reserved = 0;
  let from = 0;
  for (const { upTo, share } of CPU_RESERVED) {
    reserved += Math.max(0, Math.min(vcpu, upTo) - from) * share;
    from = upTo;
  }
  return reserved;
}
