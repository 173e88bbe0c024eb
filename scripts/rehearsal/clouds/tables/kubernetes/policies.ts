import type { Field } from "./field.ts";
import { labelSelector } from "./names.ts";
import { quantity } from "./pod.ts";

const PERCENT = /^\d+%$/;

/** https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/horizontal-pod-autoscaler-v2/ */
export function autoscaler(object: Field): void {
  const spec = object.at("spec");
  const [min, max] = [spec.at("minReplicas"), spec.at("maxReplicas")];
  min.range(1);
  max.range(1);
  const over = min.number !== undefined && max.number !== undefined && min.number > max.number;
  max.refuseIf(over, `must be greater than or equal to \`minReplicas\`, ${min.number}`);
  for (const metric of spec.at("metrics").items) oneMetric(metric);
  for (const direction of ["scaleUp", "scaleDown"]) scaling(spec.at("behavior", direction));
}

const METRICS: Readonly<Record<string, string>> = {
  ContainerResource: "containerResource",
  External: "external",
  Object: "object",
  Pods: "pods",
  Resource: "resource",
};

function oneMetric(metric: Field): void {
  const type = metric.at("type");
  type.oneOf(...Object.keys(METRICS));
  const name = METRICS[type.text ?? ""];
  if (name === undefined) return;
  metric.at(name).require(`must populate information for the given metric source, ${String(type.text)}`);
  const target = metric.at(name, "target");
  if (!target.present) return;
  target.at("type").oneOf("AverageValue", "Utilization", "Value");
  target.exactlyOne("averageUtilization", "averageValue", "value");
  target.at("averageUtilization").range(1);
}

function scaling(rules: Field): void {
  rules.at("stabilizationWindowSeconds").range(0, 3600);
  rules.at("selectPolicy").oneOf("Max", "Min", "Disabled");
  for (const policy of rules.at("policies").items) {
    policy.at("type").oneOf("Percent", "Pods");
    policy.at("value").range(1);
    policy.at("periodSeconds").range(1, 1800);
  }
}

/** https://kubernetes.io/docs/tasks/run-application/configure-pdb/ */
export function disruptionBudget(object: Field): void {
  const spec = object.at("spec");
  const both = spec.at("minAvailable").present && spec.at("maxUnavailable").present;
  spec.refuseIf(both, "minAvailable and maxUnavailable cannot be both set");
  for (const name of ["minAvailable", "maxUnavailable"]) {
    const field = spec.at(name);
    field.range(0);
    field.refuseIf(field.text !== undefined && !PERCENT.test(field.text), "write a number or a percentage, e.g. 50%");
  }
  spec.at("unhealthyPodEvictionPolicy").oneOf("AlwaysAllow", "IfHealthyBudget");
  labelSelector(spec.at("selector"));
}

/** https://kubernetes.io/docs/concepts/policy/resource-quotas/ */
const STANDARD_RESOURCES =
  /^(?:cpu|memory|ephemeral-storage|pods|services|replicationcontrollers|resourcequotas|secrets|configmaps|persistentvolumeclaims|services\.(?:nodeports|loadbalancers)|(?:requests|limits)\.(?:cpu|memory|ephemeral-storage)|requests\.storage|(?:requests\.)?hugepages-\w+)$/;
/** Extended resources, counts and storage classes have a domain or a prefix of their own. */
const OTHER_RESOURCES =
  /^(?:count\/[a-z0-9.-]+|[a-z0-9.-]+\.storageclass\.storage\.k8s\.io\/.+|(?:requests\.)?[a-z0-9.-]+\/[A-Za-z0-9._-]+)$/;

export function resourceQuota(object: Field): void {
  for (const [name, amount] of object.at("spec", "hard").entries) {
    const known = STANDARD_RESOURCES.test(name) || OTHER_RESOURCES.test(name);
    amount.refuseIf(!known, "must be a standard resource for quota, e.g. requests.cpu, limits.memory or pods");
    quantity(amount);
  }
  for (const scope of object.at("spec", "scopes").items) {
    scope.oneOf(
      "BestEffort",
      "CrossNamespacePodAffinity",
      "NotBestEffort",
      "NotTerminating",
      "PriorityClass",
      "Terminating",
      "VolumeAttributesClass",
    );
  }
}

