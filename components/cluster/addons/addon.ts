import type { Expansion } from "@groundwork/lib/expanders/expansion";
import type { Resource } from "@pulumi/pulumi";
import type { Statement } from "../iam.ts";
import type { AddonContext } from "./context.ts";
import type { AddonName } from "./names.ts";
import type { AddonNetwork } from "./network.ts";

/** A Helm chart, pinned. */
export interface PinnedChart {
  /** The chart's name, or an `oci://` reference to it. */
  readonly chart: string;
  /** HTTPS address of the chart repository; none for an `oci://` chart. */
  readonly repository?: string;
  /** Exact version. */
  readonly version: string;
  /** Where the version was read. */
  readonly source: string;
}

/** What an add-on that EKS manages may know. */
export interface ManagedContext {
  readonly replicas: number;
  /** What every volume that is made for a claim carries at AWS. */
  readonly volumeTags: Readonly<Record<string, string>>;
}

/** An add-on that EKS itself installs and keeps running. */
export interface ManagedByEks {
  /** EKS's name of it. */
  readonly addonName: string;
  readonly version: string;
  /** `aws eks describe-addon-configuration` gives its schema. */
  readonly configuration?: (context: ManagedContext) => object;
  /** When it is active before there is a node, or needs one to become active. */
  readonly before: "nodes" | "workloads";
}

/** What an add-on's pods may do at AWS, by EKS Pod Identity. */
export interface Identity {
  /** The service account that the chart makes. */
  readonly serviceAccount: string;
  /** AWS-managed policies by their names, with the path where they have one: `service-role/AmazonEBSCSIDriverPolicyV2`. */
  readonly policies?: readonly string[];
  readonly statements?: (context: AddonContext) => readonly Statement[];
}

/** https://kubernetes.io/docs/concepts/security/pod-security-standards/ */
export type PodSecurity = "restricted" | "baseline" | "privileged";

/** Where an add-on's further resources go. */
export interface Scope {
  /** Prefix of logical names: `<cluster's add-ons>-<add-on>`. */
  readonly name: string;
  /** The component; it hands on both providers. */
  readonly parent: Resource;
  readonly namespace: string;
  /** What must be there before them. */
  readonly dependsOn: readonly Resource[];
}

/** Pods that Prometheus asks for metrics, where their chart makes no monitor for them. */
export interface MonitoredPods {
  /** Of the PodMonitor. */
  readonly name: string;
  readonly pods: Readonly<Record<string, string>>;
  readonly port: number;
  /** Default `/metrics`. */
  readonly path?: string;
  /** Whether pods of every namespace are meant; default: the add-on's own. */
  readonly everywhere?: boolean;
}

interface Common {
  readonly name: AddonName;
  /** What it is for, in one sentence: the table in docs/add-ons.md is made from it. */
  readonly why: string;
  /** What must stand before it. */
  readonly needs: readonly AddonName[];
  /** What it comes after where both are installed, e.g. the kinds of objects that it only makes if they exist. */
  readonly after?: readonly AddonName[];
  readonly namespace: string;
  readonly identity?: Identity;
  /** What the environment has not been told that it needs, as a clause after the add-on's name. */
  readonly lacks?: (context: AddonContext) => string | undefined;
  /** Made before it: secrets, queues. */
  readonly prerequisites?: (context: AddonContext, scope: Scope) => readonly Resource[];
  /** Made once it runs, mostly of kinds that it brings: issuers, stores, node pools. */
  readonly objects?: (context: AddonContext, scope: Scope) => readonly Resource[];
}

/** An add-on that is released by Helm; `V` are the chart values that we set. */
export interface HelmAddon<V extends object = object> extends Common {
  readonly release: PinnedChart;
  values(context: AddonContext): V;
  /** Level of its namespace; add-ons that share one state the same. Default `restricted`. */
  readonly podSecurity?: PodSecurity;
  /** What may flow to and from its pods; the rest of its namespace is closed. */
  readonly network?: (context: AddonContext) => AddonNetwork;
  /** Who closes its namespace instead, in words for the documentation. */
  readonly guardedBy?: string;
  /** Pods that its chart makes no monitor for. */
  readonly monitors?: readonly MonitoredPods[];
  /** Why it has no metrics that a monitor here or of its chart takes, in words for the documentation. */
  readonly unmeasured?: string;
  /** How long Helm waits for its pods in seconds; default 600. */
  readonly timeout?: number;
  /** Pods in its namespace beside the release's own, which its controller makes or an autoscaler adds: the quota has room for them. */
  readonly room?: readonly Expansion[];
}

export interface ManagedAddon extends Common {
  readonly managed: ManagedByEks;
  readonly namespace: "kube-system";
}

export type Addon = HelmAddon | ManagedAddon;

export function isManaged(addon: Addon): addon is ManagedAddon {
  return "managed" in addon;
}
