import type { ReplicasReport } from "@groundwork/lib/drill-report";
import { allocatable, instanceType } from "@groundwork/lib/instances";
import { kubernetesQuantity } from "@groundwork/lib/kubernetes-quantity";
import { effectiveRequests, hpaRange, podsOf } from "@groundwork/lib/pods";
import { list, plain, text } from "../rehearsal/clouds/tables/values.ts";
import type { StateResource } from "../rehearsal/deployment.ts";
import { ofType, regionsOfProviders } from "./state.ts";
import { BALANCER } from "./traffic.ts";

const DEPLOYMENT = "kubernetes:apps/v1:Deployment";
/** Makes pods as a Deployment does. https://argo-rollouts.readthedocs.io/en/stable/features/specification/ */
const ROLLOUT = "kubernetes:argoproj.io/v1alpha1:Rollout";
const AUTOSCALER = "kubernetes:autoscaling/v2:HorizontalPodAutoscaler";
const SCALED_OBJECT = "kubernetes:keda.sh/v1alpha1:ScaledObject";
const QUOTA = "kubernetes:core/v1:ResourceQuota";
const NODE_GROUP = "aws:eks/nodeGroup:NodeGroup";
const NODE_POOL = "kubernetes:karpenter.sh/v1:NodePool";

export interface Workload {
  readonly region: string;
  readonly namespace: string;
  readonly name: string;
  readonly least: number;
  readonly most: number;
  /** Cores that one replica requests. */
  readonly cpu: number;
}

/** What runs in each region at least and at most. */
export function workloadsOf(resources: readonly StateResource[]): readonly Workload[] {
  const regions = regionsOfProviders(resources);
  const regionOf = ({ provider = "" }: StateResource): string => regions.get(provider) ?? "";
  const scaling = [
    ...ofType(resources, AUTOSCALER).map((resource) => [resource, hpaRange(plain(resource.inputs))] as const),
    ...ofType(resources, SCALED_OBJECT).map((resource) => [resource, queueRange(plain(resource.inputs))] as const),
  ];
  const ranges = scaling.flatMap(([resource, range]) =>
    range === undefined ? [] : [{ ...range, region: regionOf(resource) }],
  );
  return [...ofType(resources, DEPLOYMENT), ...ofType(resources, ROLLOUT)].flatMap((resource) => {
    const inputs = plain(resource.inputs);
    const { name, namespace } = plain(inputs["metadata"]);
    const pods = podsOf(DEPLOYMENT, inputs);
    if (pods === undefined) return [];
    const own = { region: regionOf(resource), namespace: text(namespace) || "default", name: text(name) };
    const range = ranges.find(
      (one) => one.region === own.region && one.namespace === own.namespace && one.target.name === own.name,
    );
    const fixed = pods.replicas ?? 1;
    const cpu = effectiveRequests(pods).cpu ?? 0;
    return [{ ...own, least: range?.min ?? fixed, most: range?.max ?? fixed, cpu }];
  });
}

/** From none on KEDA itself scales; its autoscaler has one at least. https://keda.sh/docs/latest/reference/scaledobject-spec/ */
function queueRange(inputs: Readonly<Record<string, unknown>>): ReturnType<typeof hpaRange> {
  const { minReplicaCount = 0, maxReplicaCount = 100, ...spec } = plain(inputs["spec"]);
  return hpaRange({ ...inputs, spec: { ...spec, minReplicas: minReplicaCount, maxReplicas: maxReplicaCount } });
}

/**
 * Whether all requests go to the first healthy region, so that the others run idle and stand by.
 * https://developers.cloudflare.com/load-balancing/understand-basics/traffic-steering/steering-policies/
 */
function standsBy(resources: readonly StateResource[]): boolean {
  const balancers = ofType(resources, BALANCER);
  return balancers.length > 0 && balancers.every(({ inputs }) => plain(inputs)["steeringPolicy"] === "off");
}

/**
 * Whether a region can run what the lost one ran, in place of its own where it stood by and else beside it, by
 * autoscalers, quota and nodes.
 */