/** https://kubernetes.io/docs/concepts/policy/limit-range/ */
export function limitRange(object: Field): void {
  const limits = object.at("spec", "limits");
  limits.unique((limit) => limit.at("type").text, "type");
  for (const limit of limits.items) {
    limit.at("type").oneOf("Container", "PersistentVolumeClaim", "Pod");
    for (const [, amounts] of limit.entries) for (const [, amount] of amounts.entries) quantity(amount);
    for (const [lower, upper] of [
      ["min", "max"],
      ["min", "defaultRequest"],
      ["min", "default"],
      ["defaultRequest", "default"],
      ["defaultRequest", "max"],
      ["default", "max"],
    ] as const) {
      ordered(limit.at(lower), limit.at(upper), upper);
    }
    if (limit.at("type").text === "Pod") {
      for (const name of ["default", "defaultRequest"])
        limit.at(name).refuseIf(limit.at(name).present, "may not be specified when `type` is 'Pod'");
    }
  }
}

function ordered(lower: Field, upper: Field, name: string): void {
  for (const [resource, amount] of lower.entries) {
    const [less, more] = [amount.quantity, upper.at(resource).quantity];
    const over = less !== undefined && more !== undefined && less > more;
    amount.refuseIf(over, `must be less than or equal to ${name} ${String(upper.at(resource).value)}`);
  }
}

/** https://kubernetes.io/docs/reference/access-authn-authz/rbac/ */
export function role(object: Field): void {
  for (const rule of object.at("rules").items) {
    const verbs = rule.at("verbs");
    verbs.refuseIf(
      verbs.absent || (verbs.present && verbs.items.length === 0),
      "verbs must contain at least one value",
    );
    const isCluster = object.at("kind").text === "ClusterRole";
    const urls = rule.at("nonResourceURLs");
    urls.refuseIf(!isCluster && urls.items.length > 0, "namespaced rules cannot apply to non-resource URLs");
    if (urls.items.length > 0 || urls.unknown) continue;
    for (const name of ["apiGroups", "resources"]) {
      const field = rule.at(name);
      field.refuseIf(!field.unknown && field.items.length === 0, `resource rules must supply at least one of ${name}`);
    }
  }
}

const RBAC_GROUP = "rbac.authorization.k8s.io";

export function roleBinding(object: Field): void {
  const isCluster = object.at("kind").text === "ClusterRoleBinding";
  object.at("roleRef", "kind").oneOf(...(isCluster ? ["ClusterRole"] : ["ClusterRole", "Role"]));
  object.at("roleRef", "apiGroup").oneOf(RBAC_GROUP, "");
  for (const subject of object.at("subjects").items) {
    subject.at("kind").oneOf("Group", "ServiceAccount", "User");
    const isAccount = subject.at("kind").text === "ServiceAccount";
    if (isAccount) subject.at("namespace").require("write the namespace of the service account");
    else if (subject.at("kind").present) subject.at("apiGroup").oneOf(RBAC_GROUP);
  }
}

/** https://kubernetes.io/docs/concepts/storage/storage-classes/ */
export function storageClass(object: Field): void {
  object.at("provisioner").matches(/\S/, Infinity, "write the name of a provisioner, e.g. ebs.csi.aws.com");
  object.at("reclaimPolicy").oneOf("Delete", "Retain");
  object.at("volumeBindingMode").oneOf("Immediate", "WaitForFirstConsumer");
}

/** https://kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption/#priorityclass */
export function priorityClass(object: Field): void {
  object.at("value").range(-2147483648, 1_000_000_000);
  object.at("preemptionPolicy").oneOf("Never", "PreemptLowerPriority");
}
