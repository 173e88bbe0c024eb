/**
 * The AWS types that take a map of `tags`, by service: every one of each service that is listed, as the installed SDK
 * declares them, which a test compares. https://www.pulumi.com/registry/packages/aws/api-docs/
 */
const TAGGED_BY_SERVICE: Readonly<Record<string, string>> = {
  accessanalyzer: "Analyzer",
  acm: "Certificate",
  backup: "Framework LogicallyAirGappedVault Plan ReportPlan RestoreTestingPlan Vault",
  budgets: "Budget BudgetAction",
  cloudtrail: "EventDataStore Trail",
  cloudwatch:
    "AlarmMuteRule CompositeAlarm ContributorInsightRule ContributorManagedInsightRule EventBus EventRule InternetMonitor LogAnomalyDetector LogDelivery LogDeliveryDestination LogDeliverySource LogDestination LogGroup MetricAlarm MetricStream",
  costexplorer: "AnomalyMonitor AnomalySubscription CostCategory",
  ebs: "Snapshot SnapshotCopy SnapshotImport Volume VolumeCopy",
  ec2: "Ami AmiCopy AmiFromInstance CapacityBlockReservation CapacityReservation CarrierGateway CustomerGateway DedicatedHost DefaultNetworkAcl DefaultRouteTable DefaultSecurityGroup DefaultSubnet DefaultVpc DefaultVpcDhcpOptions EgressOnlyInternetGateway Eip EncryptionControl Fleet FlowLog Instance InternetGateway KeyPair LaunchTemplate LocalGatewayRouteTable LocalGatewayRouteTableVirtualInterfaceGroupAssociation LocalGatewayRouteTableVpcAssociation ManagedPrefixList NatGateway NetworkAcl NetworkInsightsAccessScope NetworkInsightsAnalysis NetworkInsightsPath NetworkInterface PlacementGroup RouteTable SecondaryNetwork SecondarySubnet SecurityGroup SpotFleetRequest SpotInstanceRequest Subnet TrafficMirrorFilter TrafficMirrorSession TrafficMirrorTarget Vpc VpcBlockPublicAccessExclusion VpcDhcpOptions VpcEncryptionControl VpcEndpoint VpcEndpointService VpcIpam VpcIpamPool VpcIpamPoolCidrAllocation VpcIpamResourceDiscovery VpcIpamResourceDiscoveryAssociation VpcIpamScope VpcPeeringConnection VpcPeeringConnectionAccepter VpnConcentrator VpnConnection VpnGateway",
  ecr: "Repository",
  eks: "AccessEntry Addon Capability Cluster FargateProfile IdentityProviderConfig NodeGroup PodIdentityAssociation",
  elasticache: "Cluster ParameterGroup ReplicationGroup ReservedCacheNode ServerlessCache SubnetGroup User UserGroup",
  guardduty: "Detector Filter IPSet MalwareProtectionPlan PublishingDestination ThreatIntelSet",
  iam: "InstanceProfile OpenIdConnectProvider Policy Role SamlProvider ServerCertificate ServiceLinkedRole User VirtualMfaDevice",
  kms: "ExternalKey Key ReplicaExternalKey ReplicaKey",
  lb: "Listener ListenerRule LoadBalancer TargetGroup TrustStore",
  mq: "Broker Configuration",
  rds: "Cluster ClusterEndpoint ClusterInstance ClusterParameterGroup ClusterSnapshot ClusterSnapshotCopy CustomDbEngineVersion EventSubscription GlobalCluster Instance Integration OptionGroup ParameterGroup Proxy ProxyEndpoint ReservedInstance ShardGroup Snapshot SnapshotCopy SubnetGroup",
  s3: "AccessPoint Bucket BucketObject BucketObjectv2 BucketV2 DirectoryBucket FilesAccessPoint FilesFileSystem ObjectCopy VectorsIndex VectorsVectorBucket",
  secretsmanager: "Secret",
  sns: "Topic",
  sqs: "Queue",
  ssm: "Activation Association ContactsRotation Document MaintenanceWindow Parameter PatchBaseline QuicksetupConfigurationManager",
  vpc: "RouteServer RouteServerEndpoint RouteServerPeer SecurityGroupEgressRule SecurityGroupIngressRule",
};

const AWS_TAGGED = new Set(
  Object.entries(TAGGED_BY_SERVICE).flatMap(([service, names]) => names.split(" ").map((name) => token(service, name))),
);

/** The services of which every taggable type is known here. */
export const TAGGED_SERVICES: readonly string[] = Object.keys(TAGGED_BY_SERVICE);

/** Docker resources with `labels`. https://www.pulumi.com/registry/packages/docker/api-docs/ */
const LABELLED = new Set([
  "docker:index/container:Container",
  "docker:index/network:Network",
  "docker:index/volume:Volume",
  "docker:index/service:Service",
  "docker:index/secret:Secret",
  "docker:index/serviceConfig:ServiceConfig",
]);

/** Kubernetes types without `metadata` of their own: a Helm release, and what unpacks many objects. */
const NOT_OBJECTS = /^kubernetes:(helm\.sh|yaml|kustomize|index)[/:]/;

/** Whether a type's objects take annotations; a patch belongs to somebody else's object. */
export function isAnnotated(type: string): boolean {
  return type.startsWith("kubernetes:") && !NOT_OBJECTS.test(type) && !type.endsWith("Patch") && !type.endsWith("List");
}

/** Whether a type takes Docker's `labels`. */
export function isLabelled(type: string): boolean {
  return LABELLED.has(type);
}

/** Whether a type takes AWS's `tags`. */
export function isTagged(type: string): boolean {
  return AWS_TAGGED.has(type);
}

function token(service: string, name: string): string {
  return `aws:${service}/${name.charAt(0).toLowerCase()}${name.slice(1)}:${name}`;
}
