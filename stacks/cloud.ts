import type * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { Certificates } from "../components/cdn/certificates.ts";
import { CLOUDFLARE_IPV4 } from "../components/cdn/cloudflare-ranges.ts";
import { RegionFailover } from "../components/cdn/failover.ts";
import { ZoneSecurity } from "../components/cdn/zone.ts";
import { RegionalIngress } from "../components/cluster/ingress.ts";
import { nodePorts } from "../components/cluster/node-ports.ts";
import { createPlace } from "./cloud/place.ts";
import type { Place } from "./cloud/place.ts";
import { hostOf, routesOf } from "./cloud/routes.ts";
import { deploySystem } from "./cloud/system.ts";
import { createDatabase } from "./cloud/tiers.ts";
import type { CloudConfig } from "./config/types.ts";

/** An environment in AWS regions behind Cloudflare; everything follows from the configuration's regions and systems. */
export function cloudEnvironment(config: CloudConfig): pulumi.Inputs {
  const ports = nodePorts(config.systems.flatMap((system) => routesOf(system).map(({ service }) => service)));
  const places = config.regions.map((region) => createPlace(config, region)) as [Place, ...Place[]];
  const certificates = new Certificates("certificates", {
    domain: config.domain,
    cloudflareZoneId: config.cloudflareZoneId,
    places: places.map(({ region, provider }) => ({ region: region.name, provider })) as [
      { region: string; provider: aws.Provider },
    ],
  });
  for (const system of config.systems) {
    const database = createDatabase(config, system, places);
    for (const place of places) deploySystem(config, system, place, database, ports);
  }
  const ingresses = places.map((place) => createIngress(config, place, certificates, ports));
  createFailovers(config, places, ingresses);
  return outputsOf(config, places, ingresses);
}

function createIngress(
  config: CloudConfig,
  { region, cluster, provider }: Place,
  certificates: Certificates,
  ports: Readonly<Record<string, number>>,
): RegionalIngress {
  return new RegionalIngress(
    `${region.name}-ingress`,
    {
      cluster,
      certificateArn: certificates.arns[region.name] ?? "",
      routes: config.systems.flatMap((system) =>
        routesOf(system).map(({ service, ...route }) => ({
          ...route,
          name: service,
          host: hostOf(system, config.domain),
          nodePort: ports[service] ?? 0,
        })),
      ),
      allowedCidrs: CLOUDFLARE_IPV4,
      protect: config.protect,
    },
    { providers: [provider] },
  );
}

function createFailovers(config: CloudConfig, places: readonly Place[], ingresses: readonly RegionalIngress[]): void {
  new ZoneSecurity("zone", { zoneId: config.cloudflareZoneId });
  for (const system of config.systems) {
    const health = routesOf(system).find(({ exactPaths }) => exactPaths.length > 0)?.health.path;
    if (health === undefined) continue;
    new RegionFailover(system.name, {
      host: hostOf(system, config.domain),
      accountId: config.cloudflareAccountId,
      zoneId: config.cloudflareZoneId,
      healthPath: health,
      origins: places.map(({ region }, index) => ({
        region: region.name,
        address: ingresses[index]?.address ?? "",
      })) as [{ region: string; address: pulumi.Output<string> }],
    });
  }
}

function outputsOf(
  config: CloudConfig,
  places: readonly Place[],
  ingresses: readonly RegionalIngress[],
): pulumi.Inputs {
  return {
    urls: Object.fromEntries(config.systems.map((system) => [system.name, `https://${hostOf(system, config.domain)}`])),
    regions: Object.fromEntries(
      places.map(({ region, cluster }, index) => [
        region.name,
        { role: region.role, cluster: cluster.clusterName, balancer: ingresses[index]?.address },
      ]),
    ),
  };
}
