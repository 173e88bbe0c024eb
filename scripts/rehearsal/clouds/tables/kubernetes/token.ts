import { customKind } from "@groundwork/lib/crds";

/** The parts of a Pulumi token such as `kubernetes:networking.k8s.io/v1:Ingress`; the core group is `core` there. */
export interface Kind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

export function kindOf(token: string): Kind | undefined {
  const match = /^kubernetes:([a-z0-9.-]+)\/(v\w+):([A-Z]\w+)$/.exec(token);
  if (!match) return undefined;
  const [, group = "", version = "", kind = ""] = match;
  return { group, version, kind };
}

/** `deployments.apps`, as the API server names kinds in its messages. */
export function resourceName({ group, kind }: Kind): string {
  const lower = kind.toLowerCase();
  const irregular = lower.replace(/(s|x|ch)$/, "$1es").replace(/([^aeiou])y$/, "$1ies");
  const plural = irregular !== lower || lower.endsWith("endpoints") ? irregular : `${lower}s`;
  return group === "core" ? plural : `${plural}.${group}`;
}

/** https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/#not-all-objects-are-in-a-namespace, and `kubectl api-resources --namespaced=false` of 1.36. */
const CLUSTER_SCOPED = new Set([
  ...["APIService", "CSIDriver", "CSINode", "CertificateSigningRequest", "ClusterRole", "ClusterRoleBinding"],
  ...["ClusterTrustBundle", "ComponentStatus", "CustomResourceDefinition", "DeviceClass", "DeviceTaintRule"],
  ...["FlowSchema", "IPAddress", "IngressClass", "MutatingAdmissionPolicy", "MutatingAdmissionPolicyBinding"],
  ...["MutatingWebhookConfiguration", "Namespace", "Node", "PersistentVolume", "PriorityClass"],
  ...["PriorityLevelConfiguration", "ResourceSlice", "RuntimeClass", "ServiceCIDR", "StorageClass"],
  ...["StorageVersion", "StorageVersionMigration", "ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"],
  ...["ValidatingWebhookConfiguration", "VolumeAttachment", "VolumeAttributesClass"],
]);

export function isNamespaced({ group, version, kind }: Kind): boolean {
  return customKind(`${group}/${version}`, kind)?.namespaced ?? !CLUSTER_SCOPED.has(kind);
}
