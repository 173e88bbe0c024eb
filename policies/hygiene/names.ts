import { textAt } from "../framework/known.ts";
import type { Resource } from "../framework/policy.ts";

/** What a service takes for a name. */
export interface NameRule {
  /** The input that holds the name. */
  readonly path: string;
  readonly shortest: number;
  readonly longest: number;
  readonly pattern: RegExp;
  /** The pattern in words, as the rest of `use …`. */
  readonly words: string;
  /** Where the service says so. */
  readonly source: string;
}

const LETTERS_DIGITS_HYPHENS = "letters, digits and hyphens, and start and end with a letter or digit";
const BALANCER: NameRule = {
  path: "name",
  shortest: 1,
  longest: 32,
  pattern: /^(?!internal-)[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?$/,
  words: `${LETTERS_DIGITS_HYPHENS}, but not with internal-`,
  source: "https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html",
};
const DATABASE: NameRule = {
  path: "identifier",
  shortest: 1,
  longest: 63,
  pattern: /^[A-Za-z](?:-?[A-Za-z0-9])*$/,
  words: "letters, digits and single hyphens, and start with a letter",
  source: "https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html",
};
const IAM: NameRule = {
  path: "name",
  shortest: 1,
  longest: 64,
  pattern: /^[\w+=,.@-]+$/,
  words: "letters, digits and _+=,.@-",
  source: "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html",
};
const SUBDOMAIN: NameRule = {
  path: "metadata.name",
  shortest: 1,
  longest: 253,
  pattern: /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/,
  words: "lower case letters, digits, dots and hyphens, and start and end with a letter or digit",
  source: "https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#dns-subdomain-names",
};
const LABEL: NameRule = { ...SUBDOMAIN, longest: 63, pattern: /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/ };

const RULES: Readonly<Record<string, NameRule>> = {
  "aws:s3/bucket:Bucket": {
    path: "bucket",
    shortest: 3,
    longest: 63,
    pattern:
      /^(?!xn--|sthree-|amzn-s3-demo-)(?!\d+(?:\.\d+){3}$)(?!.*\.\.)[a-z0-9][a-z0-9.-]*[a-z0-9](?<!-s3alias|--ol-s3|\.mrap|--x-s3|--table-s3)$/,
    words: "lower case letters, digits, single dots and hyphens, and start and end with a letter or digit",
    source: "https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html",
  },
  "aws:lb/loadBalancer:LoadBalancer": BALANCER,
  "aws:alb/loadBalancer:LoadBalancer": BALANCER,
  "aws:lb/targetGroup:TargetGroup": {
    ...BALANCER,
    pattern: /^[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?$/,
    words: LETTERS_DIGITS_HYPHENS,
  },
  "aws:iam/role:Role": IAM,
  "aws:iam/user:User": IAM,
  "aws:iam/policy:Policy": { ...IAM, longest: 128 },
  "aws:iam/group:Group": { ...IAM, longest: 128 },
  "aws:iam/instanceProfile:InstanceProfile": { ...IAM, longest: 128 },
  "aws:ec2/securityGroup:SecurityGroup": {
    path: "name",
    shortest: 1,
    longest: 255,
    pattern: /^(?!sg-)[A-Za-z0-9 ._\-:/()#,@[\]+=&;{}!$*]+$/,
    words: "letters, digits, spaces and ._-:/()#,@[]+=&;{}!$*, and do not start with sg-",
    source: "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSecurityGroup.html",
  },
  "aws:eks/cluster:Cluster": {
    path: "name",
    shortest: 1,
    longest: 100,
    pattern: /^[0-9A-Za-z][A-Za-z0-9_-]*$/,
    words: "letters, digits, hyphens and underscores, and start with a letter or digit",
    source: "https://docs.aws.amazon.com/eks/latest/APIReference/API_CreateCluster.html",
  },
  "aws:rds/instance:Instance": DATABASE,
  "aws:rds/clusterInstance:ClusterInstance": DATABASE,
  "aws:rds/cluster:Cluster": { ...DATABASE, path: "clusterIdentifier" },
  "aws:elasticache/replicationGroup:ReplicationGroup": {
    ...DATABASE,
    path: "replicationGroupId",
    longest: 40,
    source: "https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CreateReplicationGroup.html",
  },
  "aws:ecr/repository:Repository": {
    path: "name",
    shortest: 2,
    longest: 256,
    pattern: /^[a-z0-9]+(?:[._/-][a-z0-9]+)*$/,
    words: "lower case letters and digits with single . _ - or / between them",
    source: "https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_CreateRepository.html",
  },
  "aws:sqs/queue:Queue": {
    path: "name",
    shortest: 1,
    longest: 80,
    pattern: /^[A-Za-z0-9_-]+(?:\.fifo)?$/,
    words: "letters, digits, hyphens and underscores, and .fifo at the end of a FIFO queue's",
    source: "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html",
  },
  "aws:cloudwatch/logGroup:LogGroup": {
    path: "name",
    shortest: 1,
    longest: 512,
    pattern: /^[.\-_/#A-Za-z0-9]+$/,
    words: "letters, digits and .-_/#",
    source: "https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html",
  },
  "aws:secretsmanager/secret:Secret": {
    path: "name",
    shortest: 1,
    longest: 512,
    pattern: /^[A-Za-z0-9/_+=.@-]+$/,
    words: "letters, digits and /_+=.@-",
    source: "https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html",
  },
  "docker:index/container:Container": {
    path: "name",
    shortest: 2,
    longest: 253,
    pattern: /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/,
    words: "letters, digits and _.-, and start with a letter or digit",
    source: "https://docs.docker.com/reference/api/engine/version/v1.51/#tag/Container/operation/ContainerCreate",
  },
  "kubernetes:core/v1:Namespace": LABEL,
  "kubernetes:core/v1:Service": LABEL,
};

/** Kinds whose names are those of DNS; RBAC's, for one, may be more. */
const OBJECT = /^kubernetes:(?:core|apps|batch|autoscaling|policy|networking\.k8s\.io)\/v\w+:\w+$/;

/** The types whose names are known to follow a rule. */
export const NAMED: readonly (string | RegExp)[] = [...Object.keys(RULES), OBJECT];

export function nameRule(type: string): NameRule | undefined {
  return Object.hasOwn(RULES, type) ? RULES[type] : OBJECT.test(type) ? SUBDOMAIN : undefined;
}

/** The name that a resource is given, if the program gives it one. */
export function givenName({ inputs, type }: Resource): string | undefined {
  const rule = nameRule(type);
  return rule && textAt(inputs, rule.path);
}
