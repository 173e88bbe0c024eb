import { BadInput } from "@groundwork/lib/errors";
import type { PromotionStep } from "@groundwork/lib/promotion";

export interface AuroraPromotion {
  /** Of the global database. */
  readonly identifier: string;
  /** The region that leads now. */
  readonly from: string;
  /** The region that is to lead. */
  readonly to: string;
  /** Whether the old primary still answers: then nothing is lost. Default false: the region is lost. */
  readonly planned?: boolean;
}

/**
 * How the writer of a global database moves to another region. RDS keeps every cluster with its name and endpoints and
 * turns the replication round; when a lost region returns, RDS makes it a secondary by itself, from the new primary's
 * data, and leaves a snapshot of what only the old one had. The `up` after it finds the roles that the configuration
 * now names, and replaces nothing.
 * https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-global-database-disaster-recovery.html
 */
export function auroraPromotion({ identifier, from, to, planned = false }: AuroraPromotion): readonly PromotionStep[] {
  if (from === to)
    throw new BadInput(`the promotion of ${identifier} goes from ${from} to ${to}; write a region that does not lead.`);
  // A switchover is asked of the region that leads, a failover of the one that is to lead: the other may be gone.
  const command = planned
    ? `aws rds switchover-global-cluster --region ${from} --global-cluster-identifier ${identifier} --target-db-cluster-identifier <arn of the cluster in ${to}>`
    : `aws rds failover-global-cluster --region ${to} --global-cluster-identifier ${identifier} --target-db-cluster-identifier <arn of the cluster in ${to}> --allow-data-loss`;
  return [
    {
      order: 1,
      what: `Make ${to} the writer of the global database ${identifier}.`,
      how: { command },
      waitsFor: `aws rds describe-global-clusters shows the member in ${to} with IsWriter true and the database available`,
      loses: planned
        ? "nothing; writes wait for a minute or so"
        : `what ${from} acknowledged and ${to} had not yet received: as many seconds as AuroraGlobalDBReplicationLag showed last, usually one`,
    },
    {
      order: 2,
      what: `Name ${to} the primary region in the configuration, and ${from} a failover region.`,
      how: { config: { [`regions[name=${to}].role`]: "primary", [`regions[name=${from}].role`]: "failover" } },
      waitsFor: `the workloads in ${to} write to the cluster's writer endpoint: until this \`up\` they use its readers, which no longer forward`,
      loses: "nothing",
    },
  ];
}
