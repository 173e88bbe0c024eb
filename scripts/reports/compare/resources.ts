import type { DesiredResource } from "@groundwork/lib/desired-state";
import type { Change, ResourceChange, ResourceDiff } from "@groundwork/lib/diff-report";
import { GLOBAL, type Placement, SHARED, placements } from "@groundwork/lib/placement";
import type { PlannedChange } from "@groundwork/lib/planned-change";
import { type Told, tell } from "./properties.ts";
import { isGuarded, isStateful } from "./stateful.ts";

const NOWHERE: Placement = { system: SHARED, region: GLOBAL };

/** What a reader looks at, the gravest first. */
export function resourceDiff(
  before: readonly DesiredResource[],
  after: readonly DesiredResource[],
  planned: readonly PlannedChange[],
): ResourceDiff {
  const places = new Map([...placements(before), ...placements(after)]);
  const own = new Set([...before, ...after].filter(isOwn).map(({ urn }) => urn));
  const told = planned.filter(({ urn }) => own.has(urn)).map((change) => ({ change, told: tell(change) }));
  const says = told.filter(({ change, told: { properties } }) => isGrave(change) || properties.length > 0);
  const digests = told.filter(({ change, told: { properties } }) => !isGrave(change) && properties.length === 0);
  // a digest that changes alone is the only trace of what is behind it
  const listed = says.length > 0 ? says : digests.filter(({ told: { checksums } }) => checksums.length > 0);
  const known = new Map(before.map((resource) => [resource.urn, resource]));
  const changes = listed.map(({ change, told: { properties, checksums } }) =>
    resourceChange(
      change,
      { properties: says.length > 0 ? properties : checksums, checksums },
      {
        place: places.get(change.urn) ?? NOWHERE,
        before: known.get(change.urn),
      },
    ),
  );
  return {
    counts: countsOf(changes, after),
    changes: changes.sort(byGravity),
    noise: told.length - listed.length,
  };
}

/** Components, providers and the stack are nobody's machine: what they consist of is listed. */
function isOwn({ custom, type }: DesiredResource): boolean {
  return custom && !type.startsWith("pulumi:");
}

function isGrave({ change }: PlannedChange): boolean {
  return change !== "update" && change !== "same";
}

function resourceChange(
  planned: PlannedChange,
  { properties }: Told,
  { place, before }: { readonly place: Placement; readonly before: DesiredResource | undefined },
): ResourceChange {
  const { urn, type } = planned;
  const inputs = planned.before ?? planned.after ?? {};
  const change: Change = planned.change === "same" ? "update" : planned.change;
  return {
    urn,
    type,
    name: urn.slice(urn.lastIndexOf("::") + 2),
    ...place,
    change,
    stateful: isStateful(type, inputs),
    protected: change !== "create" && (before?.protect === true || isGuarded(inputs)),
    properties,
    certain: change !== "update" || planned.mayReplace.length === 0,
  };
}

function countsOf(changes: readonly ResourceChange[], after: readonly DesiredResource[]): ResourceDiff["counts"] {
  const count = (wanted: Change): number => changes.filter(({ change }) => change === wanted).length;
  const counts = {
    create: count("create"),
    update: count("update"),
    replace: count("replace"),
    delete: count("delete"),
  };
  const there = after.filter(isOwn).length;
  return { ...counts, same: there - counts.create - counts.update - counts.replace };
}

const GRAVITY: readonly Change[] = ["replace", "delete", "create", "update"];

function byGravity(a: ResourceChange, b: ResourceChange): number {
  const [first, second] = [a, b].map(rank);
  return (first ?? 0) - (second ?? 0) || (a.urn < b.urn ? -1 : 1);
}

/** Within each kind of change, what holds data comes first. */
function rank({ change, stateful }: ResourceChange): number {
  const losesData = stateful && (change === "replace" || change === "delete");
  const kind = GRAVITY.indexOf(change) + (losesData ? 0 : GRAVITY.length);
  return 2 * kind + (stateful ? 0 : 1);
}
