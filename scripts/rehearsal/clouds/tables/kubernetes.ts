import type { ResourceType, Table } from "../table.ts";
import { nameOf, namespaceOf } from "./kubernetes/cluster.ts";
import { checkCustom, isCustom, unknownKind } from "./kubernetes/custom.ts";
import { checkInCluster } from "./kubernetes/live.ts";
import { validateObject } from "./kubernetes/offline.ts";
import { outputsOf } from "./kubernetes/outputs.ts";
import { release } from "./kubernetes/release.ts";
import { isNamespaced, kindOf, resourceName } from "./kubernetes/token.ts";

export { validateObject } from "./kubernetes/offline.ts";

/** The provider's own table of what replaces; it writes `Daemonset` there, so a DaemonSet's selector replaces nothing. */
const SOURCE = "https://github.com/pulumi/pulumi-kubernetes/blob/master/provider/pkg/provider/diff.go";

const CONTAINER_FIELDS = [
  ...["args", "command", "env", "image", "imagePullPolicy", "lifecycle", "livenessProbe", "ports", "readinessProbe"],
  ...["resources", "securityContext", "stdin", "stdinOnce", "terminationMessagePath", "terminationMessagePolicy"],
  ...["tty", "volumeDevices", "volumeMounts", "workingDir"],
];
const POD_FIELDS = [
  ...["affinity", "automountServiceAccountToken", "dnsConfig", "dnsPolicy", "enableServiceLinks", "hostAliases"],
  ...["hostIPC", "hostNetwork", "hostPID", "hostname", "imagePullSecrets", "nodeName", "nodeSelector", "overhead"],
  ...["preemptionPolicy", "priority", "priorityClassName", "readinessGates", "restartPolicy", "runtimeClassName"],
  ...["schedulerName", "securityContext", "serviceAccount", "serviceAccountName", "shareProcessNamespace"],
  ...["subdomain", "terminationGracePeriodSeconds", "volumes"],
  ...CONTAINER_FIELDS.flatMap((name) => [`containers[].${name}`, `initContainers[].${name}`]),
];
const VOLUME_SOURCES = [
  ...["awsElasticBlockStore", "azureDisk", "azureFile", "cephfs", "cinder", "csi", "fc", "flexVolume", "flocker"],
  ...["gcePersistentDisk", "glusterfs", "hostPath", "iscsi", "local", "nfs", "photonPersistentDisk"],
  ...["portworxVolume", "quobyte", "rbd", "scaleIO", "storageos", "vsphereVolume"],
];
const inSpec = (...names: string[]) => names.map((name) => `spec.${name}`);

const REPLACES: Readonly<Record<string, readonly string[]>> = {
  "apps/v1:Deployment": inSpec("selector"),
  "apps/v1:StatefulSet": inSpec(
    "podManagementPolicy",
    "revisionHistoryLimit",
    "selector",
    "serviceName",
    "volumeClaimTemplates",
  ),
  "batch/v1:Job": inSpec("completions", "parallelism", "selector", "template"),
  "core/v1:ConfigMap": ["binaryData", "data"],
  "core/v1:PersistentVolume": inSpec(...VOLUME_SOURCES),
  "core/v1:PersistentVolumeClaim": ["spec"],
  "core/v1:Pod": inSpec(...POD_FIELDS),
  "core/v1:ResourceQuota": inSpec("scopes"),
  "core/v1:Secret": ["data", "stringData", "type"],
  "core/v1:Service": inSpec("clusterIP"),
  "rbac.authorization.k8s.io/v1:ClusterRoleBinding": ["roleRef"],
  "rbac.authorization.k8s.io/v1:RoleBinding": ["roleRef"],
  "storage.k8s.io/v1:StorageClass": ["parameters", "provisioner"],
};

/** Every other field of an object is patched in place. */
const UPDATES = [
  ...["metadata", "spec", "data", "stringData", "binaryData", "immutable", "type", "rules", "aggregationRule"],
  ...["subjects", "secrets", "imagePullSecrets", "automountServiceAccountToken", "webhooks", "value", "globalDefault"],
  ...["description", "preemptionPolicy", "allowVolumeExpansion", "allowedTopologies", "mountOptions", "reclaimPolicy"],
  ...["volumeBindingMode", "provisioner", "parameters", "endpoints", "ports", "addressType", "subsets", "handler"],
];

/** One rule for every kind of the SDK; what is special about a kind stands in the tables beside. */
function entry(token: string): ResourceType | undefined {
  if (token === release.token) return release;
  const kind = kindOf(token);
  if (!kind || /(?:List|Patch)$/.test(kind.kind)) return undefined;
  const replaces = REPLACES[`${kind.group}/${kind.version}:${kind.kind}`] ?? [];
  return {
    token,
    source: SOURCE,
    id: ({ inputs, name, provider }) => {
      const own = nameOf(inputs) || name;
      return isNamespaced(kind) ? `${namespaceOf(inputs, provider)}/${own}` : own;
    },
    key: ({ inputs, provider }) => {
      const name = nameOf(inputs);
      if (name === "") return undefined;
      return isNamespaced(kind) ? `${namespaceOf(inputs, provider)}/${name}` : name;
    },
    exists: `${resourceName(kind)} of that name already exists`,
    autoName: { property: "metadata.name", maxLength: 253, digits: 8 },
    offline: (inputs) => {
      const unknown = unknownKind(token);
      return unknown === undefined ? validateObject(token, inputs) : [unknown];
    },
    check: (ctx) => (isCustom(kind) ? checkCustom(ctx, token) : checkInCluster(ctx, token)),
    replaces: ["metadata.name", "metadata.namespace", ...replaces],
    updates: UPDATES.filter((name) => !replaces.includes(name)),
    outputs: (ctx) => outputsOf(ctx, token),
    // the SDK still declares it; the API server dropped it with 1.28: https://github.com/kubernetes/kubernetes/pull/118760
    ...(kind.kind === "NetworkPolicy" && { absent: ["status"] }),
    ...(kind.kind === "Secret" && { secrets: ["data", "stringData"] }),
  };
}

/** What Groundwork's own program uses; any other kind of the SDK gets its entry on demand. */
const USED = [
  ...["Namespace", "ResourceQuota", "LimitRange", "ServiceAccount", "Secret", "ConfigMap", "Service"].map(
    (kind) => `core/v1:${kind}`,
  ),
  ...["PersistentVolume", "PersistentVolumeClaim", "Pod"].map((kind) => `core/v1:${kind}`),
  ...["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet"].map((kind) => `apps/v1:${kind}`),
  ...["NetworkPolicy", "Ingress", "IngressClass"].map((kind) => `networking.k8s.io/v1:${kind}`),
  ...["Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding"].map((kind) => `rbac.authorization.k8s.io/v1:${kind}`),
  ...["batch/v1:Job", "batch/v1:CronJob", "autoscaling/v2:HorizontalPodAutoscaler", "policy/v1:PodDisruptionBudget"],
  ...["storage.k8s.io/v1:StorageClass", "scheduling.k8s.io/v1:PriorityClass"],
];

export const table: Table = {
  package: "kubernetes",
  types: [release, ...USED.flatMap((name) => entry(`kubernetes:${name}`) ?? [])],
  any: entry,
};
