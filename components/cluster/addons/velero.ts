import type { Input } from "@pulumi/pulumi";
import * as pulumi from "@pulumi/pulumi";
import type { Statement } from "../iam.ts";
import type { HelmAddon } from "./addon.ts";
import { isMonitored, resources, RESTRICTED_CONTAINER, RESTRICTED_POD } from "./context.ts";
import type { AddonContext } from "./context.ts";
import type { PlacementValues, ResourceValues, SecurityValues, ServiceAccountValues } from "./common-values.ts";
import { POD_IDENTITY } from "../tier-namespace.ts";
import { prometheusOn, measured, toApis } from "./network.ts";

/** https://github.com/vmware-tanzu/helm-charts/blob/velero-12.0.2/charts/velero/values.yaml */
export interface VeleroValues extends PlacementValues {
  readonly initContainers: readonly {
    readonly name: string;
    readonly image: string;
    readonly resources: ResourceValues;
    readonly securityContext: SecurityValues;
    readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[];
  }[];
  readonly resources: ResourceValues;
  /** Of the job that brings the kinds up to date before each release: it writes them, then kubectl applies them. */
  readonly upgradeJobResources: ResourceValues;
  readonly kubectl: { readonly resources: ResourceValues; readonly containerSecurityContext: SecurityValues };
  /** A backup is packed and unpacked in the temporary folder, and the root file system is read-only. */
  readonly extraVolumes: readonly { readonly name: string; readonly emptyDir: object }[];
  readonly extraVolumeMounts: readonly { readonly name: string; readonly mountPath: string }[];
  readonly podSecurityContext: SecurityValues;
  readonly containerSecurityContext: SecurityValues;
  readonly serviceAccount: { readonly server: ServiceAccountValues };
  /** None: the pod has its AWS role from EKS. */
  readonly credentials: { readonly useSecret: false };
  readonly configuration: {
    readonly backupStorageLocation: readonly {
      readonly name: string;
      readonly provider: "aws";
      readonly bucket: Input<string>;
      readonly prefix: string;
      readonly default: true;
      readonly config: { readonly region: string; readonly kmsKeyId: Input<string> };
    }[];
    readonly volumeSnapshotLocation: readonly {
      readonly name: string;
      readonly provider: "aws";
      readonly config: { readonly region: string };
    }[];
  };
  readonly schedules: Readonly<Record<string, Schedule>>;
  readonly metrics: { readonly enabled: boolean; readonly serviceMonitor: { readonly enabled: boolean } };
}

interface Schedule {
  readonly disabled: false;
  /** Five cron fields, UTC. */
  readonly schedule: string;
  readonly template: {
    readonly ttl: string;
    readonly snapshotVolumes: boolean;
    readonly includedNamespaces: readonly string[];
  };
}

const SERVICE_ACCOUNT = "velero";

/** Thirty days. */
const TTL = "720h0m0s";

export const velero: HelmAddon<VeleroValues> = {
  name: "velero",
  why: "Daily backups of all objects and of volumes that are in the cluster, and their restore elsewhere",
  needs: ["eks-pod-identity-agent", "coredns", "aws-ebs-csi-driver"],
  after: ["prometheus-operator-crds"],
  namespace: "velero",
  network: (context) => ({
    flows: [toApis(), ...measured(prometheusOn(context, 8085)), { name: "identity", pods: {}, egress: [POD_IDENTITY] }],
  }),
  release: {
    chart: "velero",
    repository: "https://vmware-tanzu.github.io/helm-charts",
    version: "12.0.2",
    source: "https://github.com/walnuts1018/infra/pull/3927",
  },
  identity: { serviceAccount: SERVICE_ACCOUNT, statements: veleroStatements },
  lacks: ({ settings }) => (settings.backups ? undefined : "needs settings.backups, the bucket that backups go to"),
  values: (context) => ({
    ...context.placement,
    initContainers: [
      {
        name: "velero-plugin-for-aws",
        // Of Velero 1.18. https://github.com/velero-io/velero-plugin-for-aws/pull/301
        image: "velero/velero-plugin-for-aws:v1.14.0",
        resources: resources("20m", "64Mi"),
        securityContext: RESTRICTED_CONTAINER,
        volumeMounts: [{ name: "plugins", mountPath: "/target" }],
      },
    ],
    resources: resources("100m", "128Mi", { cpu: "1", memory: "512Mi" }),
    upgradeJobResources: resources("50m", "128Mi", { memory: "256Mi" }),
    kubectl: {
      resources: resources("50m", "64Mi", { memory: "128Mi" }),
      containerSecurityContext: RESTRICTED_CONTAINER,
    },
    extraVolumes: [{ name: "tmp", emptyDir: {} }],
    extraVolumeMounts: [{ name: "tmp", mountPath: "/tmp" }],
    podSecurityContext: { ...RESTRICTED_POD, runAsUser: 65_532, fsGroup: 65_532 },
    containerSecurityContext: RESTRICTED_CONTAINER,
    serviceAccount: { server: { create: true, name: SERVICE_ACCOUNT } },
    credentials: { useSecret: false },
    configuration: {
      backupStorageLocation: [
        {
          name: "default",
          provider: "aws",
          bucket: context.settings.backups?.bucket ?? "",
          prefix: context.clusterName,
          default: true,
          config: { region: context.region, kmsKeyId: context.settings.backups?.keyArn ?? "" },
        },
      ],
      volumeSnapshotLocation: [{ name: "default", provider: "aws", config: { region: context.region } }],
    },
    schedules: {
      daily: {
        disabled: false,
        schedule: "0 3 * * *",
        template: { ttl: TTL, snapshotVolumes: true, includedNamespaces: ["*"] },
      },
    },
    metrics: { enabled: true, serviceMonitor: { enabled: isMonitored(context) } },
  }),
};

/** https://github.com/vmware-tanzu/velero-plugin-for-aws#set-permissions-for-velero */
function veleroStatements({ region, clusterName, settings }: AddonContext): readonly Statement[] {
  if (settings.backups === undefined) return [];
  const { bucketArn, keyArn } = settings.backups;
  const ec2 = (kind: string) => `arn:aws:ec2:${region}:*:${kind}/*`;
  return [
    {
      Sid: "ReadVolumes",
      Effect: "Allow",
      Action: ["ec2:DescribeVolumes", "ec2:DescribeSnapshots"],
      Resource: "*",
    },
    {
      Sid: "Snapshot",
      Effect: "Allow",
      Action: ["ec2:CreateSnapshot", "ec2:CreateVolume", "ec2:CreateTags", "ec2:DeleteSnapshot"],
      Resource: [ec2("volume"), `arn:aws:ec2:${region}::snapshot/*`],
    },
    {
      Sid: "Objects",
      Effect: "Allow",
      Action: [
        ...["s3:GetObject", "s3:PutObject", "s3:DeleteObject"],
        ...["s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"],
      ],
      // Only its own folder: several clusters may share a bucket.
      Resource: pulumi.interpolate`${bucketArn}/${clusterName}/*`,
    },
    { Sid: "List", Effect: "Allow", Action: ["s3:ListBucket"], Resource: bucketArn },
    { Sid: "Encrypt", Effect: "Allow", Action: ["kms:Decrypt", "kms:GenerateDataKey"], Resource: keyArn },
  ];
}
