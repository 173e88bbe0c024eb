import { kubernetesQuantity } from "@groundwork/lib/kubernetes-quantity";
import { effectiveLimits, effectiveRequests, hpaRange, podsOf } from "@groundwork/lib/pods";
import type { Amounts, PodContainer, Pods } from "@groundwork/lib/pods";
import { formatCpu, formatMemory } from "@groundwork/lib/quantity";
import type { Ctx, Properties, Thing } from "../../table.ts";
import { list, plain } from "../values.ts";
import type { SourcedFailure } from "../values.ts";
import { asObject, hiddenBy, hiddenIn } from "./hidden.ts";
import type { Workload } from "./hidden.ts";
import { AUTOSCALER, LIMIT_RANGE, nameOf, namespaceOf, others, QUOTA, replicasOf, WORKLOADS } from "./cluster.ts";
import { kindOf, resourceName } from "./token.ts";

const QUOTAS = "https://kubernetes.io/docs/concepts/policy/resource-quotas/";
const RANGES = "https://kubernetes.io/docs/concepts/policy/limit-range/";

/** What counts against a quota, by the quota's own names. */
type Usage = Readonly<Record<string, number>>;

/** Amounts that a LimitRange names for containers, in base units. */
function amounts(value: unknown): Amounts {
  const cpu = kubernetesQuantity(plain(value).cpu);
  const memory = kubernetesQuantity(plain(value).memory);
  return { ...(cpu !== undefined && { cpu }), ...(memory !== undefined && { memory }) };
}

function limitsOf(ranges: readonly Thing[], type: string) {
  return ranges
    .flatMap(({ inputs }) => list(plain(inputs.spec).limits))
    .map(plain)
    .filter((limit) => limit.type === type);
}

/** What admission fills in: a limit without a request is the request, then come the LimitRange's defaults. */
function withDefaults(container: PodContainer, ranges: readonly Thing[]): PodContainer {
  let { requests, limits } = container;
  requests = { ...limits, ...requests };
  for (const limit of limitsOf(ranges, "Container")) {
    requests = { ...amounts(limit.default), ...amounts(limit.defaultRequest), ...requests };
    limits = { ...amounts(limit.default), ...limits };
  }
  return { ...container, requests, limits };
}

function admitted(workload: Workload, ranges: readonly Thing[]): Pods | undefined {
  const pods = podsOf(workload.token, workload.inputs);
  return pods && { ...pods, containers: pods.containers.map((container) => withDefaults(container, ranges)) };
}

/** Requests and limits that containers lack although a quota counts them. */
function uncounted(pods: Pods, hard: Properties): string | undefined {
  const own = { requests: pods.pod?.requests ?? {}, limits: pods.pod?.limits ?? {} };
  for (const name of Object.keys(hard)) {
    const match = /^(?:(requests|limits)\.)?(cpu|memory)$/.exec(name);
    if (!match) continue;
    const kind = match[1] === "limits" ? "limits" : "requests";
    const resource = match[2] === "cpu" ? "cpu" : "memory";
    if (own[kind][resource] !== undefined) continue;
    const lacking = pods.containers.filter((container) => container[kind][resource] === undefined);
    if (lacking.length > 0)
      return `must specify ${kind}.${resource} for: ${lacking.map((each) => each.name).join(", ")}`;
  }
  return undefined;
}

function usageOf(pods: Pods, replicas: number): Usage {
  const [requests, limits] = [effectiveRequests(pods), effectiveLimits(pods)];
  const cpu = (requests.cpu ?? 0) * replicas;
  const memory = (requests.memory ?? 0) * replicas;
  return {
    cpu,
    memory,
    "requests.cpu": cpu,
    "requests.memory": memory,
    "limits.cpu": (limits.cpu ?? 0) * replicas,
    "limits.memory": (limits.memory ?? 0) * replicas,
    pods: replicas,
    "count/pods": replicas,
  };
}

function sum(usages: readonly Usage[]): Usage {
  const total: Record<string, number> = {};
  for (const usage of usages) {
    for (const [name, amount] of Object.entries(usage)) total[name] = (total[name] ?? 0) + amount;
  }
  return total;
}

/** The minimum of the autoscaler that scales a workload, if there is one. */
function minimumOf(workload: Workload, autoscalers: readonly Properties[]): number | undefined {
  const kind = kindOf(workload.token)?.kind;
  const ranges = autoscalers.map(hpaRange);
  return ranges.find((range) => range?.target.kind === kind && range?.target.name === nameOf(workload.inputs))?.min;
}

