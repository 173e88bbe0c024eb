import * as aws from "@pulumi/aws";
import { ComponentResource } from "@pulumi/pulumi";
import type { ComponentResourceOptions, Input, Output, Resource } from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { BadInput } from "@groundwork/lib/errors";
import { auroraPromotion } from "./aurora-promotion.ts";
import { AURORA_VERSION, AuroraRegion, ENGINE } from "./aurora-region.ts";
import type { PromotionStep } from "@groundwork/lib/promotion";
import type { Postgres, PostgresSpec } from "./spec.ts";

/** A region's place for the database. */
export interface AuroraPlace {
  /** AWS's name of the region. */
  readonly region: string;
  readonly provider: aws.Provider;
  readonly vpcId: Input<string>;
  /** In two zones at least, with no way to the internet. */
  readonly subnetIds: readonly Input<string>[];
  /** The security group of those who may connect. */
  readonly clientGroupId: Input<string>;
  /** ARN of the region's key; storage, snapshots and the proxy's secret are encrypted with it. */
  readonly keyArn: Input<string>;
  /** Reader instances; in the primary region beside the writer. */
  readonly readers: number;
  /** SNS topic of the region that alarms go to. Default: they only change colour. */
  readonly alarmTopicArn?: Input<string>;
}

/** What is in front of the writer. */
export type Pooling = "rds-proxy" | "none";

/** What is measured beside CloudWatch's own metrics. */
export interface AuroraMonitoring {
  /**
   * Seconds between measurements of each instance's operating system (enhanced monitoring): 0 (off), 1, 5, 10, 15, 30 or
   * 60. They are log lines: at 60 about US$ 1 a month an instance. https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/USER_Monitoring.OS.html
   */
  readonly interval: number;
  /**
   * Database Insights: `standard` keeps 7 days of query statistics free of charge, `advanced` 15 months for about US$ 9 a
   * month a vCPU. https://aws.amazon.com/cloudwatch/pricing/
   */
  readonly insights: "standard" | "advanced";
}

export interface AuroraGlobalArgs {
  readonly spec: PostgresSpec;
  /** Identifier of the global database, unique in the account; at most 63 letters, digits and hyphens. */
  readonly identifier: string;
  /** Instance class of writer and readers, e.g. `db.r8g.large` (about US$ 200 a month each); burstable classes cannot be global. */
  readonly instanceClass: string;
  /** The primary first; each other one follows it within about a second and can take over. */
  readonly places: readonly [AuroraPlace, ...AuroraPlace[]];
  /**
   * The region through whose provider the global database was made. It stays the same when another region becomes the
   * primary one: a resource that changes its provider is replaced. Default: the first place's.
   */
  readonly home?: string;
  /** Default `none`. A proxy costs about US$ 11 a month for each vCPU of the primary region's instances. https://aws.amazon.com/rds/proxy/pricing/ */
  readonly pooling?: Pooling;
  /** Default: no enhanced monitoring, standard insights. */
  readonly monitoring?: AuroraMonitoring;
  /** Whether IAM identities may log in with a token beside the password. Default false. */
  readonly iamAuthentication?: boolean;
  /** On what is paid for (clusters, instances, proxy), so that the bill can be split by them. Default none. */
  readonly tags?: Readonly<Record<string, string>>;
  /** Beside them on the primary's cluster, which a backup plan selects by them. Default none. */
  readonly backupTags?: Readonly<Record<string, string>>;
  /** Whether database, clusters and the first instance refuse deletion. */
  readonly protect: boolean;
}

const PASSWORD_LENGTH = 40;

/** Burstable classes cannot be part of a global database. https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-global-database.configuration.requirements.html */
const BURSTABLE = /^db\.t\d/;
/** A primary and up to ten others. https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-global-database.html */
const MOST_PLACES = 11;
const INTERVALS = [0, 1, 5, 10, 15, 30, 60];

/**
 * An Aurora PostgreSQL global database: a writer and readers in the primary region, readers in the others. A region's
 * workloads write to its own endpoint everywhere: outside the primary region, Aurora forwards the writes, so no network
 * between the regions is needed. https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-global-database-write-forwarding-apg.html
 *
 * The password is made here and kept in the state as a secret: RDS does not manage one for a global database.
 * https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/rds-secrets-manager.html#rds-secrets-manager-limitations
 *
 * When another region has become the primary one (`promotionSteps`), the same places with that one first are what the
 * next `up` takes: nothing is replaced, endpoints and readers follow.
 */
