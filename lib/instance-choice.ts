import { type InstanceType, allocatable, instanceType } from "./instances.ts";

/** A type that Karpenter could take, with the labels that its nodes get. */
export interface Candidate {
  readonly name: string;
  readonly cpu: number;
  readonly memory: number;
  readonly gpus: number;
  readonly labels: Readonly<Record<string, string>>;
}

const SIZES = ["medium", "large", "xlarge", ...[2, 4, 8, 12, 16, 24, 32, 48].map((times) => `${times}xlarge`)];
const FAMILIES = ["c", "m", "r"].flatMap((letter) =>
  [5, 6, 7, 8].flatMap((generation) => ["", "i", "a", "g"].map((maker) => `${letter}${generation}${maker}`)),
);

const GRAPHICS = ["g5", "g6", "g6e"];

/**
 * Every type that lib/instances.ts knows, the smallest and newest first, those with a GPU last: what Karpenter's price
 * order comes to on demand.
 */
export const CANDIDATES: readonly Candidate[] = [...FAMILIES, "t3", "t3a", "t4g", ...GRAPHICS]
  .flatMap((family) => SIZES.map((size) => `${family}.${size}`))
  .flatMap((name) => {
    const type = instanceType(name);
    return type === undefined ? [] : [candidate(name, type)];
  })
  .sort((a, b) => a.gpus - b.gpus || a.cpu - b.cpu || a.memory - b.memory || b.name.localeCompare(a.name));

/** https://karpenter.sh/docs/concepts/scheduling/#labels */
function candidate(name: string, type: InstanceType): Candidate {
  const [family = "", size = ""] = name.split(".");
  const generation = /\d/.exec(family)?.[0] ?? "";
  const room = allocatable(type);
  return {
    name,
    cpu: room.cpu,
    memory: room.memory,
    gpus: room.gpus ?? 0,
    labels: {
      "node.kubernetes.io/instance-type": name,
      "kubernetes.io/arch": architectureOf(name),
      "kubernetes.io/os": "linux",
      "karpenter.k8s.aws/instance-family": family,
      "karpenter.k8s.aws/instance-size": size,
      "karpenter.k8s.aws/instance-category": family.charAt(0),
      "karpenter.k8s.aws/instance-generation": generation,
      "karpenter.k8s.aws/instance-cpu": String(type.vcpu),
      "karpenter.k8s.aws/instance-memory": mebibytes(type.memory),
      "karpenter.k8s.aws/instance-hypervisor": "nitro",
      ...(type.gpu && {
        "karpenter.k8s.aws/instance-gpu-manufacturer": "nvidia",
        "karpenter.k8s.aws/instance-gpu-count": String(type.gpu.count),
        "karpenter.k8s.aws/instance-gpu-memory": mebibytes(type.gpu.memory),
      }),
    },
  };
}

function mebibytes(bytes: number): string {
  return String(Math.round(bytes / 2 ** 20));
}

/** Graviton families carry a g right after the generation. https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-type-names.html */
export function architectureOf(type: string): "amd64" | "arm64" {
  return /^(a1|[a-z]+\d+g)/.test(type) ? "arm64" : "amd64";
}
