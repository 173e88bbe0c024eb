export interface Replacement {
  /** The type or the group of types. */
  readonly instead: string;
  /** The provider's major version that gave the old name up; none where the service itself is gone, whatever the version. */
  readonly since?: number;
}

/** S3's settings had a V2 after their names for some time. https://www.pulumi.com/registry/packages/aws/how-to-guides/7-0-migration/ */
const S3_V2 =
  "Bucket BucketAccelerateConfiguration BucketAcl BucketCorsConfiguration BucketLifecycleConfiguration BucketLogging BucketObjectLockConfiguration BucketRequestPaymentConfiguration BucketServerSideEncryptionConfiguration BucketVersioning BucketWebsiteConfiguration";

/** As the installed SDK marks them, which a test compares. https://www.pulumi.com/registry/packages/cloudflare/ */
const CLOUDFLARE: Readonly<Record<string, string>> = {
  AccessApplication: "ZeroTrustAccessApplication",
  AccessCaCertificate: "ZeroTrustAccessShortLivedCertificate",
  AccessCustomPage: "ZeroTrustAccessCustomPage",
  AccessGroup: "ZeroTrustAccessGroup",
  AccessIdentityProvider: "ZeroTrustAccessIdentityProvider",
  AccessKeysConfiguration: "ZeroTrustAccessKeyConfiguration",
  AccessMutualTlsCertificate: "ZeroTrustAccessMtlsCertificate",
  AccessMutualTlsHostnameSettings: "ZeroTrustAccessMtlsHostnameSettings",
  AccessOrganization: "ZeroTrustOrganization",
  AccessPolicy: "ZeroTrustAccessPolicy",
  AccessServiceToken: "ZeroTrustAccessServiceToken",
  AccessTag: "ZeroTrustAccessTag",
  DeviceManagedNetworks: "ZeroTrustDeviceManagedNetworks",
  DevicePostureIntegration: "ZeroTrustDevicePostureIntegration",
  DevicePostureRule: "ZeroTrustDevicePostureRule",
  DlpCustomProfile: "ZeroTrustDlpCustomProfile",
  DlpPredefinedProfile: "ZeroTrustDlpPredefinedProfile",
  ManagedHeaders: "ManagedTransforms",
  Record: "DnsRecord",
  RiskBehavior: "ZeroTrustRiskBehavior",
  StaticRoute: "MagicWanStaticRoute",
  TeamsAccount: "ZeroTrustGatewaySettings",
  TeamsList: "ZeroTrustList",
  TeamsLocation: "ZeroTrustDnsLocation",
  TeamsProxyEndpoint: "ZeroTrustGatewayProxyEndpoint",
  TeamsRule: "ZeroTrustGatewayPolicy",
  Tunnel: "ZeroTrustTunnelCloudflared",
  TunnelConfig: "ZeroTrustTunnelCloudflaredConfig",
  TunnelRoute: "ZeroTrustTunnelCloudflaredRoute",
  TunnelVirtualNetwork: "ZeroTrustTunnelCloudflaredVirtualNetwork",
  WorkerCronTrigger: "WorkersCronTrigger",
  WorkerDomain: "WorkersCustomDomain",
  WorkerScript: "WorkersScript",
  WorkersForPlatformsNamespace: "WorkersForPlatformsDispatchNamespace",
  ZeroTrustLocalFallbackDomain: "ZeroTrustDeviceCustomProfileLocalDomainFallback",
};

