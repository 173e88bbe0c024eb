import { KUBERNETES_VERSIONS, NEWEST_KUBERNETES } from "@groundwork/lib/kubernetes-versions";
import type { FlowLogsArgs } from "../../components/cluster/flow-logs.ts";
import { clusterAccess, flowLogs, vpcEndpoints, workloadNodes } from "./cluster.ts";
import type { ClusterAccessChoices, EndpointChoices, WorkloadNodesChoices } from "./cluster.ts";
import type { GatewayInput, MeshInput } from "./cloud-gateway.ts";
import { readGateway, readMesh } from "./cloud-gateway.ts";
import { IN_THE_CLOUD, key } from "./key.ts";
import { CLUSTER_DNS_KEYS } from "./cluster-dns.ts";
import { SECRET_DRIFT_KEYS } from "./secret-drift.ts";
import { SECRET_STORE_KEYS } from "./secret-store.ts";
import { oneOf } from "./values.ts";

/** The keys of each region's cluster beside its managed nodes. */
export const CLUSTER_KEYS = {
  clusterAccess: key<ClusterAccessChoices>({
    type: "object",
    only: IN_THE_CLOUD,
    unset: {},
    description:
      "Cloud only: the way in to the clusters, { runner (a machine in the VPC that Session Manager reaches, about US$ 12 a month; default where clusterAccessCidrs is empty), roles: { <name>: { role (ARN), policy (view, adminView, edit, admin or clusterAdmin), namespaces } } }.",
    read: clusterAccess,
  }),
  kubernetesVersion: key<string>({
    type: "string",
    only: IN_THE_CLOUD,
    unset: NEWEST_KUBERNETES,
    description:
      "Cloud only: Kubernetes' minor version in quotes, which goes up in place, one at a time; default 1.36.",
    read: oneOf(...KUBERNETES_VERSIONS.map(({ version }) => version)),
  }),
  vpcEndpoints: key<EndpointChoices>({
    type: "object",
    only: IN_THE_CLOUD,
    unset: {},
    description:
      "Cloud only: AWS services reached inside the VPC beside S3, { services }, about US$ 22 a month each over three zones; default ec2, ecr.api, ecr.dkr, eks-auth, sts, with which nodes come up also without a NAT gateway.",
    read: vpcEndpoints,
  }),
  flowLogs: key<FlowLogsArgs>({
    type: "object",
    only: IN_THE_CLOUD,
    unset: {},
    description:
      "Cloud only: who talked to whom in the VPC, { to (cloudwatch, s3 or none), retentionDays }; default cloudwatch, 30.",
    read: flowLogs,
  }),
  workloadNodes: key<WorkloadNodesChoices>({
    type: "object",
    only: IN_THE_CLOUD,
    unset: {},
    description:
      "Cloud only: the nodes that Karpenter adds for workloads in each region, { architecture (amd64 or arm64), spot, cpu (cores in all), memoryGib (in all), expireAfterHours, gpus }; with spot, half of cpu and memoryGib is for spot machines; default that of nodes, false, 200, 800, 336, 4.",
    read: workloadNodes,
  }),
  ...SECRET_STORE_KEYS,
  ...SECRET_DRIFT_KEYS,
  ...CLUSTER_DNS_KEYS,
  gateway: key<GatewayInput>({
    type: "object",
    only: IN_THE_CLOUD,
    unset: {},
    description:
      "Cloud only: how requests come into the clusters, { kind (envoy, a gateway in each cluster, or nodePorts, the balancer straight to the nodes), nodePortPercent (0 to 100, while a stack with traffic moves from one to the other), kong (systems whose requests pass Kong too) }, see docs/gateway.md; default envoy, none, the systems that ask for it.",
    read: readGateway,
  }),
  mesh: key<MeshInput>({
    type: "object",
    only: IN_THE_CLOUD,
    unset: {},
    description:
      "Cloud only: the service mesh (Istio, ambient mode), { systems (whose pods speak mutual TLS) }, see docs/gateway.md; default the systems that ask for it.",
    read: readMesh,
  }),
} as const;
