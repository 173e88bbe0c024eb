import * as aws from "@pulumi/aws";
import type { Input, Resource } from "@pulumi/pulumi";
import { createRole } from "../iam.ts";
import type { ManagedAddon, ManagedContext } from "./addon.ts";
import { MANAGED_ADDONS } from "./managed-addons.ts";

/** Pods of each EKS-managed Deployment: what EKS itself runs. */
const REPLICAS = 2;

/** Versions, by EKS's name of the add-on, where they go with that of the cluster. */
type Versions = Readonly<Record<string, string>>;

/** What a node needs before it can become ready: they run on every node, so they are active before there is one. */
export function createNodeAddons(
  name: string,
  clusterName: Input<string>,
  parent: Resource,
  versions: Versions = {},
): Resource[] {
  return createAll(name, clusterName, { before: "nodes", dependsOn: [], versions }, parent);
}

export interface ClusterAddonsChoices {
  /** They become active only when there are nodes to run on. */
  readonly nodes: Resource;
  /** Of volumes that are made for claims; see `ManagedContext`. */
  readonly volumeTags: Readonly<Record<string, string>>;
}

/** What runs as a Deployment. */
export function createClusterAddons(
  name: string,
  clusterName: Input<string>,
  { nodes, volumeTags }: ClusterAddonsChoices,
  parent: Resource,
): Resource[] {
  return createAll(name, clusterName, { before: "workloads", dependsOn: [nodes], volumeTags }, parent);
}

interface Which {
  readonly before: ManagedAddon["managed"]["before"];
  readonly dependsOn: readonly Resource[];
  readonly versions?: Versions;
  readonly volumeTags?: Readonly<Record<string, string>>;
}

function createAll(
  name: string,
  clusterName: Input<string>,
  { before, dependsOn, versions = {}, volumeTags = {} }: Which,
  parent: Resource,
): Resource[] {
  const context = { replicas: REPLICAS, volumeTags };
  const made = new Map<string, Resource>();
  for (const addon of MANAGED_ADDONS.filter(({ managed }) => managed.before === before)) {
    const needed = addon.needs.flatMap((need) => made.get(need) ?? []);
    const opts = { parent, dependsOn: [...dependsOn, ...needed] };
    made.set(addon.name, createAddon(name, clusterName, pinned(addon, versions), context, opts));
  }
  return [...made.values()];
}

function pinned(addon: ManagedAddon, versions: Versions): ManagedAddon {
  const version = versions[addon.managed.addonName];
  return version === undefined ? addon : { ...addon, managed: { ...addon.managed, version } };
}

function createAddon(
  name: string,
  clusterName: Input<string>,
  { managed, identity }: ManagedAddon,
  context: ManagedContext,
  { parent, dependsOn }: { readonly parent: Resource; readonly dependsOn: readonly Resource[] },
): aws.eks.Addon {
  const role =
    identity && createRole(`${name}-${managed.addonName}`, "pods.eks.amazonaws.com", identity.policies ?? [], parent);
  const configuration = managed.configuration?.(context);
  return new aws.eks.Addon(
    `${name}-${managed.addonName}`,
    {
      clusterName,
      addonName: managed.addonName,
      addonVersion: managed.version,
      ...(configuration ? { configurationValues: JSON.stringify(configuration) } : {}),
      ...(role && identity
        ? { podIdentityAssociations: [{ roleArn: role.role.arn, serviceAccount: identity.serviceAccount }] }
        : {}),
      resolveConflictsOnCreate: "OVERWRITE",
      resolveConflictsOnUpdate: "OVERWRITE",
    },
    { parent, dependsOn: [...dependsOn, ...(role?.attachments ?? [])] },
  );
}
