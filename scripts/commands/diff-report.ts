import { existsSync } from "node:fs";
import { join } from "node:path";
import { capacityOf } from "@groundwork/lib/capacity/capacity";
import type { DesiredState } from "@groundwork/lib/desired-state";
import type { DiffReport, Side } from "@groundwork/lib/diff-report";
import { extraNodesOf } from "@groundwork/lib/pricing/extra-nodes";
import { costOf } from "@groundwork/lib/pricing/price";
import type { PriceBook } from "@groundwork/lib/pricing/table";
import type { Desired } from "../rehearsal/desired/index.ts";
import type { Difference, Version, Versions } from "../rehearsal/desired/difference.ts";
import type { ConfigChange } from "../rehearsal/settings.ts";
import { readAssumptions } from "../reports/assumptions/index.ts";
import { parseUsage } from "../reports/assumptions/usage.ts";
import { type Compared, compare } from "../reports/compare/index.ts";

export interface DiffOptions {
  readonly project: string;
  readonly stack: string;
  readonly versions: Versions;
  readonly set: ConfigChange;
  readonly prices: PriceBook;
  readonly began: number;
}

/** What a version of a stack makes of another, with what both can carry and cost. */
export function diffReport(difference: Difference, options: DiffOptions): DiffReport {
  const { project, stack, versions, set, prices, began } = options;
  const [before, after] = [difference.before ?? nothing(stack), difference.after ?? nothing(stack)];
  const compared = (desired: Desired, version: Version): Compared =>
    comparedSide(desired, assumptionsFolder(version, versions.head), prices);
  const [from, to] = [compared(before, versions.base), compared(after, versions.head)];
  return compare({
    project,
    stack,
    base: sideOf(versions.base, {}),
    head: sideOf(versions.head, set),
    before: from,
    after: to,
    changes: difference.changes,
    notes: [
      ...absences(difference, stack, versions),
      ...difference.obstacles.map((obstacle) => `The update would be refused: ${obstacle}.`),
    ],
    seconds: Math.round(performance.now() - began) / 1000,
  });
}

function comparedSide(desired: Desired, folder: string, prices: PriceBook): Compared {
  const { state, quotas, violations, pack } = desired;
  const assumptions = readAssumptions(folder, state.stack);
  const capacity = capacityOf(state, assumptions, { quotas });
  const usage = parseUsage(assumptions.usage, `stacks.${state.stack}.usage`);
  const cost = costOf(state.resources, usage, prices, state.stack, extraNodesOf(capacity, state.resources));
  return { state, capacity, cost, quotas, violations, pack };
}

/** A base that states nothing yet is read as the head is: otherwise the statement itself would look like a change. */
function assumptionsFolder({ side }: Version, head: Version): string {
  const own = side?.files.project ?? "";
  const folder = existsSync(join(own, "capacity.yaml")) ? own : (head.side?.files.project ?? own);
  return folder === "" ? "." : folder;
}

function nothing(stack: string): Desired {
  const state: DesiredState = { stack, target: null, resources: [] };
  return { state, quotas: [], violations: [], pack: null };
}

function sideOf({ label, commit }: Version, set: ConfigChange): Side {
  const texts = Object.entries(set).map(([key, value]) => [key, textOf(value)] as const);
  return {
    label,
    ...(commit === undefined ? {} : { commit }),
    ...(texts.length === 0 ? {} : { set: Object.fromEntries(texts) }),
  };
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function absences({ before, after }: Difference, stack: string, { base, head }: Versions): string[] {
  if (before === undefined) return [`Stack ${stack} is new: ${base.label} has no Pulumi.${stack}.yaml.`];
  if (after === undefined) {
    return [`Stack ${stack} goes: ${head.label} has no Pulumi.${stack}.yaml, and its resources stay until a destroy.`];
  }
  return [];
}