export class AuroraGlobal extends ComponentResource {
  /** The database as each region's workloads see it, by region. */
  readonly regions: Readonly<Record<string, Postgres>>;
  /** ARN of the cluster that takes the writes: what a backup is made of. */
  readonly primaryArn: Output<string>;
  readonly #args: AuroraGlobalArgs;

  constructor(name: string, args: AuroraGlobalArgs, opts: ComponentResourceOptions = {}) {
    super("groundwork:postgres:AuroraGlobal", name, {}, opts);
    check(name, args);
    this.#args = args;
    const password = createPassword(name, this);
    const global = createGlobalCluster(name, args, this);
    const [first, ...others] = args.places;
    const primary = new AuroraRegion(
      `${name}-${first.region}`,
      { ...args, place: first, globalId: global.id, password: password.result },
      { parent: this, providers: [first.provider] },
    );
    const secondaries = others.map(
      (place) =>
        new AuroraRegion(
          `${name}-${place.region}`,
          { ...args, place, globalId: global.id, password: password.result, primary },
          { parent: this, providers: [place.provider] },
        ),
    );
    this.regions = Object.fromEntries([primary, ...secondaries].map(({ region, postgres }) => [region, postgres]));
    this.primaryArn = primary.clusterArn;
    this.registerOutputs({ identifier: global.id });
  }

  /** How the database's writer moves to another region, for runbook and drill; `planned` while the primary still answers. */
  promotionSteps(to: string, planned = false): readonly PromotionStep[] {
    const { identifier, places } = this.#args;
    return auroraPromotion({ identifier, from: places[0].region, to, planned });
  }
}

function check(name: string, args: AuroraGlobalArgs): void {
  const { instanceClass, places, monitoring, home } = args;
  if (BURSTABLE.test(instanceClass)) {
    throw new BadInput(
      `the instance class of ${name} is "${instanceClass}", which cannot be part of a global database; write a memory-optimised one, e.g. "db.r8g.large".`,
    );
  }
  const headless = places.slice(1).find(({ readers }) => readers < 1);
  if (headless !== undefined) {
    throw new BadInput(
      `the readers of ${name} in ${headless.region} are ${headless.readers}; write 1 or more, because a region's workloads connect to its readers.`,
    );
  }
  if (places.length > MOST_PLACES)
    throw new BadInput(
      `the regions of ${name} are ${places.length}; write at most ${MOST_PLACES}, which a global database can have.`,
    );
  if (monitoring !== undefined && !INTERVALS.includes(monitoring.interval))
    throw new BadInput(
      `the monitoring interval of ${name} is ${monitoring.interval}; write one of ${INTERVALS.join(", ")} seconds.`,
    );
  homeOf(name, { places, home });
}

function homeOf(name: string, { places, home }: Pick<AuroraGlobalArgs, "places" | "home">): AuroraPlace {
  const wanted = home ?? places[0].region;
  const found = places.find(({ region }) => region === wanted);
  if (found !== undefined) return found;
  throw new BadInput(
    `the home of ${name} is "${wanted}", which is none of its regions; write the region in which it was made: ${places.map(({ region }) => region).join(", ")}.`,
  );
}

function createPassword(name: string, parent: Resource): random.RandomPassword {
  // Letters and digits only: they need no quoting in a URL, a shell or a connection string.
  return new random.RandomPassword(`${name}-password`, { length: PASSWORD_LENGTH, special: false }, { parent });
}

function createGlobalCluster(name: string, args: AuroraGlobalArgs, parent: Resource): aws.rds.GlobalCluster {
  return new aws.rds.GlobalCluster(
    `${name}-global`,
    {
      globalClusterIdentifier: args.identifier,
      engine: ENGINE,
      engineVersion: AURORA_VERSION,
      databaseName: args.spec.database,
      storageEncrypted: true,
      deletionProtection: args.protect,
    },
    { parent, provider: homeOf(name, args).provider, protect: args.protect },
  );
}
