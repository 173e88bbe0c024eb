import { existsSync, readFileSync } from "node:fs";
import { type DesiredResource, type Plain, SECRET } from "@groundwork/lib/desired-state";
import { type Segments, formatPath } from "../clouds/paths.ts";
import {
  ARCHIVE,
  ASSET,
  SIGNATURE,
  UNKNOWN_TEXTS,
  Secret,
  type Tree,
  type TreeObject,
  Unknown,
  fromEvent,
  fromPlainObject,
  isList,
  isObject,
} from "../clouds/values.ts";
import { type ExportedState, isCounted, resourcesOf } from "../deployment.ts";
import type { Step } from "../engine/index.ts";

/** A resource that is going to be, with what only comparing and counting need. */
export interface Sketch {
  readonly resource: DesiredResource;
  /** The provider's; empty where it has given none yet. */
  readonly id: string;
  /** The inputs with their secrets and unknowns in their places. */
  readonly inputs: TreeObject;
  readonly outputs: TreeObject;
  /** URNs of what each input is made from. */
  readonly propertyDependencies: Readonly<Record<string, readonly string[]>>;
}

/** Property that the engine's bridge writes for itself: names of the properties that it gave a default. */
export function isInternal(property: string): boolean {
  return property.startsWith("__");
}

/** Everything of an exported state, in the order of the URNs. */
export function sketchesOfState(state: ExportedState): Sketch[] {
  const resources = resourcesOf(state).filter((resource) => isCounted(resource) && resource.delete !== true);
  return sorted(
    resources.map((resource) =>
      sketch({
        ...resource,
        inputs: fromPlainObject(resource.inputs ?? {}),
        outputs: fromPlainObject(resource.outputs ?? {}),
      }),
    ),
  );
}

/** What a preview plans, in the order of the URNs: what is deleted is not there any more. */
export function sketchesOfPreview(steps: readonly Step[], plan: Plan): Sketch[] {
  const last = new Map<string, Sketch>();
  for (const step of steps) {
    const { urn, op, type } = step;
    if (op === "delete" || op === "delete-replaced" || step.new === undefined || !isCounted({ urn, type })) continue;
    last.set(
      urn,
      sketch({
        ...step.new,
        custom: step.new.custom ?? false,
        ...plan.get(urn),
        inputs: fromEvent(step.new.inputs),
        outputs: fromEvent(step.new.outputs),
      }),
    );
  }
  return sorted([...last.values()]);
}

const DEFAULT_AWS = /[:$]pulumi:providers:aws::default(?:_[^:]*)?$/;

/** The engine tells nothing of the provider that it makes of the key `aws:region`: what it makes gets its region here. */
export function inRegion(sketches: readonly Sketch[], region: unknown): readonly Sketch[] {
  if (typeof region !== "string" || region === "") return sketches;
  return sketches.map((each) => {
    const isByDefault = DEFAULT_AWS.test(each.resource.provider ?? "");
    return isByDefault ? { ...each, resource: { ...each.resource, region } } : each;
  });
}

/** What the engine's own plan file says of a resource; the events leave it out. */
interface Goal {
  readonly dependencies?: readonly string[];
  readonly propertyDependencies?: Readonly<Record<string, readonly string[] | null>>;
  readonly protect?: boolean;
  readonly retainOnDelete?: boolean;
}
export type Plan = ReadonlyMap<string, Goal>;

/** Reads what `pulumi preview --save-plan` wrote: secrets in it are encrypted. Nothing is there where the preview failed. */
export function readPlan(path: string): Plan {
  if (!existsSync(path)) return new Map();
  const { resourcePlans = {} } = JSON.parse(readFileSync(path, "utf8")) as {
    resourcePlans?: Readonly<Record<string, { goal?: Goal }>>;
  };
  const goals = Object.entries(resourcePlans).flatMap(([urn, { goal }]): [string, Goal][] => {
    if (goal === undefined) return [];
    const { dependencies, propertyDependencies, protect, retainOnDelete } = goal;
    return [[urn, { dependencies, propertyDependencies, protect, retainOnDelete }]];
  });
  return new Map(goals);
}

interface Raw extends Goal {
  readonly urn: string;
  readonly type: string;
  readonly id?: string;
  readonly custom?: boolean;
  readonly parent?: string;
  readonly provider?: string;
  readonly inputs: TreeObject;
  readonly outputs: TreeObject;
}

function sketch(raw: Raw): Sketch {
  const { urn, type, custom = false, parent = "", provider = "", inputs, outputs } = raw;
  const propertyDependencies = Object.fromEntries(
    Object.entries(raw.propertyDependencies ?? {}).map(([property, urns]) => [property, urns ?? []]),
  );
  const unknown: string[] = [];
  return {
    resource: {
      urn,
      type,
      name: urn.slice(urn.lastIndexOf("::") + 2),
      custom,
      inputs: plain(inputs, [], unknown) as Plain,
      outputs: plain(outputs, [], []) as Plain,
      unknown,
      ...(parent === "" ? {} : { parent }),
      ...(provider === "" ? {} : { provider: provider.slice(0, provider.lastIndexOf("::")) }),
      dependencies: [...new Set([...(raw.dependencies ?? []), ...Object.values(propertyDependencies).flat()])],
      protect: raw.protect === true,
      retainOnDelete: raw.retainOnDelete === true,
    },
    id: UNKNOWN_TEXTS.has(raw.id ?? "") ? "" : (raw.id ?? ""),
    inputs,
    outputs,
    propertyDependencies,
  };
}

/** Without what is not known yet: in a list it leaves a gap, so that the others keep their places. */
function plain(tree: Tree, path: Segments, unknown: string[]): unknown {
  if (tree instanceof Unknown) {
    unknown.push(formatPath(path));
    return undefined;
  }
  if (tree instanceof Secret) return SECRET;
  if (isList(tree)) return tree.map((member, index) => plain(member, [...path, index], unknown));
  if (!isObject(tree)) return tree;
  if (tree[SIGNATURE] === ASSET || tree[SIGNATURE] === ARCHIVE) return assetName(tree);
  const object: Record<string, unknown> = {};
  for (const [key, member] of Object.entries(tree)) {
    if (path.length === 0 && isInternal(key)) continue;
    const value = plain(member, [...path, key], unknown);
    if (value !== undefined) object[key] = value;
  }
  return object;
}

/** A file is what is in it, wherever it lies. */
export function assetName({ hash }: TreeObject): string {
  return `[file ${typeof hash === "string" ? hash.slice(0, 12) : "of unknown content"}]`;
}

function sorted(sketches: readonly Sketch[]): Sketch[] {
  return [...sketches].sort((a, b) => (a.resource.urn < b.resource.urn ? -1 : 1));
}
