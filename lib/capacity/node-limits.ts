import { SHARED } from "../placement.ts";
import type { QuotaReport } from "../rehearsal-report.ts";
import type { Advice } from "./advice.ts";
import type { Growth } from "./growth.ts";
import { ceiling } from "./growth.ts";
import type { Limit } from "./limit.ts";
import { pack } from "./nodes.ts";
import type { ClusterNodes, Packed } from "./nodes.ts";
import type { PodGroup } from "./pods.ts";
import type { NodeType, Pool } from "./pools.ts";

/** Nodes are never filled to the last core. Stated: what bin packing leaves free at the sizes that pods have here. */
const FILL = 0.8;

/** The vCPU quotas that nodes count against. https://docs.aws.amazon.com/ec2/latest/instancetypes/ec2-instance-quotas.html */
const VCPU_QUOTAS = { standard: "L-1216C47A", gpu: "L-DB2E81BA" };

/** Today's nodes by packing, and for what comes on top as many as its cores, memory or pods fill. */
export function nodeLimits(
  cluster: ClusterNodes,
  growth: Growth,
  advice: Advice,
  quotas: readonly QuotaReport[],
): readonly Limit[] {
  const today = pack(
    cluster,
    (group) => growth.count(group, 0),
    pack(cluster, ({ replicas: { min } }) => min),
  );
  const isElastic = cluster.pools.some(({ kind }) => kind === "node pool");
  const growing = cluster.pools.filter(({ kind }) => !isElastic || kind === "node pool");
  const homes = growing.map((pool) => ({
    pool,
    groups: cluster.groups.filter((group) => homeOf(group, growing) === pool),
  }));
  const limits = homes.flatMap(({ pool, groups }) => poolLimit(pool, groups, today, growth, advice));
  return [...limits.map(({ limit }) => limit), ...vcpuLimits(cluster, limits, advice, quotas)];
}

interface PoolLimit {
  readonly type: NodeType;
  readonly limit: Limit;
}

/** What tolerates a pool's taints could run there and need not: the first that takes everybody is home. */
function homeOf(group: PodGroup, pools: readonly Pool[]): Pool | undefined {
  return group.perNode ? undefined : pools.find((pool) => (group.size.gpus > 0 || !pool.gpus) && pool.admits(group));
}

function poolLimit(
  pool: Pool,
  groups: readonly PodGroup[],
  today: Packed,
  growth: Growth,
  advice: Advice,
): readonly PoolLimit[] {
  const type = today.filled.find((one) => one.pool === pool)?.type ?? pool.types([])[0];
  const limit = type && pool.most(type);
  if (type === undefined || limit === undefined || !Number.isFinite(limit)) return [];
  const first = today.filled.find((one) => one.pool === pool)?.nodes ?? 0;
  const more = (month: number, amount: (group: PodGroup) => number): number =>
    groups.reduce((sum, group) => sum + (growth.count(group, month) - growth.count(group, 0)) * amount(group), 0);
  const needed = (month: number): number =>
    first +
    ceiling(
      Math.max(
        more(month, ({ size }) => size.cpu) / (type.free.cpu * FILL),
        more(month, ({ size }) => size.memory) / (type.free.memory * FILL),
        more(month, () => 1) / (type.free.pods * FILL),
        more(month, ({ size }) => size.gpus) / (type.free.gpus ?? Infinity),
      ),
    );
  const { region, name, kind } = pool;
  return [
    {
      type,
      limit: {
        system: SHARED,
        region,
        measure: `nodes of ${kind} ${name}`,
        limit,
        needed,
        advice: advice.ofNodes(pool),
      },
    },
  ];
}

function vcpuLimits(
  { region, pools }: ClusterNodes,
  limits: readonly PoolLimit[],
  advice: Advice,
  quotas: readonly QuotaReport[],
): readonly Limit[] {
  return Object.entries(VCPU_QUOTAS).flatMap(([kind, code]): Limit[] => {
    const quota = quotas.find((one) => one.code === code && one.scope === region);
    const own = limits.filter(({ type }) => (type.free.gpus ?? 0) > 0 === (kind === "gpu"));
    if (quota === undefined || own.length === 0) return [];
    const elastic = pools.some((pool) => pool.kind === "node pool");
    return [
      {
        system: SHARED,
        region,
        measure: `AWS quota ${quota.quota} (${quota.code})`,
        limit: quota.limit,
        // the quota's use knows node groups; what Karpenter makes comes on top
        needed: (month) =>
          quota.used +
          own.reduce(
            (sum, { type, limit }) => sum + type.vcpu * (limit.needed(month) - (elastic ? 0 : limit.needed(0))),
            0,
          ),
        advice: advice.ofAwsQuota(quota.code, region),
      },
    ];
  });
}
