import { BadInput } from "@groundwork/lib/errors";
import { choices } from "@groundwork/lib/suggest";
import type { TierName } from "../../components/workload/spec.ts";
import type { System } from "../systems/system.ts";
import { databaseOf } from "./cloud-data.ts";
import type { Settings } from "./keys.ts";

/** The keys that say how large a tier is, and the tier that each is about. */
const SIZES = { database: "postgres", cache: "redis", brokers: "rabbitmq", documents: "mongodb" } as const;

type TierSettings = Pick<Settings, keyof typeof SIZES | "edge" | "recovery" | "regions">;

/** What single keys cannot know: which systems there are, and what PostgreSQL in the clusters needs of other keys. */
export function checkTiers(project: string, settings: TierSettings, systems: readonly System[]): void {
  for (const [key, tier] of Object.entries(SIZES) as [keyof typeof SIZES, TierName][])
    for (const name of Object.keys(settings[key].systems ?? {}))
      checkOwner(`${project}:${key}.systems.${name}`, name, tier, systems);
  for (const { name, tiers } of systems) if (tiers.postgres !== undefined) checkDatabase(project, settings, name);
}

/** Whether CloudNativePG runs it. */
export function isInCluster(database: Settings["database"], { name, tiers }: System): boolean {
  return tiers.postgres !== undefined && databaseOf(database, name).engine === "cloudnative-pg";
}

function checkOwner(key: string, name: string, tier: TierName, systems: readonly System[]): void {
  const owner = systems.find((system) => system.name === name);
  const names = systems.map((system) => system.name);
  if (owner === undefined) throw new BadInput(`${key} is not a system of this stack; ${choices(name, names)}.`);
  if (owner.tiers[tier] === undefined) {
    const able = systems.filter(({ tiers }) => tiers[tier] !== undefined).map((system) => system.name);
    throw new BadInput(
      `${key} is about ${tier}, which ${name} does not have; write ${able.join(", ") || "nothing"} there.`,
    );
  }
}

function checkDatabase(project: string, settings: TierSettings, system: string): void {
  const { engine, readers, promotionToken } = databaseOf(settings.database, system);
  const { recovery, regions, edge } = settings;
  if (engine === "aurora") {
    if (promotionToken === undefined) return;
    throw new BadInput(
      `${project}:database.systems.${system}.promotionToken is set and the engine is aurora, which has no such token; remove it.`,
    );
  }
  if (regions.length < 2) return;
  const where = `${project}:database.engine of ${system} is cloudnative-pg`;
  if (!recovery.enabled)
    throw new BadInput(
      `${where} in ${regions.length} regions and ${project}:recovery.enabled is false; write true, because a failover region follows the archive that it brings, or one region.`,
    );
  const { steering = "off" } = edge;
  if (steering !== "off")
    throw new BadInput(
      `${where} and ${project}:edge.steering is ${steering}; write off, because a failover region's database takes no writes.`,
    );
  if (readers.failover < 1)
    throw new BadInput(
      `${where} and its readers.failover is 0; write 1 or more, because a failover region's workloads connect to them.`,
    );
}
