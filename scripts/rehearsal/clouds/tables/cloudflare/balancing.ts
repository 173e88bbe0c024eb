import { LOAD_BALANCING as MOST } from "@groundwork/lib/cloudflare-plans";
import type { Ctx, ResourceType } from "../../table.ts";
import { ifKnown } from "../../values.ts";
import { atLeast, between, isIp, list, matches, oneOf, plain, text } from "../values.ts";
import type { SourcedFailure } from "../values.ts";
import { API, DOCS, hasEnterprise, hostName, identifier, isHostName, schema, times } from "./rules.ts";

const BALANCER = "cloudflare:index/loadBalancer:LoadBalancer";
const POOL = "cloudflare:index/loadBalancerPool:LoadBalancerPool";
const MONITOR = "cloudflare:index/loadBalancerMonitor:LoadBalancerMonitor";

const MONITORS = `${API}/load_balancers/subresources/monitors/methods/create/`;
const POOLS = `${API}/load_balancers/subresources/pools/methods/create/`;
const BALANCERS = `${API}/load_balancers/methods/create/`;
const LIMITS = `${DOCS}/load-balancing/reference/limitations/`;

const SHORTEST_INTERVAL = { enterprise: 10, others: 15 };

/** https://developers.cloudflare.com/load-balancing/reference/region-mapping-api/#list-of-load-balancer-regions */
const REGIONS = ["EEU", "ENAM", "ME", "NAF", "NEAS", "NSAM", "OC", "SAF", "SAS", "SEAS", "SSAM", "WEU", "WNAM"];

const PORTS = ["tcp", "udp_icmp", "smtp"];

/** In which zone's name checks leave: so that origins that ask for a client certificate are shown one. https://developers.cloudflare.com/load-balancing/monitors/create-monitor/ */
const PROBE_ZONE = hostName("probeZone", MONITORS);

function checkMonitor(ctx: Ctx): SourcedFailure | undefined {
  return monitorProblem(ctx) ?? tooMany(ctx, MONITOR, MOST.monitors, "monitors");
}

function monitorProblem(ctx: Ctx): SourcedFailure | undefined {
  const { inputs } = ctx;
  const shortest = hasEnterprise(ctx) ? SHORTEST_INTERVAL.enterprise : SHORTEST_INTERVAL.others;
  if (inputs.interval !== undefined && Number(inputs.interval) < shortest) {
    return { path: "interval", reason: `interval is not in range [${shortest}, 3600] on this plan`, source: LIMITS };
  }
  const type = text(inputs.type) || "http";
  if (PORTS.includes(type) && inputs.port === undefined) {
    return { path: "port", reason: `write the port: a ${type} monitor has no default`, source: MONITORS };
  }
  const isHttp = type === "http" || type === "https";
  const foreign = ["expectedBody", "expectedCodes", "followRedirects", "path"].find(
    (name) => inputs[name] !== undefined,
  );
  return !isHttp && foreign !== undefined
    ? { path: foreign, reason: `leave it out: only http and https monitors have it, not ${type}`, source: MONITORS }
    : undefined;
}

