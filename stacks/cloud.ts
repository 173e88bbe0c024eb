import type * as pulumi from "@pulumi/pulumi";
import { nodePorts } from "../components/cluster/node-ports.ts";
import { createAccount } from "./cloud/account.ts";
import { createRecovery } from "./cloud/data.ts";
import { createEdge } from "./cloud/edge.ts";
import type { Edge } from "./cloud/edge.ts";
import { createGateway } from "./cloud/gateway.ts";
import { createClusterMesh } from "./cloud/mesh.ts";
import { createClusterMonitoring } from "./cloud/monitoring.ts";
import { createPlace } from "./cloud/place.ts";
import type { Place } from "./cloud/place.ts";
import { createPlatform } from "./cloud/platform.ts";
import { promotions } from "./cloud/promotion.ts";
import { hostOf, routesOf } from "./cloud/routes.ts";
import { createSecretDrift } from "./cloud/secret-drift.ts";
import type { WorkloadSecret } from "./cloud/secret-drift.ts";
import { deploySystem } from "./cloud/system.ts";
import { createSharedTiers } from "./cloud/tiers.ts";
import type { SharedTiers } from "./cloud/tiers.ts";
import { trafficOf } from "./cloud/traffic.ts";
import type { CloudConfig } from "./config/types.ts";
import { tokenSecret } from "./tokens.ts";
import type { TokenSecret } from "./tokens.ts";

/** An environment in AWS regions behind Cloudflare; everything follows from the configuration's regions and systems. */
export function cloudEnvironment(config: CloudConfig): pulumi.Inputs {
  const ports = portsOf(config);
  const places = config.regions.map((region) => createPlace(config, region)) as [Place, ...Place[]];
  const alarms = createAccount(config, places);
  const recovery = createRecovery(config, places);
  const platforms = places.map((place) => ({ place, platform: createPlatform(config, place, recovery) }));
  for (const { place, platform } of platforms) createClusterMesh(config, place, platform);
  for (const { place, platform } of platforms) createClusterMonitoring(config, place, platform);
  const tokens = Object.fromEntries(config.systems.map((system) => [system.name, tokenSecret(system)]));
  const shared: Record<string, SharedTiers> = {};
  const namespaces: Record<string, pulumi.Resource[]> = {};
  const secrets: Record<string, WorkloadSecret[]> = {};
  for (const system of config.systems) {
    const tiers = (shared[system.name] = createSharedTiers(config, system, { places, alarms, recovery }));
    for (const where of platforms) {
      const own = deploySystem({ ...where, config, system }, { tiers, tokens: tokens[system.name], ports });
      const { name } = where.place.region;
      (namespaces[name] ??= []).push(own.namespace);
      (secrets[name] ??= []).push(...own.secrets);
    }
  }
  for (const { place, platform } of platforms) {
    const { name } = place.region;
    createSecretDrift({ config, place, platform }, secrets[name] ?? [], namespaces[name] ?? []);
  }
  const backends = Object.fromEntries(
    platforms.map(({ place, platform }) => {
      const { name } = place.region;
      return [name, createGateway({ config, place, platform, tokens, namespaces: namespaces[name] ?? [] })];
    }),
  );
  const edge = createEdge({ config, places, ports, backend: ({ region }) => backends[region.name] ?? "nodePorts" });
  return {
    ...outputsOf(config, places, edge),
    ...tokensOf(tokens),
    promotion: promotions(config, shared),
  };
}

/** Numbers only where the balancer uses them. */
function portsOf(config: CloudConfig): Record<string, number> {
  const open = config.systems.filter((system) => trafficOf(config, system).nodePorts);
  return nodePorts(open.flatMap((system) => routesOf(system).map(({ service }) => service)));
}

/** The keys that sign the callers' tokens, for whoever issues them: by system, secrets. */
function tokensOf(tokens: Readonly<Record<string, TokenSecret | undefined>>): pulumi.Inputs {
  const keys = Object.entries(tokens).flatMap(([name, key]) =>
    key === undefined ? [] : [[name, key.secret] as const],
  );
  return keys.length === 0 ? {} : { tokens: Object.fromEntries(keys) };
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
