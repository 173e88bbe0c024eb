import type { Cloud } from "./cloud.ts";
import { CLUSTER } from "./places.ts";
import { regionOf } from "./regions-lost.ts";
import { EVERYWHERE } from "./shelf.ts";
import { list, plain, text } from "./tables/values.ts";
import type { Thing } from "./table.ts";

/** Whether something that serves a region works, as its cloud reports it. */
export interface Health {
  readonly token: string;
  readonly id: string;
  readonly name: string;
  readonly region: string;
  readonly healthy: boolean;
  /** In the service's own word. */
  readonly says: string;
}

const BALANCER = "aws:lb/loadBalancer:LoadBalancer";
const POOL = "cloudflare:index/loadBalancerPool:LoadBalancerPool";

/** Of each type, what its service calls a thing that works and one that does not. */
const WORDS: Readonly<Record<string, readonly [works: string, fails: string]>> = {
  [CLUSTER]: ["ACTIVE", "FAILED"],
  "aws:eks/nodeGroup:NodeGroup": ["ACTIVE", "DEGRADED"],
  // https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html#target-health-states
  "aws:lb/targetGroup:TargetGroup": ["healthy", "unhealthy"],
  // https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/accessing-monitoring.html#Overview.DBInstance.Status
  "aws:rds/clusterInstance:ClusterInstance": ["available", "inaccessible"],
  // https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_ReplicationGroup.html
  "aws:elasticache/replicationGroup:ReplicationGroup": ["available", "unreachable"],
};

/** What the clouds report of each region: AWS of what runs there, Cloudflare of the pools that lead there. */
export function healthOf(cloud: Cloud): readonly Health[] {
  const { shelf } = cloud.inventory;
  const inRegions = Object.entries(WORDS).flatMap(([token, words]) =>
    shelf.list(token, EVERYWHERE).map((thing) => judged(cloud, thing, regionOf(thing.place), words)),
  );
  const balancers = shelf.list(BALANCER, EVERYWHERE);
  const pools = shelf.list(POOL, EVERYWHERE).map((pool) => {
    const addresses = list(pool.properties["origins"]).map((origin) => text(plain(origin)["address"]));
    const target = balancers.find(({ properties }) => addresses.includes(text(properties["dnsName"])));
    // https://developers.cloudflare.com/load-balancing/understand-basics/health-details/
    return judged(cloud, pool, target === undefined ? "" : regionOf(target.place), ["Healthy", "Critical"]);
  });
  return [...inRegions, ...pools];
}

function judged(cloud: Cloud, thing: Thing, region: string, [works, fails]: readonly [string, string]): Health {
  const healthy = cloud.lost?.has(region) !== true;
  const { name, identifier, replicationGroupId, clusterName, nodeGroupName } = thing.properties;
  const named = [name, identifier, replicationGroupId, nodeGroupName, clusterName].map(text).find((one) => one !== "");
  const { token, id } = thing;
  return { token, id, name: named ?? id, region, healthy, says: healthy ? works : fails };
}
