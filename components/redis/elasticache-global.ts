import * as aws from "@pulumi/aws";
import { ComponentResource } from "@pulumi/pulumi";
import type { ComponentResourceOptions, Output } from "@pulumi/pulumi";
import { BadInput } from "@groundwork/lib/errors";
import { autoNamed, boundedName } from "@groundwork/lib/names";
import type { PromotionStep } from "@groundwork/lib/promotion";
import type { ElastiCacheArgs } from "./elasticache.ts";
import { ElastiCache } from "./elasticache.ts";
import { elastiCachePromotion } from "./elasticache-promotion.ts";
import type { Redis } from "./spec.ts";

/** A region's place for the cache. */
export interface CachePlace extends Pick<
  ElastiCacheArgs,
  "vpcId" | "subnetIds" | "clientGroupId" | "keyArn" | "alarmTopicArn"
> {
  /** AWS's name of the region. */
  readonly region: string;
  readonly provider: aws.Provider;
}

export interface GlobalDatastoreArgs extends Pick<
  ElastiCacheArgs,
  "spec" | "nodeType" | "shards" | "replicasPerShard" | "protect" | "tags"
> {
  /** Name of the home region's cache; one that stands alone already under this name becomes the primary as it is. */
  readonly homeName: string;
  /**
   * The region in which the datastore was made, first, then at most two others. The order stays when another region has
   * been promoted: who made the datastore says which group joined which.
   */
  readonly places: readonly [CachePlace, ...CachePlace[]];
  /** Unique in the account; at most 40 letters, digits and single hyphens. */
  readonly suffix: string;
}

/** https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Redis-Global-Datastores-Getting-Started.html */
const MOST_PLACES = 3;
const ABLE = /^cache\.(m5|m6g|m7g|r5|r6g|r6gd|r7g|c7gn)\./;
export const SUFFIX_LIMIT = 40;
/** A component's name becomes that of a replication group, with Pulumi's suffix. https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CreateReplicationGroup.html */
const NAME_LIMIT = 40;

/**
 * ElastiCache for Valkey in several regions, replicated within about a second: the home region's cache takes the writes,
 * the others only serve reads (a write there is answered with READONLY, nothing forwards it) until one is promoted.
 * Choose it where a failover region should start with a warm cache; where every region must write to its own, let them
 * stand alone. The datastore itself costs nothing, its traffic between regions about US$ 0.02 a GB.
 * https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Redis-Global-Datastore.html
 *
 * A cache that stood alone cannot join: in each other region a new, empty one is made, which fills from the primary, and
 * the program lets go of the old one.
 */
export class GlobalDatastore extends ComponentResource {
  /** The cache as each region's workloads see it, by region. */
  readonly regions: Readonly<Record<string, Redis>>;
  readonly datastoreId: Output<string>;
  readonly #args: GlobalDatastoreArgs;

  constructor(name: string, args: GlobalDatastoreArgs, opts: ComponentResourceOptions = {}) {
    super("groundwork:redis:GlobalDatastore", name, {}, opts);
    check(name, args);
    this.#args = args;
    const [home, ...others] = args.places;
    // Not a child: as one it would have another URN than the cache that stood there alone.
    const primary = new ElastiCache(args.homeName, { ...args, ...home, leads: true }, { providers: [home.provider] });
    const datastore = this.#create(name, primary);
    this.datastoreId = datastore.globalReplicationGroupId;
    const joined = { datastoreId: datastore.id, token: primary.redis.secret };
    const secondaries = others.map((place) => [
      place.region,
      new ElastiCache(
        autoNamed(`${name}-${place.region}`, NAME_LIMIT),
        { ...args, ...place, joins: joined },
        { parent: this, providers: [place.provider] },
      ).redis,
    ]);
    this.regions = { [home.region]: primary.redis, ...(Object.fromEntries(secondaries) as Record<string, Redis>) };
    this.registerOutputs({ datastoreId: this.datastoreId });
  }

  #create(name: string, primary: ElastiCache): aws.elasticache.GlobalReplicationGroup {
    const { nodeType, shards, suffix, protect, places } = this.#args;
    return new aws.elasticache.GlobalReplicationGroup(
      name,
      {
        globalReplicationGroupIdSuffix: boundedName(suffix, SUFFIX_LIMIT),
        globalReplicationGroupDescription: `Valkey of ${name}`,
        primaryReplicationGroupId: primary.replicationGroupId,
        cacheNodeType: nodeType,
        numNodeGroups: shards,
        automaticFailoverEnabled: true,
      },
      // Who leads changes by a promotion, and is no drift to undo.
      { parent: this, provider: places[0].provider, protect, ignoreChanges: ["primaryReplicationGroupId"] },
    );
  }

  /** How a region's cache starts to take the writes, for runbook and drill. */
  promotionSteps(to: string): readonly PromotionStep[] {
    const { places, suffix } = this.#args;
    if (!places.some(({ region }) => region === to))
      throw new BadInput(
        `the promotion of ${suffix} goes to ${to}; write one of its regions: ${places.map(({ region }) => region).join(", ")}.`,
      );
    return elastiCachePromotion({ suffix: boundedName(suffix, SUFFIX_LIMIT), to });
  }
}

function check(name: string, { places, nodeType }: GlobalDatastoreArgs): void {
  if (places.length > MOST_PLACES)
    throw new BadInput(
      `the regions of the global datastore ${name} are ${places.length}; write at most ${MOST_PLACES}, or let the caches stand alone (cache.global: false).`,
    );
  if (!ABLE.test(nodeType))
    throw new BadInput(
      `the node type of the global datastore ${name} is "${nodeType}", which it cannot be made of; write one of m5, r5 or newer, e.g. "cache.r7g.large".`,
    );
}
