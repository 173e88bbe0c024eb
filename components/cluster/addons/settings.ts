import type { Input } from "@pulumi/pulumi";

/** What single add-ons need to be told; a chosen add-on that lacks what it needs is refused. */
export interface AddonSettings {
  /** For cert-manager's DNS-01 challenges and external-dns. */
  readonly cloudflare?: CloudflareSettings;
  /** For External Secrets. */
  readonly esc?: EscSettings;
  /** For Velero. */
  readonly backups?: BackupSettings;
  /** For kube-prometheus-stack: groups of alerting and recording rules, as in a Prometheus rule file. */
  readonly rules?: readonly RuleGroup[];
  /** For Karpenter. */
  readonly nodes?: KarpenterSettings;
  /** Where traces are sent on to: AWS X-Ray, or an OTLP endpoint. Default: the collector logs a sample and drops the rest. */
  readonly tracesTo?: "xray" | `${string}:${number}`;
}

export interface CloudflareSettings {
  /** API token with `Zone:Read` and `DNS:Edit` on the zone. https://cert-manager.io/docs/configuration/acme/dns01/cloudflare/ */
  readonly apiToken: Input<string>;
  /** Who Let's Encrypt writes to. */
  readonly email: string;
}

export interface EscSettings {
  /** Pulumi Cloud organisation. */
  readonly organization: string;
  /** ESC project and environment that the cluster may read. */
  readonly project: string;
  readonly environment: string;
  readonly accessToken: Input<string>;
}

export interface BackupSettings {
  /** S3 bucket in the cluster's region or reachable from it. */
  readonly bucket: Input<string>;
  readonly bucketArn: Input<string>;
  /** Key that the bucket's objects are encrypted with. */
  readonly keyArn: Input<string>;
}

/** As in a Prometheus rule file. https://prometheus.io/docs/prometheus/latest/configuration/recording_rules/#rule_group */
export interface RuleGroup {
  readonly name: string;
  readonly rules: readonly PrometheusRule[];
}

/** Either an alert or a recording. */
export interface PrometheusRule {
  readonly alert?: string;
  readonly record?: string;
  /** PromQL. */
  readonly expr: string;
  /** How long it must hold, e.g. `5m`. */
  readonly for?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

export interface KarpenterSettings {
  /** ARN of the role that the nodes get. */
  readonly nodeRoleArn: Input<string>;
  /** Queue that EC2 announces interruptions of spot instances to; default: they are not foreseen. */
  readonly interruptionQueue?: { readonly name: Input<string>; readonly arn: Input<string> };
}