function workloadUsage(workload: Workload, ranges: readonly Thing[], autoscalers: readonly Properties[]): Usage {
  const pods = admitted(workload, ranges);
  const replicas = pods && replicasOf(workload.inputs, pods.replicas, minimumOf(workload, autoscalers));
  // How many nodes a DaemonSet runs on is the node groups' business
  return pods && replicas !== undefined ? usageOf(pods, replicas) : {};
}

/** Everything in a namespace that runs pods, whether the program names it or a release hides it. */
function workloadsIn(ctx: Ctx, namespace: string): Workload[] {
  return [...WORKLOADS.flatMap((each) => others(ctx, each, namespace)), ...hiddenIn(ctx, namespace)];
}

/** The pods of a namespace as they would be with this object in it, against every quota there. */
export function checkQuota(ctx: Ctx, token: string): SourcedFailure | undefined {
  const namespace = namespaceOf(ctx.inputs, ctx.provider);
  const quotas = others(ctx, QUOTA, namespace);
  if (quotas.length === 0) return checkCounts(ctx, token, quotas, namespace);
  const own = token === AUTOSCALER ? [] : [{ token, inputs: ctx.inputs }];
  return checkAmounts(ctx, namespace, own) ?? checkCounts(ctx, token, quotas, namespace);
}

/** What a release or a custom resource would run, against the quotas and limit ranges of each namespace that it runs in. */
export function checkHiddenPods(ctx: Ctx, token: string): SourcedFailure | undefined {
  const byNamespace = Map.groupBy(hiddenBy(token, ctx.inputs), ({ namespace }) => namespace);
  for (const [namespace, workloads] of byNamespace) {
    const own = workloads.map(asObject);
    const outside = own.map((each) => checkRanges(ctx, namespace, each)).find((failure) => failure !== undefined);
    const failure = outside ?? checkAmounts(ctx, namespace, own);
    if (failure) return { ...failure, path: token.endsWith(":Release") ? "values" : "spec" };
  }
  return undefined;
}

/** With `own` beside all that is there; without any, with the autoscaler that `ctx` is about. */
function checkAmounts(ctx: Ctx, namespace: string, own: readonly Workload[]): SourcedFailure | undefined {
  const quotas = others(ctx, QUOTA, namespace);
  if (quotas.length === 0) return undefined;
  const ranges = others(ctx, LIMIT_RANGE, namespace);
  const autoscalers = others(ctx, AUTOSCALER, namespace).map(({ inputs }) => inputs);
  const workloads = workloadsIn(ctx, namespace);
  const isAutoscaler = own.length === 0;
  if (isAutoscaler) autoscalers.push(ctx.inputs);
  const before = sum(
    workloads.map((each) => workloadUsage(each, ranges, isAutoscaler ? autoscalers.slice(0, -1) : autoscalers)),
  );
  const after = isAutoscaler
    ? sum(workloads.map((each) => workloadUsage(each, ranges, autoscalers)))
    : sum([before, ...own.map((each) => workloadUsage(each, ranges, autoscalers))]);
  for (const quota of quotas) {
    const hard = plain(plain(quota.inputs.spec).hard);
    for (const each of own) {
      const pods = admitted(each, ranges);
      const lacking = pods && uncounted(pods, hard);
      if (lacking !== undefined) return refused(`failed quota: ${nameOf(quota.inputs)}: ${lacking}`);
    }
    const over = exceeded(nameOf(quota.inputs), hard, before, after);
    if (over !== undefined) return refused(over);
  }
  return undefined;
}

function refused(reason: string): SourcedFailure {
  return { path: "spec", reason, source: QUOTAS };
}

function exceeded(name: string, hard: Properties, before: Usage, after: Usage): string | undefined {
  const over = Object.keys(hard).filter((resource) => {
    const [limit, amount] = [kubernetesQuantity(hard[resource]), after[resource]];
    return (
      limit !== undefined && amount !== undefined && amount > limit * (1 + 1e-9) && amount > (before[resource] ?? 0)
    );
  });
  if (over.length === 0) return undefined;
  const shown = (amount: (resource: string) => string) =>
    over.map((resource) => `${resource}=${amount(resource)}`).join(",");
  const more = shown((resource) => format(resource, (after[resource] ?? 0) - (before[resource] ?? 0)));
  const used = shown((resource) => format(resource, before[resource] ?? 0));
  return `exceeded quota: ${name}, requested: ${more}, used: ${used}, limited: ${shown((resource) => String(hard[resource]))}`;
}

