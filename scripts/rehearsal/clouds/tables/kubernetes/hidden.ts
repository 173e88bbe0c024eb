import { CUSTOM_KINDS } from "@groundwork/lib/crds";
import { expand, isUnexpanded, RELEASE } from "@groundwork/lib/expanders/expand";
import type { ExpandedWorkload } from "@groundwork/lib/expanders/expand";
import { hidesPods } from "@groundwork/lib/expanders/resources";
import type { PodContainer } from "@groundwork/lib/pods";
import type { Ctx, Properties, Thing } from "../../table.ts";

/** A workload as the engine would have shown it. */
export interface Workload {
  readonly token: string;
  readonly inputs: Properties;
}

const TOKENS = [
  RELEASE,
  ...CUSTOM_KINDS.filter(({ group, kind }) => hidesPods(group, kind)).map(
    ({ group, version, kind }) => `kubernetes:${group}/${version}:${kind}`,
  ),
];

/** The workloads that a release or custom resource makes, by what is known of it so far. */
export function hiddenBy(token: string, inputs: Properties): readonly ExpandedWorkload[] {
  const expansion = expand(token, inputs);
  return expansion === undefined || isUnexpanded(expansion) ? [] : expansion.workloads;
}

/** All that releases and custom resources of the cluster run in a namespace, without the one that is being changed. */
export function hiddenIn(ctx: Ctx, namespace: string): readonly Workload[] {
  return TOKENS.flatMap((token) => ctx.all(token))
    .filter((thing) => !isChanged(thing, ctx.old))
    .flatMap(({ token, inputs }) => hiddenBy(token, inputs))
    .filter((workload) => workload.namespace === namespace)
    .map(asObject);
}

function isChanged(thing: Thing, old: Thing | undefined): boolean {
  return thing.id === old?.id && thing.token === old.token;
}

/** A workload in the API's own words, as far as quotas and limit ranges look. */
export function asObject({ kind, namespace, name, pods }: ExpandedWorkload): Workload {
  const group = kind === "Job" || kind === "CronJob" ? "batch/v1" : "apps/v1";
  const containersOf = (isMain: boolean) =>
    pods.containers.filter((container) => (container.kind === "container") === isMain).map(asContainer);
  const template = { spec: { initContainers: containersOf(false), containers: containersOf(true) } };
  const spec = kind === "Job" ? { parallelism: pods.replicas ?? 1, template } : { replicas: pods.replicas, template };
  return {
    token: `kubernetes:${group}:${kind}`,
    inputs: {
      metadata: { namespace, name },
      spec: kind === "CronJob" ? { jobTemplate: { spec: { template } } } : spec,
    },
  };
}

function asContainer({ name, image, requests, limits, kind }: PodContainer): Properties {
  return {
    name,
    image,
    resources: { requests: { ...requests }, limits: { ...limits } },
    ...(kind === "sidecar" && { restartPolicy: "Always" }),
  };
}
