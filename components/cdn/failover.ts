import * as cloudflare from "@pulumi/cloudflare";
import { ComponentResource } from "@pulumi/pulumi";
import type { ComponentResourceOptions, Input } from "@pulumi/pulumi";
import { boundedName } from "@groundwork/lib/names";
import type { Affinity, Steering } from "./spec.ts";
import { checkedFrom, steered } from "./steering.ts";

/** A region that can answer for the host. */
export interface Origin {
  readonly region: string;
  /** DNS name of its balancer. */
  readonly address: Input<string>;
}

export interface FailoverArgs {
  /** The public host name, in the zone. */
  readonly host: string;
  readonly accountId: string;
  readonly zoneId: string;
  /** In the order in which they are to answer: the primary first. */
  readonly origins: readonly [Origin, ...Origin[]];
  /** Answers 200 when the whole region can serve. */
  readonly healthPath: string;
  /**
   * The zone's name. Health checks then leave Cloudflare as its visitors' requests do, so that they show the client
   * certificate that the origin asks for. Default: they show none.
   */
  readonly zoneName?: string;
  /** Where requests go while all regions are healthy. Default `off`: to the first. Others need Traffic Steering booked. */
  readonly steering?: Steering;
  /** Whether a client stays with the region that answered it first. Default `none`. */
  readonly affinity?: Affinity;
  /** From how many parts of the world each region is checked, its own first; what was booked. Default 1. */
  readonly checkRegions?: number;
  /** Who is told that a region has become unhealthy or healthy. Default nobody. */
  readonly notificationEmail?: string;
}

/** Seconds between checks of a region from each of Cloudflare's check regions. https://developers.cloudflare.com/load-balancing/monitors/create-monitor/ */
const CHECK_INTERVAL = 60;
const CHECK_TIMEOUT = 5;
const CHECK_RETRIES = 2;

/** How long a client stays, and how long it may after its region is switched off: seconds. https://developers.cloudflare.com/load-balancing/understand-basics/session-affinity/ */
const AFFINITY_SECONDS = 7200;
const DRAIN_SECONDS = 600;

/** Letters, digits, `-` and `_`; the length is ours. https://developers.cloudflare.com/api/resources/load_balancers/subresources/pools/methods/create/ */
const POOL_NAME_LIMIT = 60;

/**
 * A Cloudflare load balancer that sends everybody to the first region that is healthy, or as the steering says to one of
 * them. A host has pools of its own, since a pool's one monitor asks for one host: a system that is ill in a region leaves
 * it alone. Load Balancing is booked by the endpoint, about US$ 5 a month for two and US$ 5 for each further one, and each
 * region of each host may count as one. https://developers.cloudflare.com/load-balancing/
 */
export class RegionFailover extends ComponentResource {
  constructor(name: string, args: FailoverArgs, opts: ComponentResourceOptions = {}) {
    super("groundwork:cdn:RegionFailover", name, {}, opts);
    const monitor = createMonitor(name, args, this);
    const pools = args.origins.map((origin) => createPool(name, origin, args, monitor, this));
    const balancer = createBalancer(name, args, pools, this);
    this.registerOutputs({ host: balancer.name });
  }
}

function createMonitor(name: string, args: FailoverArgs, parent: ComponentResource): cloudflare.LoadBalancerMonitor {
  return new cloudflare.LoadBalancerMonitor(
    `${name}-health`,
    {
      accountId: args.accountId,
      description: `Health of ${args.host}`,
      type: "https",
      method: "GET",
      port: 443,
      path: args.healthPath,
      header: { Host: [args.host] },
      expectedCodes: "200",
      followRedirects: false,
      allowInsecure: false,
      ...(args.zoneName !== undefined && { probeZone: args.zoneName }),
      interval: CHECK_INTERVAL,
      timeout: CHECK_TIMEOUT,
      retries: CHECK_RETRIES,
    },
    { parent },
  );
}

function createPool(
  name: string,
  { region, address }: Origin,
  args: FailoverArgs,
  monitor: cloudflare.LoadBalancerMonitor,
  parent: ComponentResource,
): cloudflare.LoadBalancerPool {
  return new cloudflare.LoadBalancerPool(
    `${name}-${region}`,
    {
      accountId: args.accountId,
      name: boundedName(`${args.host}-${region}`.replaceAll(".", "-"), POOL_NAME_LIMIT),
      description: `${args.host} in ${region}`,
      monitor: monitor.id,
      minimumOrigins: 1,
      // Left out it means every data centre, which all plans but Enterprise refuse.
      checkRegions: checkedFrom(region, args.checkRegions ?? 1),
      ...(args.notificationEmail !== undefined && {
        notificationEmail: args.notificationEmail,
        notificationFilter: { pool: { disable: false } },
      }),
      origins: [{ name: region, address, enabled: true, weight: 1, header: { hosts: [args.host] } }],
    },
    { parent },
  );
}

function createBalancer(
  name: string,
  { host, zoneId, origins, steering = "off", affinity = "none" }: FailoverArgs,
  pools: readonly cloudflare.LoadBalancerPool[],
  parent: ComponentResource,
): cloudflare.LoadBalancer {
  const ids = pools.map((pool) => pool.id);
  return new cloudflare.LoadBalancer(
    `${name}-balancer`,
    {
      zoneId,
      name: host,
      description: `${host}: ${steering === "off" ? "the first healthy region answers" : `healthy regions answer, steering ${steering}`}`,
      defaultPools: ids,
      // Used when no pool is healthy: the last one is the least likely to be down for the same reason.
      fallbackPool: ids.at(-1) ?? "",
      ...steered(
        steering,
        origins.map(({ region }, index) => ({ region, pool: pools[index]!.id })),
      ),
      proxied: true,
      ...(affinity !== "none" && {
        sessionAffinity: affinity === "cookie" ? "cookie" : "ip_cookie",
        sessionAffinityTtl: AFFINITY_SECONDS,
        sessionAffinityAttributes: { samesite: "Lax", secure: "Always", drainDuration: DRAIN_SECONDS },
      }),
    },
    { parent },
  );
}
