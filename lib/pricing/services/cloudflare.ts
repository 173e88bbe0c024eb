import type { DesiredResource } from "../../desired-state.ts";
import { assumed, line, list, text, unpriced, type Context, type Outcome, type Pricer } from "../line.ts";

const POOL = "cloudflare:index/loadBalancerPool:LoadBalancerPool";

/** Endpoints that come with Load Balancing. https://developers.cloudflare.com/load-balancing/get-started/enable-load-balancing/ */
const INCLUDED = 2;

/** The plan of a zone is paid by the first resource in it, for the zone itself is seldom part of a program. */
export function zonePlan(resource: DesiredResource, { stack, graph, plan }: Context): readonly Outcome[] {
  const zone = text(resource.inputs, "zoneId");
  if (zone === undefined) return [];
  const first = graph.ofPackage("cloudflare").find(({ inputs }) => text(inputs, "zoneId") === zone);
  if (first !== resource || plan.value === "free") return [];
  if (plan.value === "enterprise") return [unpriced("the zone's enterprise plan is a contract of its own")];
  const said = plan.key ?? "shared.cloudflarePlan";
  const who = plan.key === undefined ? "nobody says otherwise: " : "";
  return [
    {
      ...line(`cloudflare/${plan.value}`, 1),
      assumed: `Each Cloudflare zone has the plan ${plan.value} (${who}${stack}.usage.${said} in capacity.yaml).`,
    },
  ];
}

/** Load Balancing is booked once, with two endpoints; every further one of an enabled pool is paid. */
const pool: Pricer = (resource, { graph }) => {
  const pools = graph.ofType(POOL);
  const before = pools.slice(0, pools.indexOf(resource)).reduce((sum, each) => sum + endpoints(each), 0);
  const free = Math.max(0, INCLUDED - before);
  const paid = Math.max(0, endpoints(resource) - free);
  return [
    ...(before === 0 && pools[0] === resource ? [line("cloudflare/load-balancing", 1)] : []),
    ...(paid > 0 ? [line("cloudflare/endpoint", paid)] : []),
  ];
};

function endpoints({ inputs }: DesiredResource): number {
  return list(inputs, "origins").length;
}

const smartRouting: Pricer = ({ inputs }, context) =>
  text(inputs, "value") === "on" ? [line("cloudflare/argo", 1), assumed(context, "cloudflare/argo-gb", "cdnGb")] : [];

/** Ordering certificates is part of Advanced Certificate Manager. https://developers.cloudflare.com/ssl/edge-certificates/advanced-certificate-manager/ */
const certificates: Pricer = () => [
  unpriced("Advanced Certificate Manager, which is booked by zone, is not in the table"),
];

export const cloudflare: Readonly<Record<string, Pricer>> = {
  [POOL]: pool,
  "cloudflare:index/certificatePack:CertificatePack": certificates,
  "cloudflare:index/argoSmartRouting:ArgoSmartRouting": smartRouting,
};
