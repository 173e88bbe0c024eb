import { BadInput } from "@groundwork/lib/errors";
import type { PromotionStep } from "@groundwork/lib/promotion";
import { list, plain, text } from "../rehearsal/clouds/tables/values.ts";
import type { CloudRegions } from "../rehearsal/clouds/simulator.ts";
import type { ConfigChange } from "../rehearsal/settings.ts";

/** The stack output that the steps are read from: by the region that takes over. */
export const PROMOTION = "promotion";

export function stepsTo(outputs: Readonly<Record<string, unknown>>, region: string): readonly PromotionStep[] {
  const found = plain(outputs[PROMOTION])[region];
  return list(found) as readonly PromotionStep[];
}

/** Regions that can take over, in the program's order. */
export function candidates(outputs: Readonly<Record<string, unknown>>): readonly string[] {
  return Object.keys(plain(outputs[PROMOTION]));
}

/** Steps that wait until the lost region is back say so first. */
export function isForLater({ what }: PromotionStep): boolean {
  return what.startsWith("When ");
}

/** `regions[name=us-east-1].role` says which element by one of its values; Pulumi wants its number. */
export function asPulumiPaths(change: ConfigChange, configured: (key: string) => unknown): ConfigChange {
  return Object.fromEntries(
    Object.entries(change).map(([path, value]) => {
      const resolved = path.replace(/^(\w+)\[(\w+)=([^\]]+)\]/, (_, key: string, name: string, wanted: string) => {
        const elements = list(toPlain(configured(key)));
        const index = elements.findIndex((element) => text(plain(element)[name]) === wanted);
        if (index < 0) throw new BadInput(`${path} names no element of ${key}: write one whose ${name} is there`);
        return `${key}[${index}]`;
      });
      return [resolved, value];
    }),
  );
}

/** A value of the stack file may be a node of its document. */
function toPlain(value: unknown): unknown {
  return typeof value === "object" && value !== null && "toJSON" in value
    ? (value as { toJSON(): unknown }).toJSON()
    : value;
}

/** AWS's commands that the simulated clouds know, each with what it does there. */
const COMMANDS: readonly (readonly [
  RegExp,
  (regions: CloudRegions, words: Readonly<Record<string, string>>) => string | undefined,
])[] = [
  [
    /^aws rds (?:failover|switchover)-global-cluster .*--global-cluster-identifier (?<name>\S+) .*<arn of the cluster in (?<region>[\w-]+)>/,
    (regions, { name = "", region = "" }) => regions.promoteDatabase(name, region),
  ],
  [
    /^aws elasticache failover-global-replication-group .*<id that ends in (?<name>[\w-]+)> --primary-region (?<region>[\w-]+)/,
    (regions, { name = "", region = "" }) => regions.promoteDatastore(name, region),
  ],
];

/** Runs a step's command in the simulated clouds. @returns `by hand` where nothing there simulates it, else why it failed or nothing */
export function carryOut(command: string, regions: CloudRegions): { done: boolean; reason?: string } {
  for (const [pattern, perform] of COMMANDS) {
    const match = pattern.exec(command);
    if (match === null) continue;
    const reason = perform(regions, match.groups ?? {});
    return reason === undefined ? { done: true } : { done: true, reason };
  }
  return { done: false };
}
