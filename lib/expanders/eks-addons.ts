import { expansionOf, workload } from "./build.ts";
import type { Expansion, Plain } from "./expansion.ts";
import { at, container, count, plain } from "./read.ts";

/** What an EKS managed add-on runs, from its `configurationValues`. */
export interface EksAddon {
  /** EKS's name of it, e.g. `vpc-cni`. */
  readonly name: string;
  /** Where its pods, their default requests and what may be configured are documented. */
  readonly source: string;
  readonly expand: (configuration: Plain) => Expansion;
}

const namespace = "kube-system";
/** They run on every node, whatever it refuses. */
const critical = { priorityClassName: "system-node-critical", tolerations: [{ operator: "Exists" }] };
const clusterCritical = { priorityClassName: "system-cluster-critical" };
/** Of CoreDNS and of the EBS driver's controller by default. */
const onSystemNodes = { tolerations: [{ key: "CriticalAddonsOnly", operator: "Exists" }] };

/** What is configured, over what EKS sets by default. */
const resourcesOf = (configured: unknown, requests: Plain, limits: Plain = {}): Plain =>
  configured === undefined ? { requests, limits } : plain(configured);

const vpcCni: EksAddon = {
  name: "vpc-cni",
  source: "https://github.com/aws/amazon-vpc-cni-k8s/blob/master/charts/aws-vpc-cni/values.yaml",
  expand: (configuration) => {
    const own = resourcesOf(configuration.resources, { cpu: "25m" });
    return expansionOf(
      workload("DaemonSet", {
        namespace,
        name: "aws-node",
        containers: [
          container("aws-vpc-cni-init", resourcesOf(at(configuration, "init").resources, { cpu: "25m" }), "init"),
          container("aws-node", own),
          // The agent that enforces network policies runs whether they are switched on or not.
          container("aws-eks-nodeagent", at(configuration, "nodeAgent").resources ?? own),
        ],
        placedBy: critical,
      }),
    );
  },
};

const kubeProxy: EksAddon = {
  name: "kube-proxy",
  source: "https://docs.aws.amazon.com/eks/latest/userguide/managing-kube-proxy.html",
  expand: ({ resources }) =>
    expansionOf(
      workload("DaemonSet", {
        namespace,
        name: "kube-proxy",
        containers: [container("kube-proxy", resourcesOf(resources, { cpu: "100m" }))],
        placedBy: critical,
      }),
    ),
};

const podIdentityAgent: EksAddon = {
  name: "eks-pod-identity-agent",
  source: "https://github.com/aws/eks-pod-identity-agent/blob/main/charts/eks-pod-identity-agent/values.yaml",
  expand: ({ resources }) =>
    expansionOf(
      workload("DaemonSet", {
        namespace,
        name: "eks-pod-identity-agent",
        containers: [
          container("eks-pod-identity-agent-init", {}, "init"),
          container("eks-pod-identity-agent", resourcesOf(resources, {})),
        ],
        placedBy: critical,
      }),
    ),
};

const coredns: EksAddon = {
  name: "coredns",
  source: "https://docs.aws.amazon.com/eks/latest/userguide/managing-coredns.html",
  expand: (configuration) =>
    expansionOf(
      workload("Deployment", {
        namespace,
        name: "coredns",
        replicas: count(configuration.replicaCount, 2),
        containers: [
          container(
            "coredns",
            resourcesOf(configuration.resources, { cpu: "100m", memory: "70Mi" }, { memory: "170Mi" }),
          ),
        ],
        placedBy: { ...clusterCritical, ...onSystemNodes, ...configuration },
      }),
    ),
};

const metricsServer: EksAddon = {
  name: "metrics-server",
  source: "https://github.com/kubernetes-sigs/metrics-server/blob/master/charts/metrics-server/values.yaml",
  expand: (configuration) =>
    expansionOf(
      workload("Deployment", {
        namespace,
        name: "metrics-server",
        replicas: count(configuration.replicas, 2),
        containers: [
          container(
            "metrics-server",
            resourcesOf(configuration.resources, { cpu: "100m", memory: "200Mi" }, { memory: "400Mi" }),
          ),
        ],
        placedBy: { ...clusterCritical, ...configuration },
      }),
    ),
};

const ebsCsi: EksAddon = {
  name: "aws-ebs-csi-driver",
  source: "https://github.com/kubernetes-sigs/aws-ebs-csi-driver/blob/v1.66.0/charts/aws-ebs-csi-driver/values.yaml",
  expand: (configuration) => {
    const [controller, node] = [at(configuration, "controller"), at(configuration, "node")];
    const standard = [{ cpu: "10m", memory: "40Mi" }, { memory: "256Mi" }] as const;
    // A sidecar without resources of its own gets those of its pod.
    const sidecar = (name: string, key: string, pod: Plain) =>
      container(name, resourcesOf(at(configuration, "sidecars", key).resources ?? pod.resources, ...standard));
    return expansionOf(
      workload("Deployment", {
        namespace,
        name: "ebs-csi-controller",
        replicas: count(controller.replicaCount, 2),
        containers: [
          container("ebs-plugin", resourcesOf(controller.resources, ...standard)),
          sidecar("csi-provisioner", "provisioner", controller),
          sidecar("csi-attacher", "attacher", controller),
          sidecar("csi-snapshotter", "snapshotter", controller),
          sidecar("csi-resizer", "resizer", controller),
          sidecar("liveness-probe", "livenessProbe", controller),
        ],
        placedBy: { ...clusterCritical, ...onSystemNodes, ...controller },
      }),
      workload("DaemonSet", {
        namespace,
        name: "ebs-csi-node",
        containers: [
          container("ebs-plugin", resourcesOf(node.resources, ...standard)),
          sidecar("node-driver-registrar", "nodeDriverRegistrar", node),
          sidecar("liveness-probe", "livenessProbe", node),
        ],
        placedBy: { ...critical, ...node },
      }),
    );
  },
};

export const EKS_ADDONS: readonly EksAddon[] = [vpcCni, kubeProxy, podIdentityAgent, coredns, metricsServer, ebsCsi];
