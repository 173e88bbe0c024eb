import { clustersOf, NAMESPACE, namespaceOf } from "../../framework/kubernetes.ts";
import type { Cluster } from "../../framework/kubernetes.ts";
import { listAt, textAt, unknownAt } from "../../framework/known.ts";
import { EXEMPT, pathOf, podOf, POD_TYPES, unknownIn } from "../../framework/pod-specs.ts";
import type { Pod } from "../../framework/pod-specs.ts";
import { stackPolicy } from "../../framework/policy.ts";
import type { Report } from "../../framework/policy.ts";
import { fits } from "../../framework/settings.ts";
import { matches } from "../../framework/stack.ts";
import type { Stack } from "../../framework/stack.ts";
import { BINDING } from "./rbac.ts";
import { hardening } from "./standard.ts";

const ACCOUNT = "kubernetes:core/v1:ServiceAccount";
const FIELD = "automountServiceAccountToken";

export const podMountsNoNeedlessToken = stackPolicy({
  name: "pod-mounts-no-needless-token",
  family: "security",
  severity: "medium",
  level: "mandatory",
  description: "A pod gets a token for the Kubernetes API only where its service account is bound to a role.",
  why: "The token is in every container's file system by default; who reads it can ask the API who it is and use what anybody ever binds to that account.",
  fix: "Set `automountServiceAccountToken: false` for the pod or its ServiceAccount, or bind the account to the role that the pod needs.",
  control: hardening(
    "protecting Pod service account tokens",
    "https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/",
    "5.1.6",
  ),
  settings: { exempt: EXEMPT },
  types: [...POD_TYPES, ACCOUNT, BINDING, NAMESPACE],
  checkStack(stack, { exempt }, report) {
    for (const cluster of clustersOf(stack)) {
      const accounts = accountsOf(stack, cluster);
      for (const resource of cluster.resources) {
        const pod = matches(resource.type, POD_TYPES) ? podOf(resource) : undefined;
        const namespace = pod && namespaceOf(stack, resource, cluster.resources);
        if (pod && namespace !== undefined && !fits(namespace, exempt)) checkPod(pod, namespace, accounts, report);
      }
    }
  },
});

/** By `namespace/name`: whether the account says that its token is mounted, and which accounts, or groups, a binding names. */
interface Accounts {
  readonly mounts: ReadonlyMap<string, unknown>;
  readonly bound: ReadonlySet<string>;
  /** Accounts that the stack makes, also the `default` ones that come with its namespaces. */
  readonly made: ReadonlySet<string>;
  /** Where the subjects of a binding are not known, any account may be one of them. */
  readonly unknown: string | undefined;
}

function accountsOf(stack: Stack, cluster: Cluster): Accounts {
  const mounts = new Map<string, unknown>();
  const bound = new Set<string>();
  const made = new Set<string>();
  let unknown: string | undefined;
  for (const resource of cluster.resources) {
    const namespace = () => namespaceOf(stack, resource, cluster.resources);
    if (resource.type === ACCOUNT) {
      const open = unknownAt(resource.unknown, FIELD);
      const key = `${namespace()}/${textAt(resource.inputs, "metadata.name") ?? resource.name}`;
      mounts.set(key, open ?? resource.inputs[FIELD]);
      made.add(key);
    } else if (resource.type === NAMESPACE) {
      made.add(`${namespace()}/default`);
    } else if (BINDING.test(resource.type)) {
      unknown ??= unknownAt(resource.unknown, "subjects");
      for (const subject of listAt(resource.inputs, "subjects")) {
        const name = textAt(subject, "name") ?? "";
        if (textAt(subject, "kind") === "Group") bound.add(name);
        if (textAt(subject, "kind") === "ServiceAccount")
          bound.add(`${textAt(subject, "namespace") ?? namespace()}/${name}`);
      }
    }
  }
  return { mounts, bound, made, unknown };
}

/** Every service account is in the first, those of a namespace in the second. https://kubernetes.io/docs/reference/access-authn-authz/rbac/#referring-to-subjects */
const groupsOf = (namespace: string) => ["system:serviceaccounts", `system:serviceaccounts:${namespace}`];

function checkPod(pod: Pod, namespace: string, { mounts, bound, made, unknown }: Accounts, report: Report): void {
  const own = pod.fields[FIELD];
  const { urn } = pod.resource;
  if (own === false || (pod.partial && own === undefined)) return;
  const name = textAt(pod.fields, "serviceAccountName") ?? textAt(pod.fields, "serviceAccount") ?? "default";
  const key = `${namespace}/${name}`;
  const account = mounts.get(key);
  const open =
    unknownIn(pod, FIELD, "serviceAccountName") ?? (typeof account === "string" ? account : undefined) ?? unknown;
  const isSilent = own === undefined && unknownIn(pod, FIELD) === undefined;
  if (isSilent && account === false) return;
  if ([key, ...groupsOf(namespace)].some((subject) => bound.has(subject))) return;
  if (open !== undefined) return report.undecided(open, `whether ${pod.name} needs a token of the Kubernetes API`, urn);
  const advised = `set ${pathOf(pod, FIELD)} to false`;
  const mounted = `${pod.name} mounts a token of ServiceAccount ${name}`;
  if (made.has(key)) report.violation(`${mounted}, which no role is bound to; ${advised}.`, urn);
  // whoever makes the account elsewhere may bind it there
  else report.advice(`${mounted}, which no role of this stack is bound to; ${advised}, unless another binds it.`, urn);
}
