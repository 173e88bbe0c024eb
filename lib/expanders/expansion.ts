import type { Amounts, PodContainer, Pods } from "../pods.ts";

export type Plain = Readonly<Record<string, unknown>>;

/** A toleration as Kubernetes writes it. https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/ */
export interface Toleration {
  readonly key?: string;
  readonly operator?: "Exists" | "Equal";
  readonly value?: string;
  readonly effect?: "NoSchedule" | "PreferNoSchedule" | "NoExecute";
}

/** Pods that a Release, a managed add-on or a custom resource makes, which the engine never sees as resources. */
export interface ExpandedWorkload {
  readonly kind: "Deployment" | "StatefulSet" | "DaemonSet" | "Job" | "CronJob";
  readonly namespace: string;
  readonly name: string;
  readonly pods: Pods;
  readonly labels?: Readonly<Record<string, string>>;
  readonly nodeSelector?: Readonly<Record<string, string>>;
  readonly tolerations?: readonly Toleration[];
  readonly priorityClassName?: string;
}

/** Volumes that it claims: `count` claims of `bytes` each. */
export interface ExpandedClaim {
  readonly namespace: string;
  readonly name: string;
  readonly count: number;
  readonly bytes: number;
  /** Default: the cluster's default class. */
  readonly storageClass?: string;
}

export interface ExpandedService {
  readonly namespace: string;
  readonly name: string;
  readonly ports: readonly number[];
}

/** Everything that runs or is kept because of one Release, managed add-on or custom resource. */
export interface Expansion {
  readonly workloads: readonly ExpandedWorkload[];
  readonly claims: readonly ExpandedClaim[];
  readonly services?: readonly ExpandedService[];
}

/** It may hide pods, and nobody has said which: why, in one sentence. */
export interface Unexpanded {
  readonly unknown: string;
}

/** A Helm release, as its chart's expander is given it. */
export interface ReleaseInputs {
  /** Of the release: the prefix of most objects' names. */
  readonly name: string;
  readonly namespace: string;
  readonly version: string;
  readonly values: Plain;
}

/** What is known of a Helm chart beside its values' meaning. */
export interface Chart {
  /** The chart's own name, e.g. `karpenter`. */
  readonly name: string;
  /** The version whose defaults the expander holds. */
  readonly version: string;
  /** Top-level keys of its documented values. */
  readonly keys: readonly string[];
  /** The chart's values.yaml or values.schema.json from which `keys` and defaults were read. */
  readonly source: string;
  readonly expand: (release: ReleaseInputs) => Expansion;
}

/** A custom resource, as its kind's expander is given it. */
export interface ObjectInputs {
  readonly namespace: string;
  readonly name: string;
  readonly spec: Plain;
  readonly metadata: Plain;
}

export type KindExpander = (object: ObjectInputs) => Expansion;

export const NOTHING: Expansion = { workloads: [], claims: [] };

export function isUnexpanded(expansion: Expansion | Unexpanded): expansion is Unexpanded {
  return "unknown" in expansion;
}

/** Several parts of one release as one. */
export function merged(...parts: readonly (Expansion | undefined)[]): Expansion {
  const given = parts.filter((part) => part !== undefined);
  return {
    workloads: given.flatMap(({ workloads }) => workloads),
    claims: given.flatMap(({ claims }) => claims),
    services: given.flatMap(({ services }) => services ?? []),
  };
}

export type { Amounts, PodContainer, Pods };
