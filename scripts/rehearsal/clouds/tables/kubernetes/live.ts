import { podsOf } from "@groundwork/lib/pods";
import { ifKnown } from "../../values.ts";
import type { Ctx, Properties } from "../../table.ts";
import { isUnknown, list, plain, text } from "../values.ts";
import type { SourcedFailure } from "../values.ts";
import { findObject, INITIAL_NAMESPACES, nameOf, NAMESPACE, namespaceOf, WORKLOADS } from "./cluster.ts";
import { checkLimitRange, checkQuota } from "./quota.ts";
import { isNamespaced, kindOf } from "./token.ts";

const DOCS = "https://kubernetes.io/docs";
const AWAITED = "https://www.pulumi.com/registry/packages/kubernetes/how-to-guides/await-logic/";
const hangs = (what: string) =>
  `${what}: its pods would never start, and the provider waits for them until it times out`;

type Check = (ctx: Ctx, token: string) => SourcedFailure | undefined;

export const namespaceExists: Check = (ctx, token) => {
  const kind = kindOf(token);
  if (!kind || !isNamespaced(kind)) return undefined;
  const namespace = namespaceOf(ctx.inputs, ctx.provider);
  const exists =
    INITIAL_NAMESPACES.includes(namespace) ||
    ctx.all(NAMESPACE).some((thing) => thing.id === namespace || nameOf(thing.inputs) === namespace);
  return exists
    ? undefined
    : {
        path: "metadata.namespace",
        reason: `namespaces "${namespace}" not found`,
        source: `${DOCS}/concepts/overview/working-with-objects/namespaces/`,
      };
};

/** The pod spec of a workload and the path to it. */
function podSpecOf(token: string, inputs: Properties): { spec: Properties; path: string } {
  const spec = plain(inputs.spec);
  if (token.endsWith(":Pod")) return { spec, path: "spec" };
  if (!token.endsWith(":CronJob")) return { spec: plain(plain(spec.template).spec), path: "spec.template.spec" };
  const template = plain(plain(plain(spec.jobTemplate).spec).template);
  return { spec: plain(template.spec), path: "spec.jobTemplate.spec.template.spec" };
}

interface Needed {
  readonly token: string;
  readonly name: string;
  readonly key?: string;
  readonly path: string;
}

const CONFIG_MAP = "kubernetes:core/v1:ConfigMap";
const SECRET = "kubernetes:core/v1:Secret";
const SERVICE_ACCOUNT = "kubernetes:core/v1:ServiceAccount";
const CLAIM = "kubernetes:core/v1:PersistentVolumeClaim";
/** What the controllers put into every namespace. */
const ALWAYS_THERE = [`${SERVICE_ACCOUNT}/default`, `${CONFIG_MAP}/kube-root-ca.crt`];

function need(token: string, reference: unknown, path: string, nameKey = "name"): Needed[] {
  const { [nameKey]: name, key, optional } = plain(reference);
  if (text(name) === "" || optional === true) return [];
  return [{ token, name: text(name), path: `${path}.${nameKey}`, ...(text(key) !== "" && { key: text(key) }) }];
}

/** Everything in the namespace without which a pod cannot start. */
function needsOf(spec: Properties, path: string): Needed[] {
  const account = text(spec.serviceAccountName) || text(spec.serviceAccount);
  const accounts =
    account === "" ? [] : [{ token: SERVICE_ACCOUNT, name: account, path: `${path}.serviceAccountName` }];
  const containers = ["initContainers", "containers"].flatMap((kind) =>
    list(spec[kind]).flatMap((each, index) => needsOfContainer(plain(each), `${path}.${kind}[${index}]`)),
  );
  const volumes = list(spec.volumes).flatMap((each, index) => needsOfVolume(plain(each), `${path}.volumes[${index}]`));
  return [...accounts, ...containers, ...volumes];
}

function needsOfContainer(container: Properties, path: string): Needed[] {
  const variables = list(container.env).flatMap((each, index) => {
    const from = plain(plain(each).valueFrom);
    const at = `${path}.env[${index}].valueFrom`;
    return [
      ...need(SECRET, from.secretKeyRef, `${at}.secretKeyRef`),
      ...need(CONFIG_MAP, from.configMapKeyRef, `${at}.configMapKeyRef`),
    ];
  });
  const sources = list(container.envFrom).flatMap((each, index) => {
    const at = `${path}.envFrom[${index}]`;
    return [
      ...need(SECRET, plain(each).secretRef, `${at}.secretRef`),
      ...need(CONFIG_MAP, plain(each).configMapRef, `${at}.configMapRef`),
    ];
  });
  return [...variables, ...sources];
}

