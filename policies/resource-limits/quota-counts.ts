import { effectiveLimits, effectiveRequests } from "@groundwork/lib/pods";
import { isUnexpanded } from "@groundwork/lib/expanders/expand";
import { kubernetesQuantity } from "@groundwork/lib/kubernetes-quantity";
import { counted } from "@groundwork/lib/counted";
import { cores, memoryText } from "../framework/format.ts";
import { hiddenBy } from "../framework/hidden.ts";
import { podSpecPath } from "../framework/kubernetes.ts";
import type { Workload } from "../framework/kubernetes.ts";
import { at, listAt, numberAt, plainAt, textAt } from "../framework/known.ts";
import type { Resource } from "../framework/policy.ts";

export const SERVICE = "kubernetes:core/v1:Service";
export const CLAIM = "kubernetes:core/v1:PersistentVolumeClaim";
const STATEFUL_SET = "kubernetes:apps/v1:StatefulSet";
const PLAIN_OBJECTS: Readonly<Record<string, string>> = {
  services: SERVICE,
  configmaps: "kubernetes:core/v1:ConfigMap",
  secrets: "kubernetes:core/v1:Secret",
};

/** Objects that a quota may count beside pods. */
export const COUNTED_TYPES = [SERVICE, CLAIM, "kubernetes:core/v1:ConfigMap", "kubernetes:core/v1:Secret"] as const;

/** How a quota counts what a pod takes of one thing. https://kubernetes.io/docs/concepts/policy/resource-quotas/ */
export interface Counting {
  /** Of one pod of a workload. */
  readonly of: (workload: Workload) => number;
  readonly text: (value: number) => string;
}

/** `cpu` and `memory` are older names of the requests. */
const PER_POD: Readonly<Record<string, Counting>> = {
  pods: { of: () => 1, text: (value) => counted(value, "pod") },
  cpu: { of: ({ pods }) => effectiveRequests(pods).cpu ?? 0, text: cores },
  "requests.cpu": { of: ({ pods }) => effectiveRequests(pods).cpu ?? 0, text: cores },
  "limits.cpu": { of: ({ pods }) => effectiveLimits(pods).cpu ?? 0, text: cores },
  memory: { of: ({ pods }) => effectiveRequests(pods).memory ?? 0, text: memoryText },
  "requests.memory": { of: ({ pods }) => effectiveRequests(pods).memory ?? 0, text: memoryText },
  "limits.memory": { of: ({ pods }) => effectiveLimits(pods).memory ?? 0, text: memoryText },
};

/** How the quota's key counts pods; `undefined` where it counts something else. */
export function perPod(key: string): Counting | undefined {
  if (Object.hasOwn(PER_POD, key)) return PER_POD[key];
  const [, bound, name] = /^(requests|limits)\.([\w-]+(?:\.[\w.-]+)?(?:\/[\w.-]+)?)$/.exec(key) ?? [];
  if (bound === undefined || name === undefined || name === "storage" || key.includes(".storageclass."))
    return undefined;
  const text = name === "ephemeral-storage" ? memoryText : (value: number) => String(value);
  return { of: (workload) => ofContainers(workload, bound as "requests" | "limits", name), text };
}

/** Extended resources and ephemeral storage of what shows its containers; a request that is not written equals the limit. */
function ofContainers({ resource, hidden }: Workload, bound: "requests" | "limits", name: string): number {
  if (hidden) return 0;
  return listAt(resource.inputs, `${podSpecPath(resource.type)}.containers`).reduce<number>((total, container) => {
    const resources = plainAt(container, "resources");
    const written = plainAt(resources, bound)[name] ?? plainAt(resources, "limits")[name];
    return total + (kubernetesQuantity(written) ?? 0);
  }, 0);
}

/** What the objects of a namespace come to under a key that counts no pods; `undefined` where nobody can tell. */
export function ofObjects(key: string, resources: readonly Resource[]): number | undefined {
  const claims = () => resources.flatMap(claimsOf);
  if (key === "persistentvolumeclaims") return sum(claims().map(({ count }) => count));
  if (key === "requests.storage") return sum(claims().map(({ count, bytes }) => count * bytes));
  const services = resources.filter(({ type }) => type === SERVICE);
  const ofType = (type: string) => services.filter(({ inputs }) => textAt(inputs, "spec.type") === type);
  if (key === "services.loadbalancers") return ofType("LoadBalancer").length;
  if (key === "services.nodeports") return sum([...ofType("NodePort"), ...ofType("LoadBalancer")].map(nodePorts));
  const type = PLAIN_OBJECTS[key.replace(/^count\//, "")];
  return type === undefined ? undefined : resources.filter((resource) => resource.type === type).length;
}

/** A load balancer needs them too, unless it is told that it does not. */
function nodePorts({ inputs }: Resource): number {
  return at(inputs, "spec.allocateLoadBalancerNodePorts") === false ? 0 : listAt(inputs, "spec.ports").length;
}

function claimsOf(resource: Resource): { count: number; bytes: number }[] {
  const size = (claim: unknown, path: string) => kubernetesQuantity(at(claim, `${path}.requests.storage`)) ?? 0;
  if (resource.type === CLAIM) return [{ count: 1, bytes: size(resource.inputs, "spec.resources") }];
  if (resource.type === STATEFUL_SET) {
    const count = numberAt(resource.inputs, "spec.replicas") ?? 1;
    return listAt(resource.inputs, "spec.volumeClaimTemplates").map((claim) => ({
      count,
      bytes: size(claim, "spec.resources"),
    }));
  }
  const hidden = hiddenBy(resource);
  return hidden === undefined || isUnexpanded(hidden) ? [] : [...hidden.claims];
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
