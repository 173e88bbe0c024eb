import { growthOf } from "./growth.ts";
import type { Item, Watcher } from "./inventory.ts";
import { CLUSTER, clusterPlace } from "./places.ts";
import type { Ctx, QuotaName, ResourceType } from "./table.ts";

interface Quota {
  /** AWS's own code, as `aws service-quotas list-aws-default-service-quotas` prints it. */
  readonly code: string;
  readonly name: string;
  /** What a new account starts with. */
  readonly limit: number;
  readonly error: string;
  readonly source: string;
}

const INSTANCES = "https://docs.aws.amazon.com/ec2/latest/instancetypes/ec2-instance-quotas.html";
const VPC_QUOTAS = "https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html";

const RDS_QUOTAS = "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Limits.html";

export const QUOTAS: Readonly<Record<QuotaName, Quota>> = {
  standardVcpus: {
    code: "L-1216C47A",
    name: "Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances, in vCPUs",
    limit: 5,
    error: "VcpuLimitExceeded",
    source: INSTANCES,
  },
  standardSpotVcpus: {
    code: "L-34B43A08",
    name: "All Standard (A, C, D, H, I, M, R, T, Z) Spot Instance Requests, in vCPUs",
    limit: 5,
    error: "MaxSpotInstanceCountExceeded",
    source: INSTANCES,
  },
  gpuVcpus: {
    code: "L-DB2E81BA",
    name: "Running On-Demand G and VT instances, in vCPUs",
    limit: 0,
    error: "VcpuLimitExceeded",
    source: INSTANCES,
  },
  gpuSpotVcpus: {
    code: "L-3819A6DF",
    name: "All G and VT Spot Instance Requests, in vCPUs",
    limit: 0,
    error: "MaxSpotInstanceCountExceeded",
    source: INSTANCES,
  },
  elasticIps: {
    code: "L-0263D0A3",
    name: "EC2-VPC Elastic IPs",
    limit: 5,
    error: "AddressLimitExceeded",
    source: VPC_QUOTAS,
  },
  vpcs: { code: "L-F678F1CE", name: "VPCs per Region", limit: 5, error: "VpcLimitExceeded", source: VPC_QUOTAS },
  natGatewaysPerZone: {
    code: "L-FE5A380F",
    name: "NAT gateways per Availability Zone",
    limit: 5,
    error: "NatGatewayLimitExceeded",
    source: VPC_QUOTAS,
  },
  interfaceEndpoints: {
    code: "L-29B6F2EB",
    name: "Interface VPC endpoints per VPC",
    limit: 50,
    error: "VpcEndpointLimitExceeded",
    source: "https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-limits-endpoints.html",
  },
  internetGateways: {
    code: "L-A4707A72",
    name: "Internet gateways per Region",
    limit: 5,
    error: "InternetGatewayLimitExceeded",
    source: VPC_QUOTAS,
  },
  securityGroupRules: {
    code: "L-0EA8095F",
    name: "Inbound or outbound rules per security group",
    limit: 60,
    error: "RulesPerSecurityGroupLimitExceeded",
    source: VPC_QUOTAS,
  },
  eksClusters: {
    code: "L-1194D53C",
    name: "EKS clusters per Region",
    limit: 100,
    error: "ResourceLimitExceededException",
    source: "https://docs.aws.amazon.com/eks/latest/userguide/service-quotas.html",
  },
  rdsInstances: {
    code: "L-7B6409FD",
    name: "RDS DB instances",
    limit: 40,
    error: "InstanceQuotaExceeded",
    source: RDS_QUOTAS,
  },
  rdsProxies: {
    code: "L-D94C7EA3",
    name: "RDS Proxies",
    limit: 20,
    error: "DBProxyQuotaExceededFault",
    source: RDS_QUOTAS,
  },
};

/** Limits by region, or `default` for all regions. */
export type QuotaLimits = Readonly<Record<string, Partial<Readonly<Record<QuotaName, number>>>>>;

export interface QuotaReport {
  readonly quota: QuotaName;
  readonly code: string;
  readonly name: string;
  /** What it is counted over, e.g. `us-west-2` or `us-west-2, zone us-west-2a`. */
  readonly scope: string;
  readonly used: number;
  /** What it may come to by itself: node groups at their largest, Karpenter's pools at their limits. Absent: no more than is used. */
  readonly ceiling?: number;
  readonly limit: number;
  /** How many more fit. */
  readonly headroom: number;
  readonly source: string;
}

/** What one thing uses of one quota. */
export interface QuotaCharge {
  readonly quota: string;
  readonly per: string;
  readonly count: number;
}

