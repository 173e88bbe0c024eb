import type { PromotionStep } from "@groundwork/lib/promotion";

export interface ElastiCachePromotion {
  /** How the datastore's id ends; ElastiCache chooses how it begins. */
  readonly suffix: string;
  /** The region that is to take the writes. */
  readonly to: string;
}

/**
 * How a region's cache starts to take the writes of a global datastore. It is asked of the region that is to lead.
 * https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Redis-Global-Datastores-CLI.html
 */
export function elastiCachePromotion({ suffix, to }: ElastiCachePromotion): readonly PromotionStep[] {
  return [
    {
      order: 1,
      what: `Let the cache in ${to} take the writes.`,
      how: {
        command: `aws elasticache failover-global-replication-group --region ${to} --global-replication-group-id <id that ends in ${suffix}> --primary-region ${to} --primary-replication-group-id <id of the group in ${to}>`,
      },
      waitsFor: `aws elasticache describe-global-replication-groups --show-member-info shows ${to} as PRIMARY; the next \`up\` changes nothing of it`,
      loses: "writes to the cache of the last second or so, which is kept in step asynchronously",
    },
  ];
}
