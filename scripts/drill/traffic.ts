import type { TrafficReport } from "@groundwork/lib/drill-report";
import { list, plain, text } from "../rehearsal/clouds/tables/values.ts";
import type { StateResource } from "../rehearsal/deployment.ts";
import { ofType } from "./state.ts";

export const BALANCER = "cloudflare:index/loadBalancer:LoadBalancer";
const POOL = "cloudflare:index/loadBalancerPool:LoadBalancerPool";
const MONITOR = "cloudflare:index/loadBalancerMonitor:LoadBalancerMonitor";
const AWS_BALANCER = "aws:lb/loadBalancer:LoadBalancer";

/** Retries follow at once. https://developers.cloudflare.com/api/resources/load_balancers/subresources/monitors/methods/create/ */
const SOURCE = "https://developers.cloudflare.com/load-balancing/understand-basics/health-details/";
/** Cloudflare's own defaults. https://developers.cloudflare.com/api/resources/load_balancers/subresources/monitors/methods/create/ */
const DEFAULTS = { interval: 60, timeout: 5, retries: 2, consecutiveDown: 0 };

interface Pool {
  readonly id: string;
  readonly monitor: string;
  readonly region: string;
}

/** Where Cloudflare sends requests when a region's pool is unhealthy, and after how long, as its load balancers are set. */
export function trafficOf(resources: readonly StateResource[], lost: string): readonly TrafficReport[] {
  const pools = poolsOf(resources);
  const monitors = new Map(ofType(resources, MONITOR).map(({ id = "", outputs = {} }) => [id, outputs]));
  return ofType(resources, BALANCER).flatMap(({ outputs = {} }) => {
    const order = list(outputs["defaultPools"]).flatMap((id) => pools.get(text(id)) ?? []);
    const down = order.find(({ region }) => region === lost);
    if (down === undefined) return [];
    const next = order.find(({ region }) => region !== lost);
    const { seconds, how } = detection(monitors.get(down.monitor) ?? {});
    return [
      {
        host: text(outputs["name"]),
        from: order[0]?.region ?? lost,
        to: next?.region ?? null,
        seconds,
        how,
        proxied: outputs["proxied"] === true,
        affinity: affinityOf(outputs),
        source: SOURCE,
      },
    ];
  });
}

function poolsOf(resources: readonly StateResource[]): ReadonlyMap<string, Pool> {
  const regions = new Map(
    ofType(resources, AWS_BALANCER).map(({ outputs = {} }) => [
      text(outputs["dnsName"]),
      text(outputs["arn"]).split(":")[3] ?? "",
    ]),
  );
  return new Map(
    ofType(resources, POOL).map(({ id = "", outputs = {} }) => {
      const addresses = list(outputs["origins"]).map((origin) => text(plain(origin)["address"]));
      const region = addresses.map((address) => regions.get(address)).find((found) => found !== undefined) ?? "";
      return [id, { id, monitor: text(outputs["monitor"]), region }];
    }),
  );
}

/** A check fails when it and all its retries have timed out; it begins at most an interval after the loss. */
function detection(monitor: Readonly<Record<string, unknown>>): Pick<TrafficReport, "seconds" | "how"> {
  const [interval, timeout, retries, down] = (["interval", "timeout", "retries", "consecutiveDown"] as const).map(
    (name) => (typeof monitor[name] === "number" ? monitor[name] : DEFAULTS[name]),
  ) as [number, number, number, number];
  const tries = timeout * (retries + 1);
  const rounds = Math.max(1, down);
  const least = tries + interval * (rounds - 1);
  return {
    seconds: { least, most: least + interval },
    how: `up to ${interval} s until the next check, which times out ${retries + 1} times after ${timeout} s${rounds > 1 ? `, ${rounds} checks in a row` : ""}`,
  };
}

function affinityOf(balancer: Readonly<Record<string, unknown>>): string {
  const affinity = text(balancer["sessionAffinity"]) || "none";
  return affinity === "none"
    ? "none: each request goes to a healthy region by itself"
    : `${affinity}: clients bound to the lost region are bound anew, and lose what only that region knew of their session`;
}
