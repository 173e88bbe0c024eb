/** Every add-on's name: the key under `addons` in the configuration, and part of its resources' logical names. */
export type AddonName =
  // Managed by EKS
  | "vpc-cni"
  | "kube-proxy"
  | "eks-pod-identity-agent"
  | "coredns"
  | "metrics-server"
  | "aws-ebs-csi-driver"
  // The platform
  | "karpenter"
  | "aws-load-balancer-controller"
  | "external-dns"
  | "cert-manager"
  | "external-secrets"
  | "prometheus-operator-crds"
  | "kube-prometheus-stack"
  | "opentelemetry-collector"
  | "keda"
  | "argo-rollouts"
  | "velero"
  | "eck-operator"
  | "nvidia-device-plugin"
  // Operators of data tiers
  | "cloudnative-pg"
  | "cloudnative-pg-barman"
  | "percona-mongodb-operator"
  | "rabbitmq-cluster-operator"
  // Gateways and mesh
  | "envoy-gateway"
  | "kong"
  | "istio-base"
  | "istiod"
  | "istio-cni"
  | "ztunnel";
