import * as aws from "@pulumi/aws";
import { ComponentResource, jsonStringify } from "@pulumi/pulumi";
import type { ComponentResourceOptions, Input, Output, Resource } from "@pulumi/pulumi";
import { BadInput } from "@groundwork/lib/errors";
import type { BucketArgs, BucketStatement, Lifecycle } from "./bucket.ts";
import { PrivateBucket } from "./bucket.ts";
import type { MultiRegionKey, StoragePlace } from "./keys.ts";

export interface ReplicatedBucketArgs {
  readonly places: readonly [StoragePlace, ...StoragePlace[]];
  /** The key of all regions, so that a copy can be read without the region it comes from. */
  readonly key: MultiRegionKey;
  readonly lifecycle?: Lifecycle;
  readonly statements?: readonly BucketStatement[];
  readonly tags?: Readonly<Record<string, string>>;
  /** Bucket for access logs, by region. Default none. */
  readonly logsTo?: Readonly<Record<string, Input<string>>>;
  /**
   * Whether copies are promised within 15 minutes, with metrics: about US$ 0.015 a GB more. Default false: most take
   * seconds, nothing is promised. https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-time-control.html
   */
  readonly timeControl?: boolean;
  readonly protect: boolean;
}

const PROMISED_MINUTES = 15;

/**
 * A bucket in each region, each of which copies to all others: whichever region leads writes to its own, and finds what
 * the others wrote. A copy is not copied on. Deletions are copied as delete markers, so that the lists agree; the
 * versions below them stay as long as the lifecycle says.
 */
export class ReplicatedBucket extends ComponentResource {
  readonly #buckets: Readonly<Record<string, PrivateBucket>>;

  constructor(name: string, args: ReplicatedBucketArgs, opts: ComponentResourceOptions = {}) {
    super("groundwork:storage:ReplicatedBucket", name, {}, opts);
    this.#buckets = Object.fromEntries(
      args.places.map(({ region, provider }) => [
        region,
        new PrivateBucket(`${name}-${region}`, bucketArgs(args, region), { parent: this, providers: [provider] }),
      ]),
    );
    if (args.places.length > 1) for (const place of args.places) this.#replicate(name, place, args);
    this.registerOutputs({ buckets: args.places.map(({ region }) => this.in(region).bucket) });
  }

  /** The bucket of a region. */
  in(region: string): PrivateBucket {
    const found = this.#buckets[region];
    if (found === undefined)
      throw new BadInput(`there is no bucket in ${region}; write one of ${Object.keys(this.#buckets).join(", ")}.`);
    return found;
  }

  #replicate(name: string, { region, provider }: StoragePlace, args: ReplicatedBucketArgs): void {
    const others = args.places.filter((place) => place.region !== region).map((place) => place.region);
    const role = createRole(
      `${name}-${region}-replication`,
      {
        source: this.in(region).arn,
        sourceKey: args.key.arnIn(region),
        targets: others.map((other) => this.in(other).arn),
        targetKeys: others.map((other) => args.key.arnIn(other)),
      },
      this,
      provider,
    );
    new aws.s3.BucketReplicationConfig(
      `${name}-${region}-replication`,
      {
        bucket: this.in(region).bucket,
        role: role.arn,
        rules: others.map((other, index) => this.#rule(other, index, args)),
      },
      {
        parent: this,
        provider,
        // Both ends must be versioned first.
        dependsOn: [region, ...others].flatMap((place) => [...this.in(place).ready]),
      },
    );
  }

  #rule(
    to: string,
    index: number,
    { key, timeControl = false }: ReplicatedBucketArgs,
  ): aws.types.input.s3.BucketReplicationConfigRule {
    const timed = { status: "Enabled", time: { minutes: PROMISED_MINUTES } };
    return {
      id: `to-${to}`,
      status: "Enabled",
      priority: index + 1,
      filter: { prefix: "" },
      deleteMarkerReplication: { status: "Enabled" },
      sourceSelectionCriteria: { sseKmsEncryptedObjects: { status: "Enabled" } },
      destination: {
        bucket: this.in(to).arn,
        storageClass: "STANDARD_IA",
        encryptionConfiguration: { replicaKmsKeyId: key.arnIn(to) },
        ...(timeControl && {
          replicationTime: timed,
          metrics: { status: "Enabled", eventThreshold: { minutes: PROMISED_MINUTES } },
        }),
      },
    };
  }
}

function bucketArgs({ key, logsTo, ...args }: ReplicatedBucketArgs, region: string): BucketArgs {
  const log = logsTo?.[region];
  return { ...args, keyArn: key.arnIn(region), ...(log !== undefined && { logsTo: log }) };
}

interface Ends {
  readonly source: Output<string>;
  readonly sourceKey: Output<string>;
  readonly targets: readonly Output<string>[];
  readonly targetKeys: readonly Output<string>[];
}

/** It may read this bucket and write copies to those, through S3 alone. https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-config-for-kms-objects.html */
function createRole(name: string, ends: Ends, parent: Resource, provider: aws.Provider): aws.iam.Role {
  const inside = (arn: Output<string>) => arn.apply((own) => `${own}/*`);
  const role = new aws.iam.Role(
    name,
    {
      assumeRolePolicy: JSON.stringify({
        Version: "2012-10-17",
        Statement: [{ Effect: "Allow", Principal: { Service: "s3.amazonaws.com" }, Action: "sts:AssumeRole" }],
      }),
    },
    { parent, provider },
  );
  const statements = [
    { Action: ["s3:GetReplicationConfiguration", "s3:ListBucket"], Resource: ends.source },
    {
      Action: ["s3:GetObjectVersionForReplication", "s3:GetObjectVersionAcl", "s3:GetObjectVersionTagging"],
      Resource: inside(ends.source),
    },
    {
      Action: ["s3:ReplicateObject", "s3:ReplicateDelete", "s3:ReplicateTags"],
      Resource: ends.targets.map(inside),
    },
    { Action: ["kms:Decrypt"], Resource: ends.sourceKey },
    { Action: ["kms:Encrypt", "kms:GenerateDataKey"], Resource: [...ends.targetKeys] },
  ];
  new aws.iam.RolePolicy(
    name,
    {
      role: role.name,
      policy: jsonStringify({
        Version: "2012-10-17",
        Statement: statements.map((statement) => ({ Effect: "Allow", ...statement })),
      }),
    },
    { parent, provider },
  );
  return role;
}