function needsOfVolume(volume: Properties, path: string): Needed[] {
  const projected = list(plain(volume.projected).sources).flatMap((each, index) => {
    const at = `${path}.projected.sources[${index}]`;
    return [
      ...need(SECRET, plain(each).secret, `${at}.secret`),
      ...need(CONFIG_MAP, plain(each).configMap, `${at}.configMap`),
    ];
  });
  return [
    ...need(SECRET, volume.secret, `${path}.secret`, "secretName"),
    ...need(CONFIG_MAP, volume.configMap, `${path}.configMap`),
    ...need(CLAIM, volume.persistentVolumeClaim, `${path}.persistentVolumeClaim`, "claimName"),
    ...projected,
  ];
}

const podsCanStart: Check = (ctx, token) => {
  if (!podsOf(token, ctx.inputs)) return undefined;
  const namespace = namespaceOf(ctx.inputs, ctx.provider);
  const { spec, path } = podSpecOf(token, ctx.inputs);
  const claims = list(plain(ctx.inputs.spec).volumeClaimTemplates).map((each) => nameOf(plain(each)));
  for (const { token: wanted, name, key, path: at } of needsOf(spec, path)) {
    if (ALWAYS_THERE.includes(`${wanted}/${name}`) || (wanted === CLAIM && claims.includes(name))) continue;
    const kind = (kindOf(wanted)?.kind ?? "").toLowerCase();
    const found = findObject(ctx, wanted, namespace, name);
    if (!found)
      return { path: at, reason: hangs(`${kind} "${name}" not found in namespace ${namespace}`), source: AWAITED };
    if (key !== undefined && !hasKey(found.properties, key)) {
      return {
        path: at.replace(/\.name$/, ".key"),
        reason: hangs(`couldn't find key ${key} in ${kind} ${namespace}/${name}`),
        source: AWAITED,
      };
    }
  }
  return undefined;
};

function hasKey(properties: Properties, key: string): boolean {
  return ["data", "stringData", "binaryData"].some((name) => Object.hasOwn(plain(properties[name]), key));
}

/** ECR keeps no image of a repository that is not there. */
const imagesExist: Check = (ctx, token) => {
  const repositories = ctx
    .all("aws:ecr/repository:Repository", "aws/*")
    .map(({ properties }) => properties.repositoryUrl);
  if (repositories.some(isUnknown)) return undefined;
  const { spec, path } = podSpecOf(token, ctx.inputs);
  for (const [index, each] of list(spec.containers).entries()) {
    const image = text(plain(each).image);
    const repository = image.replace(/@sha256:[0-9a-f]{64}$/, "").replace(/:[\w][\w.-]*$/, "");
    if (!/^\d{12}\.dkr\.ecr\./.test(image) || repositories.includes(repository)) continue;
    return {
      path: `${path}.containers[${index}].image`,
      reason: hangs(`repository ${repository} does not exist`),
      source: AWAITED,
    };
  }
  return undefined;
};

/** https://kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption/#priorityclass */
const priorityExists: Check = (ctx, token) => {
  const { spec, path } = podSpecOf(token, ctx.inputs);
  const name = text(spec.priorityClassName);
  const known =
    name === "" ||
    name.startsWith("system-") ||
    ctx.all("kubernetes:scheduling.k8s.io/v1:PriorityClass").some((thing) => nameOf(thing.inputs) === name);
  return known
    ? undefined
    : {
        path: `${path}.priorityClassName`,
        reason: `no PriorityClass with name ${name} was found`,
        source: `${DOCS}/concepts/scheduling-eviction/pod-priority-preemption/`,
      };
};

/** An autoscaler scales something that is there, by requests that its containers have. */
const scalesSomething: Check = (ctx) => {
  const spec = plain(ctx.inputs.spec);
  const { kind, name, apiVersion } = plain(spec.scaleTargetRef);
  const token = `kubernetes:${text(apiVersion) || "apps/v1"}:${text(kind)}`;
  const source = `${DOCS}/tasks/run-application/horizontal-pod-autoscale/`;
  if (!WORKLOADS.includes(token)) return undefined;
  const target = findObject(ctx, token, namespaceOf(ctx.inputs, ctx.provider), text(name));
  if (!target) return { path: "spec.scaleTargetRef.name", reason: `${text(kind)} "${text(name)}" not found`, source };
  const pods = podsOf(token, target.inputs);
  for (const [index, each] of list(spec.metrics).entries()) {
    const resource = plain(plain(each).resource);
    const byRequest = plain(resource.target).type === "Utilization";
    const measured = resource.name === "cpu" || resource.name === "memory" ? resource.name : undefined;
    if (!byRequest || measured === undefined) continue;
    const lacking = pods?.containers.find(
      (one) => one.kind !== "init" && (one.requests[measured] ?? one.limits[measured]) === undefined,
    );
    if (lacking)
      return {
        path: `spec.metrics[${index}]`,
        reason: `missing request for ${measured} in container ${lacking.name} of ${text(name)}: utilisation cannot be computed`,
        source,
      };
  }
  return undefined;
};

