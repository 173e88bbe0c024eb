import type { DesiredResource } from "@groundwork/lib/desired-state";
import type { Change, PropertyChange, ResourceChange, ResourceDiff } from "@groundwork/lib/diff-report";
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
  const [known, wanted] = [before, after].map((list) => new Map(list.map((each) => [each.urn, each])));
  const told = planned.filter(({ urn }) => own.has(urn)).map((change) => ({ change, told: tell(change) }));
  const differing = new Set(told.filter(saysAnything).map(({ change: { urn } }) => urn));
  const listed = told.flatMap(({ change, told: says }) => {
    const sources = sourcesOf(known?.get(change.urn), wanted?.get(change.urn), differing);
    const properties = worthTelling(says, sources);
    return isGrave(change) || properties.length > 0 ? [{ change, properties }] : [];
  });
  const changes = listed.map(({ change, properties }) =>
    resourceChange(change, properties, {
      place: places.get(change.urn) ?? NOWHERE,
      before: known?.get(change.urn),
      after: wanted?.get(change.urn),
    }),
  );
  return {
    counts: countsOf(changes, after),
    changes: changes.sort(byGravity),
    noise: told.length - listed.length,
  };
}

interface Sources {
  /** Something that it is made from differs, and so is listed itself or follows from what is listed. */
  readonly differ: boolean;
  /** It is made from the same resources as before. */
  readonly same: boolean;
}

function sourcesOf(
  before: DesiredResource | undefined,
  after: DesiredResource | undefined,
  differing: ReadonlySet<string>,
): Sources {
  const [old, now] = [new Set(before?.dependencies), new Set(after?.dependencies)];
  return {
    differ: [...now].some((urn) => differing.has(urn)),
    same: old.size === now.size && [...now].every((urn) => old.has(urn)),
  };
}

/** All but what only follows from something that a reader sees anyway. */
function worthTelling({ properties, checksums, derived }: Told, sources: Sources): readonly PropertyChange[] {
  const known = sources.differ && sources.same ? properties : [...properties, ...derived];
  return sources.differ || known.length > 0 ? known : checksums;
}

function saysAnything({ change, told }: { readonly change: PlannedChange; readonly told: Told }): boolean {
  return isGrave(change) || told.properties.length + told.checksums.length + told.derived.length > 0;
}

/** Components, providers and the stack are nobody's machine: what they consist of is listed. */
function isOwn({ custom, type }: DesiredResource): boolean {
  return custom && !type.startsWith("pulumi:");
}

function isGrave({ change }: PlannedChange): boolean {
  return change !== "update" && change !== "same";
}

interface Found {
  readonly place: Placement;
  readonly before: DesiredResource | undefined;
  readonly after: DesiredResource | undefined;
}

function resourceChange(
  planned: PlannedChange,
  properties: readonly PropertyChange[],
  { place, before, after }: Found,
): ResourceChange {
  const { urn, type } = planned;
  // what is only planned has texts where something is not known yet
  const inputs = planned.before ?? after?.inputs ?? planned.after ?? {};
  const change: Change = planned.change === "same" ? "update" : planned.change;
  return {
    urn,
    type,
    name: urn.slice(urn.lastIndexOf("::") + 2),
    ...place,
    change,
    stateful: isStateful(type, inputs),
    protected: change !== "create" && (before?.protect === true || isGuarded(inputs)),
    ...(isRetained(planned) ? { retained: true } : {}),
    properties,
    certain: change !== "update" || planned.mayReplace.length === 0,
  };
}

/** The option as the state has it counts, whatever the program says now. */
function isRetained({ change, retainOnDelete }: PlannedChange): boolean {
  return (change === "delete" || change === "replace") && retainOnDelete.before;
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