/** What a thing of this type with these inputs uses. */
export function chargesOf(type: ResourceType, ctx: Ctx): QuotaCharge[] {
  return (type.quotas ?? [])
    .map(({ quota, count, per }) => ({ quota, per: per?.(ctx) ?? "", count: count?.(ctx) ?? 1 }))
    .filter(({ count }) => count > 0);
}

interface Use {
  readonly place: string;
  readonly charge: QuotaCharge;
  used: number;
}

/** Counts what exists, and refuses what would be too much. */
export class QuotaCounter implements Watcher {
  readonly #used = new Map<string, Use>();
  readonly #growing = new Set<Item>();
  /** Where the clusters are, by the place of what is in them. */
  readonly #clusters = new Map<string, string>();
  readonly #limits: QuotaLimits;

  constructor(limits: QuotaLimits) {
    this.#limits = limits;
  }

  added(item: Item): void {
    this.#count(item, 1);
    if (item.token === CLUSTER) this.#clusters.set(clusterPlace(String(item.properties["endpoint"])), item.place);
    if (growthOf(item).length > 0) this.#growing.add(item);
  }

  removed(item: Item): void {
    this.#count(item, -1);
    this.#growing.delete(item);
  }

  /** Why these charges do not fit; `old` is what the same thing has used so far. */
  refuse(place: string, charges: readonly QuotaCharge[], old: readonly QuotaCharge[] = []): string | undefined {
    for (const charge of charges) {
      const given = old.find(({ quota, per }) => quota === charge.quota && per === charge.per)?.count ?? 0;
      if (charge.count <= given) continue;
      const quota = QUOTAS[charge.quota as QuotaName];
      const limit = this.#limit(place, charge.quota as QuotaName);
      const used = this.#used.get(keyOf(place, charge))?.used ?? 0;
      if (used - given + charge.count <= limit) continue;
      const region = regionOf(place);
      return (
        `${quota.error}: ${charge.count} more would exceed the quota "${quota.name}" (${quota.code}) of ` +
        `${scopeOf(place, charge.per)}, where ${used - given} of ${limit} are used: request an increase from AWS, and write ` +
        `quotas: { ${region}: { ${charge.quota}: ${used - given + charge.count} } } under the stack in rehearsal.yaml`
      );
    }
    return undefined;
  }

  report(): QuotaReport[] {
    const growth = this.#growth();
    const counted = new Map([...growth, ...this.#used].map(([key, { place, charge }]) => [key, { place, charge }]));
    return [...counted].flatMap(([key, { place, charge }]) => {
      const quota = charge.quota as QuotaName;
      const used = this.#used.get(key)?.used ?? 0;
      const more = growth.get(key)?.used ?? 0;
      if (used + more <= 0) return [];
      const { code, name, source } = QUOTAS[quota];
      const limit = this.#limit(place, quota);
      const ceiling = more > 0 && { ceiling: used + more };
      const scope = scopeOf(place, charge.per);
      return [{ quota, code, name, scope, used, ...ceiling, limit, headroom: limit - used, source }];
    });
  }

  /** What autoscalers may add, by the key of the quota. */
  #growth(): Map<string, Use> {
    const growth = new Map<string, Use>();
    for (const item of this.#growing) {
      const place = this.#clusters.get(item.place) ?? item.place;
      if (!place.startsWith("aws/")) continue;
      for (const { quota, count } of growthOf(item)) {
        const charge = { quota, per: "", count };
        const key = keyOf(place, charge);
        growth.set(key, { place, charge, used: (growth.get(key)?.used ?? 0) + count });
      }
    }
    return growth;
  }

  #count(item: Item, sign: 1 | -1): void {
    if (item.retained !== undefined) return;
    for (const charge of item.entry.quotas ?? []) {
      const key = keyOf(item.place, charge);
      const counted = this.#used.get(key) ?? { place: item.place, charge, used: 0 };
      counted.used += sign * charge.count;
      this.#used.set(key, counted);
    }
  }

  #limit(place: string, quota: QuotaName): number {
    return this.#limits[regionOf(place)]?.[quota] ?? this.#limits["default"]?.[quota] ?? QUOTAS[quota].limit;
  }
}

function keyOf(place: string, { quota, per }: QuotaCharge): string {
  return `${place}\n${quota}\n${per}`;
}

/** `aws/123456789012/us-west-2` is in us-west-2. */
function regionOf(place: string): string {
  return place.split("/")[2] ?? "default";
}

function scopeOf(place: string, per: string): string {
  return per === "" ? regionOf(place) : `${regionOf(place)}, ${per}`;
}
