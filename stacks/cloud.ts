import type * as pulumi from "@pulumi/pulumi";
import { nodePorts } from "../components/cluster/node-ports.ts";
import { createAccount } from "./cloud/account.ts";
import { createRecovery } from "./cloud/data.ts";
import { createEdge } from "./cloud/edge.ts";
import type { Edge } from "./cloud/edge.ts";
import { createPlace } from "./cloud/place.ts";
import type { Place } from "./cloud/place.ts";
import { createPlatform } from "./cloud/platform.ts";
import { promotions } from "./cloud/promotion.ts";
import { hostOf, routesOf } from "./cloud/routes.ts";
import { deploySystem } from "./cloud/system.ts";
import { createSharedTiers } from "./cloud/tiers.ts";
import type { SharedTiers } from "./cloud/tiers.ts";
import type { CloudConfig } from "./config/types.ts";

/** An environment in AWS regions behind Cloudflare; everything follows from the configuration's regions and systems. */
export function cloudEnvironment(config: CloudConfig): pulumi.Inputs {
  const ports = nodePorts(config.systems.flatMap((system) => routesOf(system).map(({ service }) => service)));
  const places = config.regions.map((region) => createPlace(config, region)) as [Place, ...Place[]];
  const alarms = createAccount(config, places);
  const recovery = createRecovery(config, places);
  const platforms = places.map((place) => ({ place, platform: createPlatform(config, place, recovery) }));
  const shared: Record<string, SharedTiers> = {};
  for (const system of config.systems) {
    const tiers = (shared[system.name] = createSharedTiers(config, system, { places, alarms, recovery }));
    for (const where of platforms) deploySystem({ ...where, config, system }, tiers, ports);
  }
  const edge = createEdge({ config, places, ports });
  return { ...outputsOf(config, places, edge), promotion: promotions(config, shared) };
}

function outputsOf(config: CloudConfig, places: readonly Place[], { ingresses, dsRecord }: Edge): pulumi.Inputs {
  return {
    urls: Object.fromEntries(config.systems.map((system) => [system.name, `https://${hostOf(system, config.domain)}`])),
    regions: Object.fromEntries(
      places.map(({ region, cluster }, index) => [
        region.name,
        { role: region.role, cluster: cluster.clusterName, balancer: ingresses[index]?.address },
      ]),
    ),
    ...(dsRecord && { dsRecord }),
  };
}
