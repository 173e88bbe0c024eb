import type { DesiredResource, Plain } from "@groundwork/lib/desired-state";
import { KNOWN_AFTER_UP, type PlannedChange } from "@groundwork/lib/planned-change";
import {
  ARCHIVE,
  ASSET,
  SIGNATURE,
  Secret,
  type Tree,
  Unknown,
  fromEvent,
  isList,
  isObject,
} from "../clouds/values.ts";
import { isCounted } from "../deployment.ts";
import type { Step } from "../engine/index.ts";
import { assetName, isInternal } from "./sketch.ts";

const CHANGES: Readonly<Record<string, PlannedChange["change"]>> = {
  create: "create",
  import: "create",
  update: "update",
  replace: "replace",
  delete: "delete",
};

/** What a preview on top of a deployed stack changes, in the order of the URNs. */
export function changesOf(
  steps: readonly Step[],
  before: ReadonlyMap<string, DesiredResource>,
  after: ReadonlyMap<string, DesiredResource>,
  mayReplace: readonly { readonly urn: string; readonly path: string }[],
): PlannedChange[] {
  const unsure = Map.groupBy(mayReplace, ({ urn }) => urn);
  return steps
    .flatMap((step) => {
      const change = step.op === "same" ? "same" : CHANGES[step.op];
      if (change === undefined || !isCounted(step)) return [];
      const planned = changeOf(step, change, before.get(step.urn), after.get(step.urn));
      const isSame = change === "same" && !optionsDiffer(planned);
      return isSame ? [] : [{ ...planned, mayReplace: (unsure.get(step.urn) ?? []).map(({ path }) => path) }];
    })
    .sort((a, b) => (a.urn < b.urn ? -1 : 1));
}

/** All resources of a stack that comes or goes as a whole. */
export function wholeStack(resources: readonly DesiredResource[], change: "create" | "delete"): PlannedChange[] {
  return resources.map(({ urn, type, inputs, protect, retainOnDelete }) => ({
    urn,
    type,
    change,
    ...(change === "create" ? { after: inputs } : { before: inputs }),
    paths: [],
    replacing: [],
    mayReplace: [],
    protect: { before: change === "delete" && protect, after: change === "create" && protect },
    retainOnDelete: { before: change === "delete" && retainOnDelete, after: change === "create" && retainOnDelete },
  }));
}

function changeOf(
  step: Step,
  change: PlannedChange["change"],
  before: DesiredResource | undefined,
  after: DesiredResource | undefined,
): PlannedChange {
  const paths = Object.entries(step.detailedDiff);
  const replacing = paths.filter(([, { diffKind }]) => diffKind.endsWith("-replace")).map(([path]) => path);
  return {
    urn: step.urn,
    type: step.type,
    change,
    ...(step.old === undefined ? {} : { before: marked(step.old.inputs) }),
    ...(step.new === undefined || change === "delete" ? {} : { after: marked(step.new.inputs) }),
    paths: paths.length > 0 ? paths.map(([path]) => path) : step.diffs,
    replacing: replacing.length > 0 ? replacing : step.replaceKeys,
    mayReplace: [],
    protect: { before: before?.protect ?? false, after: after?.protect ?? false },
    retainOnDelete: { before: before?.retainOnDelete ?? false, after: after?.retainOnDelete ?? false },
  };
}

function optionsDiffer({ protect, retainOnDelete }: PlannedChange): boolean {
  return protect.before !== protect.after || retainOnDelete.before !== retainOnDelete.after;
}

/** Inputs of one of the engine's events, as text where a secret or something unknown stands. */
function marked(inputs: Plain): Plain {
  return Object.fromEntries(
    Object.entries(fromEvent(inputs))
      .filter(([name]) => !isInternal(name))
      .map(([name, value]) => [name, mark(value)]),
  );
}

function mark(tree: Tree): unknown {
  if (tree instanceof Secret) return "[secret]";
  if (tree instanceof Unknown) return KNOWN_AFTER_UP;
  if (isList(tree)) return tree.map(mark);
  if (!isObject(tree)) return tree;
  if (tree[SIGNATURE] === ASSET || tree[SIGNATURE] === ARCHIVE) return assetName(tree);
  return Object.fromEntries(Object.entries(tree).map(([name, value]) => [name, mark(value)]));
}
