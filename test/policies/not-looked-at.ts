const PARAMETERS = "Of a provider a policy asks its region and account (hygiene); it makes nothing by itself.";
const RANDOM = "A value in the state, which the engine encrypts; what uses it is looked at.";
const OWN_CERTIFICATE =
  "A certificate that a rehearsal or a private connection makes for itself; who trusts it is looked at.";
const LINK = "Joins two resources that are looked at, and has no input of its own to decide about.";

/** Types that our environments create and no policy but those on names and tags looks at, and why none is needed. */
export const NOT_LOOKED_AT: Readonly<Record<string, string>> = {
  "aws:acm/certificateValidation:CertificateValidation": LINK,
  "aws:backup/regionSettings:RegionSettings":
    "Switches services on for AWS Backup; what is not backed up is found at the database.",
  "aws:backup/restoreTestingSelection:RestoreTestingSelection":
    "An exercise: it can fail, but it cannot make anything unsafe.",
  "aws:backup/selection:Selection": LINK,
  "aws:budgets/budget:Budget": "It is the budget's guard itself; its amounts are the team's decision.",
  "aws:cloudwatch/eventRule:EventRule": "Tells of events; it opens and stores nothing.",
  "aws:cloudwatch/eventTarget:EventTarget": LINK,
  "aws:ec2/managedPrefixList:ManagedPrefixList":
    "A list of networks; the security group rules that use it are looked at.",
  "aws:eks/accessEntry:AccessEntry":
    "Who enters; with what rights is decided at the policy association, which is looked at.",
  "aws:eks/podIdentityAssociation:PodIdentityAssociation": LINK,
  "aws:elasticache/parameterGroup:ParameterGroup":
    "Tuning; no control of a benchmark asks for a parameter of ElastiCache.",
  "aws:iam/instanceProfile:InstanceProfile": LINK,
  "aws:lb/listenerCertificate:ListenerCertificate": LINK,
  "aws:rds/proxyDefaultTargetGroup:ProxyDefaultTargetGroup": "Tuning of the proxy's pool; the proxy is looked at.",
  "aws:secretsmanager/secretVersion:SecretVersion":
    "The value itself, which no policy should read; the secret is looked at.",
  "aws:ssm/parameter:Parameter":
    "The value itself, which no policy should read; who may read it is in roles, which are looked at.",
  "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": "A way out; the benchmarks judge the ways in.",
  "docker:index/secret:Secret":
    "The value itself, which no policy should read; plain environment variables are looked at.",
  "kubernetes:storage.k8s.io/v1:StorageClass":
    "Encryption of volumes is decided for the whole account by aws:ebs/encryptionByDefault, which is looked at.",
  "pulumi:providers:aws": PARAMETERS,
  "pulumi:providers:cloudflare": PARAMETERS,
  "pulumi:providers:docker": PARAMETERS,
  "pulumi:providers:docker-build": PARAMETERS,
  "pulumi:providers:kubernetes": PARAMETERS,
  "pulumi:providers:random": PARAMETERS,
  "pulumi:providers:tls": PARAMETERS,
  "random:index/randomId:RandomId": RANDOM,
  "random:index/randomPassword:RandomPassword": RANDOM,
  "tls:index/certRequest:CertRequest": OWN_CERTIFICATE,
  "tls:index/locallySignedCert:LocallySignedCert": OWN_CERTIFICATE,
  "tls:index/privateKey:PrivateKey": RANDOM,
  "tls:index/selfSignedCert:SelfSignedCert": OWN_CERTIFICATE,
};