export function replicasOf(
  resources: readonly StateResource[],
  lost: string,
  remaining: string,
): readonly ReplicasReport[] {
  const all = workloadsOf(resources);
  const [gone, own] = [lost, remaining].map((name) => all.filter(({ region }) => region === name));
  const nodes = coresOf(resources, remaining);
  const standby = standsBy(resources);
  const together = (there: number, here: number): number => (standby ? Math.max(there, here) : there + here);
  const spaces = Map.groupBy(own ?? [], ({ namespace }) => namespace);
  const reports = [...spaces].map(([namespace, workloads]) => {
    const sorted = [...workloads].sort((a, b) => a.name.localeCompare(b.name));
    const rows = sorted.map((workload) => {
      const there = gone?.find((other) => other.namespace === namespace && other.name === workload.name)?.least ?? 0;
      return { ...workload, lost: there, fits: together(there, workload.least) <= workload.most };
    });
    const needed = rows.reduce((sum, { lost: there, least, cpu }) => sum + together(there, least) * cpu, 0);
    return { namespace, rows, needed, quota: quotaOf(resources, remaining, namespace) };
  });
  const inAll = reports.reduce((sum, { needed }) => sum + needed, 0);
  return reports.map(({ namespace, rows, needed, quota }) => {
    const problems = [
      ...rows
        .filter(({ fits }) => !fits)
        .map(
          ({ name, lost: there, least, most }) =>
            `${name} would need ${together(there, least)} replicas and has at most ${most}`,
        ),
      ...(quota !== null && needed > quota ? [`the quota allows ${cores(quota)} of ${cores(needed)} cores`] : []),
      ...(nodes !== null && inAll > nodes ? [`the nodes have ${cores(nodes)} of ${cores(inAll)} cores at most`] : []),
    ];
    return {
      region: remaining,
      namespace,
      workloads: rows.map(({ name, lost: there, least, most, fits }) => ({ name, lost: there, least, most, fits })),
      cpu: { needed: rounded(needed), quota, nodes: nodes === null ? null : rounded(nodes) },
      fits: problems.length === 0,
      standby,
      why:
        problems.join("; ") ||
        `autoscalers, quota and nodes leave room for ${standby ? "the lost region's" : "both regions'"} replicas`,
    };
  });
}

function quotaOf(resources: readonly StateResource[], region: string, namespace: string): number | null {
  const regions = regionsOfProviders(resources);
  const hard = ofType(resources, QUOTA)
    .filter(({ provider = "", inputs }) => {
      return regions.get(provider) === region && plain(plain(inputs)["metadata"])["namespace"] === namespace;
    })
    .map(({ inputs }) => kubernetesQuantity(plain(plain(plain(inputs)["spec"])["hard"])["requests.cpu"]))
    .filter((cpu) => cpu !== undefined);
  return hard.length === 0 ? null : Math.min(...hard);
}

/** Cores that pods can have when node groups and node pools are as large as they may get. */
function coresOf(resources: readonly StateResource[], region: string): number | null {
  const groups = ofType(resources, NODE_GROUP)
    .filter(({ outputs = {} }) => text(outputs["arn"]).split(":")[3] === region)
    .map(({ inputs }) => {
      const { scalingConfig, instanceTypes } = plain(inputs);
      const type = instanceType(text(list(instanceTypes)[0]));
      return type === undefined ? 0 : allocatable(type).cpu * Number(plain(scalingConfig)["maxSize"] ?? 0);
    });
  const regions = regionsOfProviders(resources);
  const pools = ofType(resources, NODE_POOL)
    .filter(({ provider = "" }) => regions.get(provider) === region)
    .map(({ inputs }) => kubernetesQuantity(plain(plain(plain(inputs)["spec"])["limits"])["cpu"]) ?? 0);
  return groups.length + pools.length === 0 ? null : [...groups, ...pools].reduce((sum, each) => sum + each, 0);
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}

function cores(value: number): string {
  return String(rounded(value));
}