function format(resource: string, amount: number): string {
  if (resource.endsWith("cpu")) return formatCpu(amount);
  return resource.endsWith("memory") ? formatMemory(amount) : String(amount);
}

/** Quotas also count objects: `services`, `count/deployments.apps`, load balancers and node ports. */
function checkCounts(ctx: Ctx, token: string, quotas: readonly Thing[], namespace: string): SourcedFailure | undefined {
  const kind = kindOf(token);
  if (!kind || ctx.old !== undefined) return undefined;
  const resource = resourceName(kind);
  const there = others(ctx, token, namespace);
  for (const quota of quotas) {
    const hard = plain(plain(quota.inputs.spec).hard);
    for (const name of [resource, `count/${resource}`]) {
      const limit = kubernetesQuantity(hard[name]);
      if (limit === undefined || there.length + 1 <= limit) continue;
      return refused(
        `exceeded quota: ${nameOf(quota.inputs)}, requested: ${name}=1, used: ${name}=${there.length}, limited: ${name}=${limit}`,
      );
    }
  }
  return undefined;
}

/** Each container, and each pod as a whole, within the LimitRanges of its namespace. */
export function checkLimitRange(ctx: Ctx, token: string): SourcedFailure | undefined {
  return checkRanges(ctx, namespaceOf(ctx.inputs, ctx.provider), { token, inputs: ctx.inputs });
}

function checkRanges(ctx: Ctx, namespace: string, workload: Workload): SourcedFailure | undefined {
  const ranges = others(ctx, LIMIT_RANGE, namespace);
  const pods = admitted(workload, ranges);
  if (!pods || ranges.length === 0) return undefined;
  for (const limit of limitsOf(ranges, "Container")) {
    for (const container of pods.containers) {
      const reason = outside(container.requests, container.limits, limit, "Container");
      if (reason !== undefined)
        return { path: "spec", reason: `container ${container.name}: ${reason}`, source: RANGES };
    }
  }
  for (const limit of limitsOf(ranges, "Pod")) {
    const reason = outside(effectiveRequests(pods), effectiveLimits(pods), limit, "Pod");
    if (reason !== undefined) return { path: "spec", reason, source: RANGES };
  }
  return undefined;
}

function outside(requests: Amounts, limits: Amounts, limit: Properties, per: string): string | undefined {
  const [min, max] = [amounts(limit.min), amounts(limit.max)];
  const ratio = amounts(limit.maxLimitRequestRatio);
  for (const resource of ["cpu", "memory"] as const) {
    const [request, upper] = [requests[resource], limits[resource]];
    const [least, most] = [min[resource], max[resource]];
    const shown = (amount: number) => format(resource, amount);
    if (least !== undefined && (request === undefined || request < least)) {
      return `minimum ${resource} usage per ${per} is ${shown(least)}, but request is ${request === undefined ? "not specified" : shown(request)}`;
    }
    if (most !== undefined && (upper === undefined || upper > most)) {
      return `maximum ${resource} usage per ${per} is ${shown(most)}, but limit is ${upper === undefined ? "not specified" : shown(upper)}`;
    }
    const allowed = ratio[resource];
    if (allowed !== undefined && request !== undefined && upper !== undefined && upper / request > allowed) {
      return `${resource} max limit to request ratio per ${per} is ${allowed}, but provided ratio is ${(upper / request).toFixed(2)}`;
    }
  }
  return undefined;
}

/** What a ResourceQuota's status shows. */
export function quotaStatus(ctx: Ctx): Properties {
  const namespace = namespaceOf(ctx.inputs, ctx.provider);
  const ranges = others(ctx, LIMIT_RANGE, namespace);
  const autoscalers = others(ctx, AUTOSCALER, namespace).map(({ inputs }) => inputs);
  const workloads = workloadsIn(ctx, namespace);
  const usage = sum(workloads.map((each) => workloadUsage(each, ranges, autoscalers)));
  const hard = plain(plain(ctx.inputs.spec).hard);
  const used = Object.keys(hard).map((name) => [name, format(name, usage[name] ?? 0)]);
  return { hard, used: Object.fromEntries(used) as Properties };
}
