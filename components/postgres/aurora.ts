import * as aws from "@pulumi/aws";
import { ComponentResource } from "@pulumi/pulumi";
import type { ComponentResourceOptions, Output, Resource } from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { BadInput } from "@groundwork/lib/errors";
import { auroraPromotion } from "./aurora-promotion.ts";
import { AURORA_VERSION, AuroraRegion, ENGINE } from "./aurora-region.ts";
import type { PromotionStep } from "@groundwork/lib/promotion";
import type { AuroraGlobalArgs, AuroraPlace } from "./aurora-spec.ts";
import type { Postgres } from "./spec.ts";

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
