import type * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { ZoneCache } from "../../components/cdn/cache.ts";
import { Certificates } from "../../components/cdn/certificates.ts";
import { CLOUDFLARE_IPV4 } from "../../components/cdn/cloudflare-ranges.ts";
import { RegionFailover } from "../../components/cdn/failover.ts";
import { ZoneFirewall } from "../../components/cdn/firewall.ts";
import { OriginAuthorities, OriginPulls } from "../../components/cdn/origin-authentication.ts";
import type { EdgeSite } from "../../components/cdn/spec.ts";
import { ZoneSecurity } from "../../components/cdn/zone.ts";
import { ClientTrust } from "../../components/cluster/client-trust.ts";
import { RegionalIngress } from "../../components/cluster/ingress.ts";
import type { ClientVerification, IngressBackend } from "../../components/cluster/ingress.ts";
import type { CloudConfig } from "../config/types.ts";
import { SYSTEMS } from "../systems/index.ts";
import { PAGES } from "../systems/pages.ts";
import type { System } from "../systems/system.ts";
import type { Place } from "./place.ts";
import { hostOf, regionHealthPath, routesOf } from "./routes.ts";
import { trafficOf } from "./traffic.ts";

/** The way of a request from the visitor to the regions. */
export interface Edge {
  readonly ingresses: readonly RegionalIngress[];
  /** What the registrar must publish; undefined without DNSSEC. */
  readonly dsRecord: pulumi.Output<string> | undefined;
}

export interface EdgeParts {
  readonly config: CloudConfig;
  readonly places: readonly [Place, ...Place[]];
  /** The port of each service on the nodes, by `<system>-<workload>`. */
  readonly ports: Readonly<Record<string, number>>;
  /** Where a region's balancer sends requests. */
  readonly backend: (place: Place) => IngressBackend;
}

export function createEdge(parts: EdgeParts): Edge {
  const { config, places } = parts;
  const certificates = new Certificates("certificates", {
    domain: config.domain,
    cloudflareZoneId: config.cloudflareZoneId,
    places: places.map(({ region, provider }) => ({ region: region.name, provider })) as [
      { region: string; provider: aws.Provider },
    ],
  });
  const clients = createOriginAuthentication(config, places);
  const ingresses = places.map((place) => createIngress(parts, place, certificates, clients[place.region.name]));
  const zone = createZone(config);
  createFailovers(config, places, ingresses);
  return { ingresses, dsRecord: zone.dsRecord };
}

/** By region, what its balancer asks clients for. Nothing: it asks for nothing, or not yet. */
function createOriginAuthentication(
  { edge, cloudflareZoneId: zoneId }: CloudConfig,
  places: readonly Place[],
): Readonly<Record<string, ClientVerification>> {
  if (edge.originAuthentication === "off") return {};
  const authorities = new OriginAuthorities("origin", { certificates: edge.originCertificates });
  const trusts = places.map(({ region, provider }) => ({
    region: region.name,
    trust: new ClientTrust(`${region.name}-clients`, { bundle: authorities.bundle }, { providers: [provider] }),
  }));
  const trusted = trusts.map(({ trust }) => trust.store);
  const { ready } = new OriginPulls("origin-pulls", { zoneId, authorities, trusted });
  if (edge.originAuthentication === "presented") return {};
  return Object.fromEntries(trusts.map(({ region, trust }) => [region, { trustStoreArn: trust.arn, after: ready }]));
}

function createIngress(
  { config, ports, backend }: EdgeParts,
  place: Place,
  certificates: Certificates,
  clients: ClientVerification | undefined,
): RegionalIngress {
  const { region, cluster, provider } = place;
  const certificate = certificates.regions[region.name];
  return new RegionalIngress(
    `${region.name}-ingress`,
    {
      cluster,
      certificateArn: certificate?.rsa ?? "",
      ...(certificate && { ecdsaCertificateArn: certificate.ecdsa }),
      // what has no port on the nodes goes where the balancer sends everything else
      routes: config.systems
        .filter((system) => trafficOf(config, system).nodePorts)
        .flatMap((system) =>
          routesOf(system).map(({ service, ...route }) => ({
            ...route,
            name: service,
            host: hostOf(system, config.domain),
            band: Object.keys(SYSTEMS).indexOf(system.name),
            nodePort: ports[service] ?? 0,
          })),
        ),
      allowedCidrs: CLOUDFLARE_IPV4,
      ...(clients && { clients }),
      backend: backend(place),
      protect: config.protect,
    },
    { providers: [provider] },
  );
}

function createZone({ systems, domain, cloudflareZoneId: zoneId, edge }: CloudConfig): ZoneSecurity {
  const zone = new ZoneSecurity("zone", { zoneId, hstsSeconds: edge.hstsSeconds, dnssec: edge.dnssec });
  const [first, ...others] = systems.flatMap((system) => siteOf(system, domain));
  if (first === undefined) return zone;
  const sites = [first, ...others] as const;
  new ZoneCache("cache", { zoneId, sites, argo: edge.argo });
  new ZoneFirewall("firewall", { zoneId, sites, ...edge });
  return zone;
}

/** What each client may ask for a second, and at once, where a system does not say. */
const USUAL_LIMIT = { requestsPerSecond: 100, burst: 200 };
const SECONDS = 10;

/** The system's host name as the edge sees it; none when nothing of it is public. */
export function siteOf(system: System, domain: string): EdgeSite[] {
  const exposed = system.workloads.flatMap(({ name, exposure }) =>
    exposure?.public === true ? [{ name, exposure }] : [],
  );
  if (exposed.length === 0) return [];
  const isPage = (name: string) => PAGES[system.name]?.includes(name) === true;
  // The edge stops floods; a gateway that counts more exactly has the last word.
  const limits = exposed.map(({ exposure }) => exposure.rateLimit ?? USUAL_LIMIT);
  const most = limits.map(({ requestsPerSecond, burst }) => requestsPerSecond * SECONDS + burst);
  return [
    {
      name: system.name,
      host: hostOf(system, domain),
      pages: exposed.filter(({ name }) => isPage(name)).map(({ exposure }) => exposure.path),
      apis: exposed.filter(({ name }) => !isPage(name)).map(({ exposure }) => exposure.path),
      requestsPerTenSeconds: Math.max(...most),
    },
  ];
}

function createFailovers(config: CloudConfig, places: readonly Place[], ingresses: readonly RegionalIngress[]): void {
  const { edge } = config;
  for (const system of config.systems) {
    const healthPath = regionHealthPath(system);
    if (healthPath === undefined) continue;
    new RegionFailover(system.name, {
      host: hostOf(system, config.domain),
      accountId: config.cloudflareAccountId,
      zoneId: config.cloudflareZoneId,
      healthPath,
      origins: places.map(({ region }, index) => ({
        region: region.name,
        address: ingresses[index]?.address ?? "",
      })) as [{ region: string; address: pulumi.Output<string> }],
      ...(edge.originAuthentication !== "off" && { zoneName: config.domain }),
      steering: edge.steering,
      affinity: edge.affinity,
      checkRegions: edge.checkRegions,
      ...(edge.notificationEmail !== "" && { notificationEmail: edge.notificationEmail }),
    });
  }
}
