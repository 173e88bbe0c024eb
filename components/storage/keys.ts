import * as aws from "@pulumi/aws";
import { ComponentResource } from "@pulumi/pulumi";
import type { ComponentResourceOptions, Output } from "@pulumi/pulumi";
import { BadInput } from "@groundwork/lib/errors";

/** A region and the provider through which its resources are made. */
export interface StoragePlace {
  /** AWS's name of the region. */
  readonly region: string;
  readonly provider: aws.Provider;
}

export interface MultiRegionKeyArgs {
  /** What it encrypts, in a few words. */
  readonly description: string;
  /** The region in which the primary key is made, first: it stays where it is when another region leads. */
  readonly places: readonly [StoragePlace, ...StoragePlace[]];
  /** Key policy as JSON. Default: the account's IAM decides. */
  readonly policy?: string;
  readonly protect: boolean;
}

/** The longest that KMS allows; what the key encrypted is unreadable when it is over. https://docs.aws.amazon.com/kms/latest/developerguide/deleting-keys.html */
const DELETION_WINDOW_DAYS = 30;

/**
 * One key in all regions (US$ 1 a month in each): what crosses regions is encrypted with the same key material, so that
 * a copy can be read when the region it comes from is gone. What stays in a region keeps the region's own key.
 * https://docs.aws.amazon.com/kms/latest/developerguide/multi-region-keys-overview.html
 */
export class MultiRegionKey extends ComponentResource {
  readonly #arns: Readonly<Record<string, Output<string>>>;

  constructor(name: string, args: MultiRegionKeyArgs, opts: ComponentResourceOptions = {}) {
    super("groundwork:storage:MultiRegionKey", name, {}, opts);
    const [home, ...others] = args.places;
    const shared = {
      description: args.description,
      deletionWindowInDays: DELETION_WINDOW_DAYS,
      ...(args.policy !== undefined && { policy: args.policy }),
    };
    const primary = new aws.kms.Key(
      `${name}-${home.region}`,
      { ...shared, multiRegion: true, enableKeyRotation: true },
      { parent: this, provider: home.provider, protect: args.protect },
    );
    const replicas = others.map(({ region, provider }) => [
      region,
      new aws.kms.ReplicaKey(
        `${name}-${region}`,
        { ...shared, primaryKeyArn: primary.arn },
        { parent: this, provider, protect: args.protect },
      ).arn,
    ]);
    this.#arns = { [home.region]: primary.arn, ...(Object.fromEntries(replicas) as Record<string, Output<string>>) };
    this.registerOutputs({ arns: this.#arns });
  }

  /** ARN of the key in a region. */
  arnIn(region: string): Output<string> {
    const arn = this.#arns[region];
    if (arn === undefined)
      throw new BadInput(`the key has no replica in ${region}; write one of ${Object.keys(this.#arns).join(", ")}.`);
    return arn;
  }
}
