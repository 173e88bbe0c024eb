import type { CloudConfig, RegionConfig } from "../../stacks/config/types.ts";
import { finaiNexus } from "../../stacks/systems/finai-nexus.ts";
import { DATA_OUTPUTS } from "../components/data-fixture.ts";
import type { Outputs } from "../helpers/mocks.ts";

export const west: RegionConfig = {
  name: "us-west-2",
  role: "primary",
  cidr: "10.0.0.0/16",
  zones: ["us-west-2a", "us-west-2b", "us-west-2c"],
};
export const east: RegionConfig = {
  name: "us-east-1",
  role: "failover",
  cidr: "10.1.0.0/16",
  zones: ["us-east-1a", "us-east-1b", "us-east-1c"],
};

/** What Pulumi.prod.yaml comes to, with its placeholders filled in. */
export const prod: CloudConfig = {
  target: "cloud",
  systems: [finaiNexus],
  protect: true,
  awsAccountId: "123456789012",
  cloudflareAccountId: "a".repeat(32),
  cloudflareZoneId: "b".repeat(32),
  domain: "example.com",
  regions: [west, east],
  natGateways: "perZone",
  clusterAccessCidrs: ["192.0.2.0/24"],
  nodes: { instanceType: "m7i.xlarge", min: 3, max: 10, desired: 4 },
  database: { instanceClass: "db.r8g.large", readers: { primary: 3, failover: 2 } },
  cache: { nodeType: "cache.r7g.large", shards: 3, replicasPerShard: 1 },
};

const arn = (_inputs: object, name: string) => ({ arn: `arn:aws:test:us-west-2:123456789012:${name}` });
const named = (_inputs: object, name: string) => ({ name });
const nothing = () => ({});

/** Every type that a cloud environment uses, with the outputs that the program reads. */
export const CLOUD_OUTPUTS: Outputs = {
  "aws:ec2/vpc:Vpc": nothing,
  "aws:ec2/internetGateway:InternetGateway": nothing,
  "aws:ec2/subnet:Subnet": nothing,
  "aws:ec2/eip:Eip": nothing,
  "aws:ec2/natGateway:NatGateway": nothing,
  "aws:ec2/routeTable:RouteTable": nothing,
  "aws:ec2/routeTableAssociation:RouteTableAssociation": nothing,
  "aws:ec2/securityGroup:SecurityGroup": nothing,
  "aws:ec2/managedPrefixList:ManagedPrefixList": nothing,
  "aws:ec2/launchTemplate:LaunchTemplate": () => ({ latestVersion: 1 }),
  "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": nothing,
  "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": nothing,
  "aws:iam/role:Role": (inputs, name) => ({ ...arn(inputs, name), name }),
  "aws:iam/rolePolicyAttachment:RolePolicyAttachment": nothing,
  "aws:kms/key:Key": arn,
  "aws:cloudwatch/logGroup:LogGroup": nothing,
  "aws:eks/cluster:Cluster": (inputs) => ({
    endpoint: "https://eks.example",
    certificateAuthority: { data: "Y2E=" },
    vpcConfig: { ...(inputs["vpcConfig"] as object), clusterSecurityGroupId: "sg-nodes" },
  }),
  "aws:eks/addon:Addon": nothing,
  "aws:eks/nodeGroup:NodeGroup": () => ({ resources: [{ autoscalingGroups: [{ name: "asg" }] }] }),
  "aws:autoscaling/attachment:Attachment": nothing,
  "aws:lb/loadBalancer:LoadBalancer": (inputs, name) => ({ ...arn(inputs, name), dnsName: `${name}.elb.example` }),
  "aws:lb/targetGroup:TargetGroup": arn,
  "aws:lb/listener:Listener": arn,
  "aws:lb/listenerRule:ListenerRule": nothing,
  "aws:acm/certificate:Certificate": (inputs, name) => ({
    ...arn(inputs, name),
    domainValidationOptions: [
      {
        resourceRecordName: "_1.example.com.",
        resourceRecordType: "CNAME",
        resourceRecordValue: "_2.acm-validations.aws.",
      },
    ],
  }),
  "aws:acm/certificateValidation:CertificateValidation": nothing,
  "aws:rds/globalCluster:GlobalCluster": nothing,
  "aws:rds/cluster:Cluster": (_inputs, name) => ({
    endpoint: `${name}.writer.example`,
    readerEndpoint: `${name}.reader.example`,
  }),
  "aws:rds/clusterInstance:ClusterInstance": nothing,
  "aws:rds/subnetGroup:SubnetGroup": named,
  "aws:rds/clusterParameterGroup:ClusterParameterGroup": named,
  "aws:elasticache/replicationGroup:ReplicationGroup": (_inputs, name) => ({
    configurationEndpointAddress: `${name}.cache.example`,
  }),
  "aws:elasticache/subnetGroup:SubnetGroup": named,
  "aws:elasticache/parameterGroup:ParameterGroup": named,
  "aws:ecr/repository:Repository": (_inputs, name) => ({
    name,
    registryId: "123456789012",
    repositoryUrl: `123456789012.dkr.ecr.example/${name}`,
  }),
  "aws:ecr/lifecyclePolicy:LifecyclePolicy": nothing,
  "aws:ecr/getAuthorizationToken:getAuthorizationToken": () => ({
    proxyEndpoint: "https://123456789012.dkr.ecr.example",
    userName: "AWS",
    password: "one-time-password",
  }),
  "cloudflare:index/dnsRecord:DnsRecord": nothing,
  "cloudflare:index/loadBalancer:LoadBalancer": nothing,
  "cloudflare:index/loadBalancerMonitor:LoadBalancerMonitor": nothing,
  "cloudflare:index/loadBalancerPool:LoadBalancerPool": nothing,
  "cloudflare:index/zoneSetting:ZoneSetting": nothing,
  "docker-build:index:Image": () => ({ digest: `sha256:${"0".repeat(64)}` }),
  "random:index/randomPassword:RandomPassword": () => ({ result: "drawn-password" }),
  "random:index/randomId:RandomId": () => ({ hex: "0a1b2c3d" }),
  "kubernetes:core/v1:Namespace": nothing,
  "kubernetes:core/v1:ResourceQuota": nothing,
  "kubernetes:core/v1:LimitRange": nothing,
  "kubernetes:core/v1:ServiceAccount": nothing,
  "kubernetes:core/v1:Secret": (inputs, name) => ({ metadata: { ...(inputs["metadata"] as object), name } }),
  "kubernetes:core/v1:Service": nothing,
  "kubernetes:apps/v1:Deployment": nothing,
  "kubernetes:autoscaling/v2:HorizontalPodAutoscaler": nothing,
  "kubernetes:policy/v1:PodDisruptionBudget": nothing,
  "kubernetes:networking.k8s.io/v1:NetworkPolicy": nothing,
  ...DATA_OUTPUTS,
};
