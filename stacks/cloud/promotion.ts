import * as pulumi from "@pulumi/pulumi";
import { boundedName } from "@groundwork/lib/names";
import { inOrder } from "@groundwork/lib/promotion";
import type { PromotionStep } from "@groundwork/lib/promotion";
import { mongodbPromotion } from "../../components/mongodb/percona-promotion.ts";
import { rabbitmqPromotion } from "../../components/rabbitmq/promotion.ts";
import { SUFFIX_LIMIT } from "../../components/redis/elasticache-global.ts";
import { elastiCachePromotion } from "../../components/redis/elasticache-promotion.ts";
import { sizeOf } from "../config/cloud-tiers.ts";
import type { CloudConfig } from "../config/types.ts";
import type { System } from "../systems/system.ts";
import type { SharedTiers } from "./tiers.ts";

/** After the tiers' own: the configuration follows once what keeps data has moved. */
const AFTER_TIERS = 2;

/**
 * How each region that does not lead takes over from the one that does and is lost, by region: the steps of all tiers,
 * what the next `up` needs to know, and what follows when the lost region is back. Runbook and drill are made of it.
 */
export function promotions(
  config: CloudConfig,
  shared: Readonly<Record<string, SharedTiers>>,
): Readonly<Record<string, readonly PromotionStep[]>> {
  const [primary, ...others] = config.regions;
  if (primary === undefined) return {};
  return Object.fromEntries(
    others.map(({ name }) => {
      const tiers = config.systems.flatMap((system) => stepsOf(config, system, shared[system.name], name));
      return [name, inOrder([...once([...tiers, ...rolesAndReach(primary.name, name)])])];
    }),
  );
}

function stepsOf(
  config: CloudConfig,
  system: System,
  shared: SharedTiers | undefined,
  to: string,
): readonly PromotionStep[] {
  const suffix = boundedName(`${pulumi.getProject()}-${pulumi.getStack()}-${system.name}`, SUFFIX_LIMIT);
  const hasDatastore = config.cache.global && system.tiers.redis !== undefined;
  return [
    ...(shared?.database?.promotionSteps(to) ?? []),
    ...(hasDatastore ? elastiCachePromotion({ suffix, to }) : []),
    ...ownSteps(config, system, to),
  ];
}

/** Of the tiers that each region has for itself, in its cluster. */
function ownSteps(config: CloudConfig, system: System, to: string): readonly PromotionStep[] {
  const { brokers, recovery, regions } = config;
  const { mongodb, rabbitmq } = system.tiers;
  const from = regions[0]?.name ?? "";
  const hasBroker = rabbitmq !== undefined && sizeOf(brokers, system.name).kind === "operator";
  const hasBackups = mongodb !== undefined && recovery.enabled;
  return [
    ...(hasBroker ? rabbitmqPromotion({ system: system.name, from, to }) : []),
    ...(hasBackups
      ? mongodbPromotion({ system: system.name, from, to, bucket: `<the bucket of backups in ${to}>` })
      : []),
  ];
}

/** The same for every system: a lost cluster is left alone until it is back. */
function rolesAndReach(from: string, to: string): readonly PromotionStep[] {
  return [
    {
      order: AFTER_TIERS,
      what: `Name ${to} the primary region in the configuration, and ${from} a failover region.`,
      how: { config: { [`regions[name=${to}].role`]: "primary", [`regions[name=${from}].role`]: "failover" } },
      waitsFor: `the \`up\` with the next step's key too ends, and the workloads in ${to} write`,
      loses: "nothing",
    },
    {
      order: AFTER_TIERS,
      what: `Let the next \`groundwork up\` leave the cluster in ${from} alone, which does not answer.`,
      how: { config: { [`unreachable.${from}`]: "skip" } },
      loses: "nothing; what changes in the meantime is caught up on when the region is back",
    },
    {
      order: AFTER_TIERS + 1,
      what: `When ${from} is back: remove that key, then run \`groundwork up\`; ${to} goes on leading.`,
      how: { config: { unreachable: {} } },
      waitsFor: "a second `groundwork up` changes nothing",
      loses: "nothing",
    },
  ];
}

/** Systems share the configuration, so the same change of it is one step; the first one says what it waits for. */
function once(steps: readonly PromotionStep[]): readonly PromotionStep[] {
  const keyOf = ({ how }: PromotionStep): string => JSON.stringify(how);
  return steps.filter((step, index) => steps.findIndex((other) => keyOf(other) === keyOf(step)) === index);
}