/** What else is out of use, with what to take instead and who says so. */
const OTHERS: Readonly<Record<string, string>> = {
  // https://docs.aws.amazon.com/autoscaling/ec2/userguide/launch-configurations.html
  "aws:ec2/launchConfiguration:LaunchConfiguration": "aws:ec2/launchTemplate:LaunchTemplate",
  "aws:ec2/encryptionControl:EncryptionControl": "aws:ec2/vpcEncryptionControl:VpcEncryptionControl",
  "aws:lambda/microvmsImage:MicrovmsImage": "aws:lambdamicrovms/image:Image",
  // https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/s3_bucket_object
  "aws:s3/bucketObject:BucketObject": "aws:s3/bucketObjectv2:BucketObjectv2",
  // https://developers.cloudflare.com/waf/reference/legacy/firewall-rules-upgrade/
  "cloudflare:index/filter:Filter": "cloudflare:index/ruleset:Ruleset",
  "cloudflare:index/firewallRule:FirewallRule": "cloudflare:index/ruleset:Ruleset",
  // https://developers.cloudflare.com/waf/reference/legacy/old-rate-limiting/upgrade/
  "cloudflare:index/rateLimit:RateLimit": "cloudflare:index/ruleset:Ruleset",
};

/** Whole groups of types, and what to take instead. */
const GROUPS: readonly (readonly [pattern: RegExp, instead: string])[] = [
  // https://docs.aws.amazon.com/waf/latest/developerguide/classic-waf-chapter.html
  [/^aws:waf(?:regional)?\//, "the type of the same name in aws:wafv2"],
  // https://kubernetes.io/docs/reference/using-api/deprecation-guide/
  [/^kubernetes:extensions\/v1beta1:/, "apps/v1, or networking.k8s.io/v1 for an Ingress"],
  [/^kubernetes:apps\/v1beta[12]:/, "apps/v1"],
  [/^kubernetes:batch\/(?:v1beta1|v2alpha1):/, "batch/v1"],
  [/^kubernetes:autoscaling\/v2beta[12]:/, "autoscaling/v2"],
  [/^kubernetes:policy\/v1beta1:PodSecurityPolicy/, "the pod-security.kubernetes.io labels of the namespace"],
  [/^kubernetes:policy\/v1beta1:/, "policy/v1"],
  [/^kubernetes:networking\.k8s\.io\/v1beta1:Ingress/, "networking.k8s.io/v1"],
  [/^kubernetes:rbac\.authorization\.k8s\.io\/v1(?:alpha1|beta1):/, "rbac.authorization.k8s.io/v1"],
  [
    /^kubernetes:(?:admissionregistration|apiextensions)\.k8s\.io\/v1beta1:(?:Mutating|Validating|Custom)(?:WebhookConfiguration|ResourceDefinition)$/,
    "v1 of the same group",
  ],
  [/^kubernetes:flowcontrol\.apiserver\.k8s\.io\/v1(?:alpha|beta)\d:/, "flowcontrol.apiserver.k8s.io/v1"],
  [/^kubernetes:discovery\.k8s\.io\/v1beta1:/, "discovery.k8s.io/v1"],
  [/^kubernetes:helm\.sh\/v2:/, "helm.sh/v3 or v4"],
];

/** The types that are told apart below. */
export const DEPRECATED: readonly RegExp[] = [/^aws:/, /^cloudflare:/, /^kubernetes:/];

/** What a provider has only renamed, and in which major version: before that one the new name may not exist yet. */
const RENAMED = new Map<string, Replacement>([
  ...S3_V2.split(" ").map((name) => renamed("aws:s3", `${name}V2`, name, 7)),
  ...Object.entries(CLOUDFLARE).map(([old, name]) => renamed("cloudflare:index", old, name, 6)),
]);

/** What to take instead of a type that is out of use; `undefined` where it is in use. */
export function replacementOf(type: string): Replacement | undefined {
  const instead = OTHERS[type] ?? GROUPS.find(([pattern]) => pattern.test(type))?.[1];
  return RENAMED.get(type) ?? (instead === undefined ? undefined : { instead });
}

function renamed(module: string, old: string, name: string, since: number): readonly [string, Replacement] {
  return [token(module, old), { instead: token(module, name), since }];
}

function token(module: string, name: string): string {
  return `${module}/${name.charAt(0).toLowerCase()}${name.slice(1)}:${name}`;
}