const BUILT_IN_ROLE = /^(?:admin|cluster-admin|edit|view|system:.+)$/;

const roleExists: Check = (ctx) => {
  const { kind, name } = plain(ctx.inputs.roleRef);
  const token = `kubernetes:rbac.authorization.k8s.io/v1:${text(kind)}`;
  if (text(kind) === "ClusterRole" && BUILT_IN_ROLE.test(text(name))) return undefined;
  const inCluster = text(kind) === "ClusterRole";
  const namespace = namespaceOf(ctx.inputs, ctx.provider);
  const found = ctx
    .all(token)
    .some(
      (thing) =>
        nameOf(thing.inputs) === text(name) && (inCluster || namespaceOf(thing.inputs, ctx.provider) === namespace),
    );
  return found
    ? undefined
    : {
        path: "roleRef.name",
        reason: `${text(kind)} "${text(name)}" not found`,
        source: `${DOCS}/reference/access-authn-authz/rbac/`,
      };
};

/** A node port belongs to one service of the cluster. */
const nodePortsFree: Check = (ctx, token) => {
  const portsOf = (inputs: Properties) => list(plain(inputs.spec).ports).map((each) => plain(each).nodePort);
  const taken = ctx.all(token).filter((thing) => thing.id !== ctx.old?.id);
  for (const [index, port] of portsOf(ctx.inputs).entries()) {
    const holder = port === undefined ? undefined : taken.find((thing) => portsOf(thing.inputs).includes(port));
    if (!holder) continue;
    return {
      path: `spec.ports[${index}].nodePort`,
      reason: `provided port is already allocated by ${holder.id}`,
      source: `${DOCS}/concepts/services-networking/service/#type-nodeport`,
    };
  }
  return undefined;
};

/** Fields that the API server never lets change and for which the provider does not replace either. */
const IMMUTABLE: Readonly<Record<string, readonly string[]>> = {
  DaemonSet: ["selector"],
  PriorityClass: ["value", "preemptionPolicy"],
  ReplicaSet: ["selector"],
  StorageClass: ["reclaimPolicy", "volumeBindingMode"],
};

const unchanged: Check = (ctx, token) => {
  const kind = kindOf(token)?.kind ?? "";
  const old = ctx.old;
  if (!old || nameOf(old.inputs) !== nameOf(ctx.inputs)) return undefined;
  const inSpec = ctx.inputs.spec !== undefined;
  const [before, after] = inSpec ? [plain(old.inputs.spec), plain(ctx.inputs.spec)] : [old.inputs, ctx.inputs];
  const changed = (IMMUTABLE[kind] ?? []).find((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]));
  return changed === undefined
    ? undefined
    : {
        path: inSpec ? `spec.${changed}` : changed,
        reason: "field is immutable; give the object another name",
        source: `${DOCS}/reference/kubernetes-api/`,
      };
};

const POD_CHECKS = [podsCanStart, imagesExist, priorityExists, checkLimitRange, checkQuota];
const BY_KIND: Readonly<Record<string, readonly Check[]>> = {
  ClusterRoleBinding: [roleExists],
  CronJob: [podsCanStart, imagesExist, priorityExists, checkLimitRange],
  HorizontalPodAutoscaler: [scalesSomething, checkQuota],
  RoleBinding: [roleExists],
  Service: [nodePortsFree, checkQuota],
};

/** What depends on the rest of the cluster. Each check is by itself: what one cannot tell yet, another may. */
export function checkInCluster(ctx: Ctx, token: string): SourcedFailure | undefined {
  const kind = kindOf(token)?.kind ?? "";
  const makesPods = WORKLOADS.includes(token);
  const own = BY_KIND[kind] ?? (makesPods ? POD_CHECKS : [checkQuota]);
  for (const check of [namespaceExists, unchanged, ...own]) {
    const failure = ifKnown(() => check(ctx, token));
    if (failure) return failure;
  }
  return undefined;
}