export const monitor: ResourceType = {
  token: MONITOR,
  source: schema("load_balancer_monitor"),
  id: (ctx) => ctx.hex(32, "monitor"),
  rules: [
    identifier("accountId"),
    oneOf("type", ["http", "https", "tcp", "udp_icmp", "icmp_ping", "smtp"], MONITORS),
    oneOf("method", ["GET", "HEAD", "connection_established"], MONITORS),
    between("interval", 10, 3600, LIMITS),
    between("timeout", 1, 10, `${DOCS}/load-balancing/monitors/create-monitor/`),
    between("retries", 0, 5, `${DOCS}/load-balancing/monitors/create-monitor/`),
    between("port", 0, 65535, MONITORS),
    atLeast("consecutiveDown", 0, MONITORS),
    atLeast("consecutiveUp", 0, MONITORS),
    matches("path", /^\//, "write a path that starts with /", MONITORS),
    { ...PROBE_ZONE, check: (value, ctx) => (value === "" ? undefined : PROBE_ZONE.check(value, ctx)) },
    matches(
      "expectedCodes",
      /^\d(?:\d\d|xx)(?:\s*[,-]\s*\d(?:\d\d|xx))*$/,
      "write codes such as 200, 2xx or 200,204",
      MONITORS,
    ),
  ],
  check: checkMonitor,
  replaces: ["accountId"],
  updates: [
    ...["allowInsecure", "consecutiveDown", "consecutiveUp", "description", "expectedBody", "expectedCodes"],
    ...["followRedirects", "header", "interval", "method", "path", "port", "probeZone", "retries", "timeout", "type"],
  ],
  defaults: {
    allowInsecure: false,
    consecutiveDown: 0,
    consecutiveUp: 0,
    followRedirects: false,
    interval: 60,
    method: "GET",
    retries: 2,
    timeout: 5,
    type: "http",
  },
  outputs: times,
};

function others(ctx: Ctx, token: string) {
  return ctx.all(token).filter((thing) => thing.id !== ctx.old?.id);
}

function addressesOf(origins: unknown): string[] {
  return list(origins).map((origin) => text(plain(origin).address));
}

function checkOrigins({ inputs }: Ctx): SourcedFailure | undefined {
  const origins = list(inputs.origins).map(plain);
  if (origins.length === 0) return { path: "origins", reason: "write at least one origin", source: POOLS };
  const names = origins.map((origin) => text(origin.name));
  const namesake = names.findIndex((name, index) => name !== "" && names.indexOf(name) < index);
  if (namesake >= 0) {
    const reason = "write a name that no other origin of the pool has";
    return { path: `origins[${namesake}].name`, reason, source: POOLS };
  }
  // An address may come twice with different ports. https://github.com/cloudflare/cloudflare-docs/pull/31583
  const places = origins.map(
    (origin) => `${text(origin.address)}|${Number(origin.port ?? 0)}|${text(origin.virtualNetworkId)}`,
  );
  const twice = places.findIndex((place, index) => places.indexOf(place) < index);
  if (twice >= 0)
    return {
      path: `origins[${twice}].address`,
      reason: "write an address that no other origin of the pool has",
      source: POOLS,
    };
  if (Number(inputs.minimumOrigins ?? 1) > origins.length) {
    return { path: "minimumOrigins", reason: `write at most ${origins.length}, the number of origins`, source: POOLS };
  }
  return (inputs.latitude === undefined) === (inputs.longitude === undefined)
    ? undefined
    : { path: "latitude", reason: "write both latitude and longitude, or neither", source: POOLS };
}

/** The existing ones beside this one, of which only Enterprise has more. */
function tooMany(ctx: Ctx, token: string, most: number, what: string): SourcedFailure | undefined {
  if (hasEnterprise(ctx) || others(ctx, token).length < most) return undefined;
  const path = token === MONITOR ? "" : "name";
  return { path, reason: `an account has at most ${most} ${what} below the Enterprise plan`, source: LIMITS };
}

const CHECKED_FROM = `${DOCS}/load-balancing/monitors/#health-monitor-regions`;

/** How many were booked no API tells; 1 by default. https://github.com/cloudflare/cloudflare-docs/pull/31421 */
function checkedFromProblem(ctx: Ctx): SourcedFailure | undefined {
  const regions = list(ctx.inputs.checkRegions);
  const path = "checkRegions";
  const twice = regions.find((region, index) => regions.indexOf(region) < index);
  if (twice !== undefined) return { path, reason: `write ${text(twice)} once`, source: CHECKED_FROM };
  if (hasEnterprise(ctx)) return undefined;
  // left out, it is null to the API: from every data centre
  if (regions.length === 0)
    return {
      path,
      reason:
        "Probing from every data centre is not allowed with this subscription. Please choose regions to probe from",
      source: "https://github.com/cloudflare/cloudflare-ingress-controller/issues/18",
    };
  if (regions.includes("ALL_REGIONS"))
    return { path, reason: "write regions: ALL_REGIONS needs the Enterprise plan", source: CHECKED_FROM };
  return regions.length > MOST.checkRegions
    ? { path, reason: `write at most ${MOST.checkRegions} regions below the Enterprise plan`, source: CHECKED_FROM }
    : undefined;
}

function checkPoolLimits(ctx: Ctx): SourcedFailure | undefined {
  const over = tooMany(ctx, POOL, MOST.pools, "pools");
  if (over !== undefined || hasEnterprise(ctx)) return over;
  const pools = others(ctx, POOL);
  const endpoints = new Set([
    ...pools.flatMap(({ inputs }) => addressesOf(inputs.origins)),
    ...addressesOf(ctx.inputs.origins),
  ]);
  return endpoints.size > MOST.endpoints
    ? {
        path: "origins",
        reason: `an account has at most ${MOST.endpoints} endpoints below the Enterprise plan, this makes ${endpoints.size}`,
        source: LIMITS,
      }
    : undefined;
}

export const pool: ResourceType = {
  token: POOL,
  source: schema("load_balancer_pool"),
  id: (ctx) => ctx.hex(32, "pool"),
  key: ({ inputs }) => `${text(inputs.accountId)}/${text(inputs.name)}`,
  exists: "a pool of that name exists in the account already",
  rules: [
    identifier("accountId"),
    matches("name", /^[A-Za-z0-9_-]+$/, "write letters, digits, `-` and `_` only", POOLS),
    {
      path: "origins[].address",
      check: (value) =>
        isIp(value) || isHostName(value) ? undefined : "write an IP address or a host name, without scheme and port",
      source: POOLS,
    },
    between("origins[].weight", 0, 1, POOLS),
    between("origins[].port", 0, 65535, POOLS),
    oneOf("checkRegions[]", [...REGIONS, "ALL_REGIONS"], POOLS),
    atLeast("minimumOrigins", 0, POOLS),
    between("latitude", -90, 90, POOLS),
    between("longitude", -180, 180, POOLS),
    oneOf("originSteering.policy", ["random", "hash", "least_outstanding_requests", "least_connections"], POOLS),
    matches(
      "notificationEmail",
      /^([^\s,@]+@[^\s,@]+)?(,\s*[^\s,@]+@[^\s,@]+)*$/,
      "write addresses, separated by commas",
      POOLS,
    ),
    between("loadShedding.defaultPercent", 0, 100, POOLS),
    between("loadShedding.sessionPercent", 0, 100, POOLS),
  ],
  references: [{ path: "monitor", to: MONITOR, except: /^$/ }],
  check: (ctx) => ifKnown(() => checkedFromProblem(ctx)) ?? ifKnown(() => checkOrigins(ctx)) ?? checkPoolLimits(ctx),
  replaces: ["accountId"],
  updates: [
    ...["checkRegions", "description", "enabled", "healthSources", "latitude", "loadShedding", "longitude"],
    ...["minimumOrigins", "monitor", "monitorGroup", "name", "notificationEmail", "notificationFilter"],
    ...["originSteering", "origins"],
  ],
  defaults: { enabled: true, minimumOrigins: 1, checkRegions: [] },
  outputs: (ctx) => ({
    ...times(ctx),
    networks: ["cloudflare"],
    origins: list(ctx.inputs.origins).map((origin) => ({ enabled: true, weight: 1, ...plain(origin) })),
  }),
  absent: ["disabledAt"],
};

const AFFINITY_SECONDS: Readonly<Record<string, readonly [number, number]>> = {
  cookie: [1800, 604800],
  ip_cookie: [1800, 604800],
  header: [30, 3600],
};

const GEO = `${DOCS}/load-balancing/understand-basics/traffic-steering/steering-policies/geo-steering/`;
const AREAS = ["regionPools", "countryPools", "popPools"];

function steeringProblem(ctx: Ctx): SourcedFailure | undefined {
  const { inputs } = ctx;
  const areas = AREAS.filter((name) => Object.keys(plain(inputs[name])).length > 0);
  if (inputs.steeringPolicy === "geo" && areas.length === 0)
    return { path: "steeringPolicy", reason: `write pools by ${AREAS.join(", ")}: geo goes by them`, source: GEO };
  return areas.includes("popPools") && !hasEnterprise(ctx)
    ? { path: "popPools", reason: "leave it out: pools by data center need the enterprise plan", source: GEO }
    : undefined;
}

/** https://developers.cloudflare.com/load-balancing/understand-basics/session-affinity/ */
function affinityProblem(inputs: Ctx["inputs"], affinity: string): SourcedFailure | undefined {
  const source = `${DOCS}/load-balancing/understand-basics/session-affinity/`;
  const attributes = plain(inputs.sessionAffinityAttributes);
  if (affinity === "none" && attributes.drainDuration !== undefined)
    return {
      path: "sessionAffinityAttributes.drainDuration",
      reason: "leave it out: only sessions that are bound can drain",
      source,
    };
  return affinity === "header" && list(attributes.headers).length === 0
    ? { path: "sessionAffinityAttributes.headers", reason: "write at least one header: affinity goes by it", source }
    : undefined;
}

function checkBalancer(ctx: Ctx): SourcedFailure | undefined {
  const { inputs } = ctx;
  const affinity = text(inputs.sessionAffinity) || "none";
  const needsProxy = affinity !== "none" && inputs.proxied !== true;
  if (needsProxy)
    return {
      path: "sessionAffinity",
      reason: "it needs a proxied load balancer: set proxied to true",
      source: BALANCERS,
    };
  if (inputs.ttl !== undefined && inputs.proxied === true) {
    return {
      path: "ttl",
      reason: "leave it out: it only applies to load balancers that are not proxied",
      source: BALANCERS,
    };
  }
  const [min, max] = AFFINITY_SECONDS[affinity] ?? [0, Infinity];
  const seconds = inputs.sessionAffinityTtl;
  if (typeof seconds === "number" && (seconds < min || seconds > max)) {
    return {
      path: "sessionAffinityTtl",
      reason: `write ${min} to ${max} seconds for affinity by ${affinity}`,
      source: BALANCERS,
    };
  }
  if (list(inputs.defaultPools).length === 0)
    return { path: "defaultPools", reason: "write at least one pool", source: BALANCERS };
  const wrong = steeringProblem(ctx) ?? affinityProblem(inputs, affinity);
  return wrong ?? tooMany(ctx, BALANCER, MOST.balancers, "load balancers");
}

/** A booked add-on of each plan, which no API of a rehearsal can tell: `pulumi up` says so when it is missing. */
export const balancer: ResourceType = {
  token: BALANCER,
  source: schema("load_balancer"),
  id: (ctx) => ctx.hex(32, "balancer"),
  key: ({ inputs }) => `${text(inputs.zoneId)}/${text(inputs.name)}`,
  exists: "a load balancer of that host name exists in the zone already",
  rules: [
    identifier("zoneId"),
    hostName("name", BALANCERS),
    oneOf("sessionAffinity", ["none", "cookie", "ip_cookie", "header", ""], schema("load_balancer")),
    oneOf(
      "steeringPolicy",
      ["off", "geo", "random", "dynamic_latency", "proximity", "least_outstanding_requests", "least_connections", ""],
      schema("load_balancer"),
    ),
    between("randomSteering.defaultWeight", 0, 1, schema("load_balancer")),
    atLeast("ttl", 1, BALANCERS),
    {
      path: "regionPools",
      check: (value) => {
        const strange = Object.keys(plain(value)).filter((region) => !REGIONS.includes(region));
        return strange.length === 0 ? undefined : `write one of ${REGIONS.join(", ")} instead of ${strange.join(", ")}`;
      },
      source: BALANCERS,
    },
  ],
  references: ["defaultPools[]", "fallbackPool", "regionPools.*[]", "countryPools.*[]", "popPools.*[]"].map((path) => ({
    path,
    to: POOL,
  })),
  check: checkBalancer,
  replaces: ["zoneId"],
  updates: [
    ...["adaptiveRouting", "countryPools", "defaultPools", "description", "enabled", "fallbackPool"],
    ...["locationStrategy", "name", "networks", "popPools", "proxied", "randomSteering", "regionPools", "rules"],
    ...["sessionAffinity", "sessionAffinityAttributes", "sessionAffinityTtl", "steeringPolicy", "ttl"],
  ],
  defaults: { enabled: true, proxied: false, sessionAffinity: "none", steeringPolicy: "" },
  outputs: (ctx) => ({ ...times(ctx), zoneName: zoneNameOf(ctx) }),
};

/** The zone's own name where this cloud has it, else what most zones are called: the last two labels of the host. */
function zoneNameOf(ctx: Ctx): string {
  const zone = ctx.all("cloudflare:index/zone:Zone").find(({ id }) => id === ctx.inputs.zoneId);
  return text(zone?.inputs.name) || text(ctx.inputs.name).split(".").slice(-2).join(".");
}
