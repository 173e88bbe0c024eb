import { BadInput } from "@groundwork/lib/errors";
import type { PromotionStep } from "@groundwork/lib/promotion";
import { ARCHIVE_SECONDS } from "./cloudnative-pg-spec.ts";

export interface CloudNativePgPromotion {
  /** The system that it belongs to. */
  readonly system: string;
  /** The namespace, the same in both regions. Default `<system>-postgres`. */
  readonly namespace?: string;
  /** The region that is written to now; also its kubectl context. */
  readonly from: string;
  /** The region that is to be written to; also its kubectl context. */
  readonly to: string;
  /** Whether the old primary still answers: then nothing is lost. Default false: the region is lost. */
  readonly planned?: boolean;
}

/**
 * How the writer of a topology moves to another region. Planned: the old primary is demoted first and gives out a token
 * that says where its WAL ends; the new one is promoted once it has replayed that far, and the old one follows it
 * without being rebuilt. Lost: the new one is promoted with what the archive has. A lost region that returns has a
 * history of its own then, and its cluster is made anew from the new primary's archive.
 * https://cloudnative-pg.io/docs/1.30/replica_cluster#distributed-topology
 */
export function cloudNativePgPromotion(promotion: CloudNativePgPromotion): readonly PromotionStep[] {
  const { from, to, planned = false } = promotion;
  if (from === to)
    throw new BadInput(`the promotion of ${promotion.system} goes from ${from} to ${to}; write a region that follows.`);
  return planned ? plannedSteps(promotion) : lostSteps(promotion);
}

const roles = (from: string, to: string) => ({
  [`regions[name=${to}].role`]: "primary",
  [`regions[name=${from}].role`]: "failover",
});

/** Each cluster gives out a token of its own. */
const tokenKey = (system: string): string => `database.systems.${system}.promotionToken`;

function plannedSteps({
  system,
  namespace = `${system}-postgres`,
  from,
  to,
}: CloudNativePgPromotion): readonly PromotionStep[] {
  return [
    {
      order: 1,
      what: `Demote PostgreSQL in ${from}: it archives its last WAL, and writes are refused from here on.`,
      how: {
        command: `kubectl --context ${from} -n ${namespace} patch cluster postgres --type merge -p '{"spec":{"replica":{"primary":"${to}","source":"${to}"}}}'`,
      },
      waitsFor: `kubectl --context ${from} -n ${namespace} get cluster postgres -o jsonpath='{.status.demotionToken}' prints a token`,
      loses: "nothing; writes are refused until the last step is done",
    },
    {
      order: 2,
      what: `Name ${to} the primary region and give it the token, then run \`groundwork up\`.`,
      how: { config: { ...roles(from, to), [tokenKey(system)]: "<the token>" } },
      waitsFor: `kubectl --context ${to} -n ${namespace} get cluster postgres shows a healthy cluster, and its writer accepts a write`,
      loses: "nothing",
    },
    {
      order: 3,
      what: "Remove the token, which is good for this one promotion.",
      how: { config: { [tokenKey(system)]: null } },
      loses: "nothing",
    },
  ];
}

function lostSteps({
  system,
  namespace = `${system}-postgres`,
  from,
  to,
}: CloudNativePgPromotion): readonly PromotionStep[] {
  return [
    {
      order: 1,
      what: `Promote PostgreSQL in ${to}.`,
      how: {
        command: `kubectl --context ${to} -n ${namespace} patch cluster postgres --type merge -p '{"spec":{"replica":{"primary":"${to}","source":"${from}"}}}'`,
      },
      waitsFor: `kubectl --context ${to} -n ${namespace} get cluster postgres shows a healthy cluster, and its writer accepts a write`,
      loses: `what ${from} acknowledged after the last WAL file that ${to} replayed: up to ${ARCHIVE_SECONDS} s of writes and the time to copy one file`,
    },
    {
      order: 2,
      what: `Name ${to} the primary region in the configuration, and ${from} a failover region; the next \`up\` then finds what is there.`,
      how: { config: roles(from, to) },
      loses: "nothing",
    },
    {
      order: 3,
      what: `When ${from} is back: keep its volumes' snapshots for what only it had, delete its cluster and its folder of the archive, and let \`up\` make it anew as a follower of ${to}.`,
      how: { command: `kubectl --context ${from} -n ${namespace} delete cluster postgres` },
      waitsFor: `kubectl --context ${from} -n ${namespace} get cluster postgres shows a healthy replica cluster after the \`up\``,
      loses: `what only ${from} had; its snapshots keep it for a comparison`,
    },
  ];
}
