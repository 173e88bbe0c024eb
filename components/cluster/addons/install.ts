import * as kubernetes from "@pulumi/kubernetes";
import { ComponentResource } from "@pulumi/pulumi";
import type { ComponentResourceOptions, Resource } from "@pulumi/pulumi";
import { BadInput } from "@groundwork/lib/errors";
import { podIdentity } from "../pod-identity.ts";
import { isManaged } from "./addon.ts";
import type { Addon, HelmAddon, Identity, Scope } from "./addon.ts";
import type { ChosenAddon } from "./choose.ts";
import type { AddonContext } from "./context.ts";
import { createMonitors } from "./monitors.ts";
import { createNamespaces } from "./namespaces.ts";
import type { Released } from "./namespaces.ts";
import { laidOver } from "./overlay.ts";

export interface ClusterAddonsArgs extends Omit<AddonContext, "installed" | "replicas"> {
  /** What is installed, in order: see `chooseAddons`. */
  readonly addons: readonly ChosenAddon[];
  /** Pods of each controller that can have several; default 2. */
  readonly replicas?: number;
}

/** Helm's own default is 5 minutes; a first pull of several images on fresh nodes takes longer. https://helm.sh/docs/helm/helm_install/ */
const TIMEOUT_SECONDS = 600;

/**
 * The add-ons of one cluster, each after what it needs: its namespace, its identity at AWS, its pinned Helm release and
 * the objects that belong to it. What EKS manages is made with the cluster itself; only its objects are made here.
 * Needs the cluster's Kubernetes provider and the region's AWS provider in `opts.providers`.
 */
export class ClusterAddons extends ComponentResource {
  /** What a workload that uses add-ons waits for. */
  readonly ready: readonly Resource[];

  constructor(name: string, args: ClusterAddonsArgs, opts: ComponentResourceOptions) {
    super("groundwork:cluster:ClusterAddons", name, {}, opts);
    const { addons, replicas = 2, ...cluster } = args;
    const installed = new Set(addons.map(({ addon }) => addon.name));
    const contextOf = ({ overrides }: ChosenAddon): AddonContext => ({
      ...cluster,
      installed,
      replicas: overrides.replicas ?? replicas,
    });
    for (const chosen of addons) checkSettings(chosen.addon, contextOf(chosen));
    const released = addons.map((chosen): Released => {
      const context = contextOf(chosen);
      return { addon: chosen.addon, context, values: releaseValues(chosen, context) };
    });
    const namespaces = createNamespaces(name, released, this);
    const made = new Map<string, readonly Resource[]>();
    for (const chosen of released) {
      const { needs, after = [] } = chosen.addon;
      const needed = [...needs, ...after].flatMap((need) => made.get(need) ?? []);
      made.set(chosen.addon.name, install(name, chosen, [...needed, ...namespaces], this));
    }
    this.ready = [...made.values()].flat();
    this.registerOutputs({ installed: [...installed] });
  }
}

function checkSettings(addon: Addon, context: AddonContext): void {
  const lacking = addon.lacks?.(context);
  if (lacking !== undefined) throw new BadInput(`addons: ${addon.name} ${lacking}; or write ${addon.name}: false.`);
}

function releaseValues({ addon, overrides }: ChosenAddon, context: AddonContext): object {
  return isManaged(addon) ? {} : laidOver(addon.values(context), overrides.values ?? {});
}

function install(
  prefix: string,
  { addon, values, context }: Released,
  dependsOn: readonly Resource[],
  parent: ComponentResource,
): readonly Resource[] {
  const scope: Scope = { name: `${prefix}-${addon.name}`, parent, namespace: addon.namespace, dependsOn };
  const before = [...dependsOn, ...(addon.prerequisites?.(context, scope) ?? [])];
  if (isManaged(addon)) return addon.objects?.(context, { ...scope, dependsOn: before }) ?? [];
  const identity = addon.identity ? [identify(addon.identity, scope, context)] : [];
  const release = createRelease(addon, values, { ...scope, dependsOn: [...before, ...identity] });
  const after = { ...scope, dependsOn: [release] };
  return [release, ...(addon.objects?.(context, after) ?? []), ...createMonitors(addon.monitors ?? [], context, after)];
}

function identify(
  { serviceAccount, policies = [], statements }: Identity,
  scope: Scope,
  context: AddonContext,
): Resource {
  const { name, namespace, parent } = scope;
  const own = statements?.(context) ?? [];
  const args = { clusterName: context.clusterName, namespace, serviceAccount, policies, statements: own };
  return podIdentity(name, args, parent).ready;
}

function createRelease(addon: HelmAddon, values: object, scope: Scope): kubernetes.helm.v3.Release {
  const { chart, repository, version } = addon.release;
  return new kubernetes.helm.v3.Release(
    scope.name,
    {
      name: addon.name,
      namespace: addon.namespace,
      chart,
      version,
      ...(repository === undefined ? {} : { repositoryOpts: { repo: repository } }),
      values: { ...values },
      // A release that fails half-way is taken back, so that the next update starts from what ran before.
      atomic: true,
      timeout: addon.timeout ?? TIMEOUT_SECONDS,
      waitForJobs: true,
      skipCrds: false,
      createNamespace: false,
    },
    { parent: scope.parent, dependsOn: [...scope.dependsOn] },
  );
}
