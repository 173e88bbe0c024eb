/** Workloads: what makes pods. The provider also has a `...Patch` of each. */
export const WORKLOAD =
  /^kubernetes:(?:core|apps|batch)\/v\w+:(?:Pod|Deployment|StatefulSet|DaemonSet|ReplicaSet|Job|CronJob)(?:Patch)?$/;
export const NAMESPACE = "kubernetes:core/v1:Namespace";
export const RESOURCE_QUOTA = "kubernetes:core/v1:ResourceQuota";
export const LIMIT_RANGE = "kubernetes:core/v1:LimitRange";
export const AUTOSCALER = /^kubernetes:autoscaling\/v\w+:HorizontalPodAutoscaler$/;
export const DISRUPTION_BUDGET = /^kubernetes:policy\/v\w+:PodDisruptionBudget$/;
export const EKS_CLUSTER = "aws:eks/cluster:Cluster";
export const NODE_GROUP = "aws:eks/nodeGroup:NodeGroup";
export const NODE_POOL = /^kubernetes:karpenter\.sh\/v\w+:NodePool$/;
export const LAUNCH_TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate";
export const DOCKER_CONTAINER = "docker:index/container:Container";
export const DOCKER_SERVICE = "docker:index/service:Service";

/** A part of an object that is there already, by which nothing new comes into being. */
export function isPatch(type: string): boolean {
  return type.startsWith("kubernetes:") && type.endsWith("Patch");
}

/** `Deployment` of `kubernetes:apps/v1:Deployment`. */
export function kindOf(type: string): string {
  return (type.split(":")[2] ?? "").replace(/Patch$/, "");
}

/** Where a workload keeps its pod's spec. */
export function podSpecPath(type: string): string {
  const kind = kindOf(type);
  return kind === "Pod" ? "spec" : kind === "CronJob" ? "spec.jobTemplate.spec.template.spec" : "spec.template.spec";
}

/** Beside the pod's spec. */
export function podLabelsPath(type: string): string {
  return podSpecPath(type).replace(/spec$/, "metadata.labels");
}
