import { contextFor, createdContext } from "./context.ts";
import type { Scene } from "./context.ts";
import { tableFolder } from "./catalog.ts";
import { formatPath, type Segments } from "./paths.ts";
import { defaultTags } from "./places.ts";
import type { Properties, Property, ResourceSchema, Shape } from "./schema.ts";
import { packageOf } from "./schema.ts";
import type { Created, ResourceType } from "./table.ts";
import type { Tree, TreeObject } from "./values.ts";
import {
  Secret,
  UNKNOWN,
  Unknown,
  fromPlain,
  fromPlainObject,
  ifKnown,
  isAbsent,
  isList,
  isObject,
  secretTexts,
  taint,
  unwrap,
} from "./values.ts";

export interface Outputs {
  readonly properties: TreeObject;
  /** Output-only properties that the SDK declares as always there and that nothing fills. */
  readonly unfilled: readonly string[];
}

interface Composition {
  readonly scene: Scene;
  readonly type: ResourceType;
  readonly schema: ResourceSchema | undefined;
  /** Of a thing that is updated: what the service computed before stays. */
  readonly old: TreeObject | undefined;
  /** Absent in the preview of a create: the service has computed nothing yet. */
  readonly created: Created | undefined;
  readonly extra: TreeObject;
  readonly unfilled: string[];
}

/** The properties of a thing that was created or updated. */
export function composeOutputs(
  type: ResourceType,
  schema: ResourceSchema | undefined,
  scene: Scene,
  id: string,
): Outputs {
  const created = createdContext(scene, id);
  const extra = fromPlainObject(type.outputs?.(created) ?? {});
  return compose({ scene, type, schema, old: scene.old?.entry.properties, created, extra, unfilled: [] });
}

/** The same as far as it is known before it happens: of a create what was given, of an update also what stays. */
export function planOutputs(
  type: ResourceType,
  schema: ResourceSchema | undefined,
  scene: Scene,
  update: { readonly id: string; readonly old: TreeObject } | undefined,
): TreeObject {
  const created = update && { ...contextFor(scene), id: update.id };
  const extra = created && ifKnown(() => type.outputs?.(created));
  return compose({ scene, type, schema, old: update?.old, created, extra: fromPlainObject(extra ?? {}), unfilled: [] })
    .properties;
}

function compose(run: Composition): Outputs {
  const { schema, scene, type } = run;
  const properties: Record<string, Tree> = {};
  const declared = schema?.outputs ?? {};
  for (const name in declared) {
    const value = property(name, declared[name] as Property, run);
    if (value !== undefined) properties[name] = value;
  }
  if (schema === undefined) Object.assign(properties, merge(scene.inputs, run.extra));
  // what is only written (a password) is in no class of the SDK, but the thing has it
  for (const name in scene.inputs) properties[name] ??= scene.inputs[name] ?? null;
  delete properties["__defaults"];
  for (const name of [...(type.secrets ?? []), ...(schema?.secrets ?? [])]) {
    const value = properties[name];
    if (value !== undefined && !(value instanceof Secret)) properties[name] = new Secret(value);
  }
  return { properties: taint(properties, secretTexts(scene.inputs)) as TreeObject, unfilled: run.unfilled };
}

function property(name: string, declared: Property, run: Composition): Tree | undefined {
  const given = run.scene.inputs[name];
  const extra = run.extra[name];
  const isInput = run.schema !== undefined && name in run.schema.inputs;
  let value: Tree | undefined;
  if (!isAbsent(given)) value = isAbsent(extra) ? given : merge(given, extra);
  else if (!isAbsent(extra)) value = extra;
  else value = computed(name, declared, isInput, run);
  if (value === undefined || packageOf(run.scene.token) === "kubernetes") return value;
  return complete(value, declared.shape, run.schema?.inputs[name]?.shape, run, [name]);
}

function computed(name: string, declared: Property, isInput: boolean, run: Composition): Tree | undefined {
  const { type, old, scene } = run;
  const generic = genericOutput(name, run);
  if (generic !== undefined) return generic;
  // optional and computed: the service keeps what it has chosen
  const kept = declared.optional === true && isInput ? undefined : old?.[name];
  if (!isAbsent(kept)) return kept;
  const fallback = type.defaults?.[name];
  if (typeof fallback === "function") {
    if (run.created === undefined) return UNKNOWN;
    const { created } = run;
    const value = ifKnown(() => (fallback as (ctx: Created) => unknown)(created));
    return value === undefined ? undefined : fromPlain(value);
  }
  if (fallback !== undefined && (declared.optional === true || run.created !== undefined)) return fromPlain(fallback);
  if (type.absent?.includes(name) === true) return undefined;
  if (run.created === undefined) return declared.optional === true && isInput ? undefined : UNKNOWN;
  if (declared.optional === true) return undefined;
  if (isInput) return zero(declared.shape);
  if (old === undefined) run.unfilled.push(name);
  else if (scene.old === undefined) return UNKNOWN;
  return undefined;
}

/** Properties that mean the same wherever AWS has them. */
function genericOutput(name: string, { scene, created }: Composition): Tree | undefined {
  if (packageOf(scene.token) !== "aws") return undefined;
  switch (name) {
    case "region":
      return scene.region;
    case "tagsAll": {
      const tags = unwrap(scene.inputs["tags"]);
      if (tags instanceof Unknown) return UNKNOWN;
      return { ...defaultTags(scene.provider), ...(isObject(tags) ? tags : {}) };
    }
    case "ownerId":
    case "accountId":
      return created && scene.account;
    case "arn":
      return created?.id.startsWith("arn:") === true ? created.id : undefined;
    default:
      return writeOnlyMark(name, scene.inputs);
  }
}

/** `hasSecretStringWo` tells whether `secretStringWo`, which is never read back, was given. */
function writeOnlyMark(name: string, inputs: TreeObject): Tree | undefined {
  const property = /^has([A-Z]\w*Wo)$/.exec(name)?.[1];
  if (property === undefined) return undefined;
  return !isAbsent(unwrap(inputs[property.charAt(0).toLowerCase() + property.slice(1)]));
}

/** What the table's function says wins over the input, member by member. */
function merge(given: Tree, extra: Tree): Tree {
  if (given instanceof Secret) return new Secret(merge(given.value, extra));
  if (given instanceof Unknown) return given;
  if (isList(given) && isList(extra) && given.length === extra.length) {
    return given.map((member, index) => merge(member, extra[index] ?? member));
  }
  if (!isObject(given) || !isObject(extra)) return extra;
  const merged: Record<string, Tree> = { ...given };
  for (const key in extra) {
    const value = extra[key];
    if (isAbsent(value)) continue;
    merged[key] = isAbsent(merged[key]) ? value : merge(merged[key] ?? value, value);
  }
  return merged;
}

/** Fills what the service adds inside of objects; in a preview it is not yet known. */
function complete(tree: Tree, shape: Shape, input: Shape | undefined, run: Composition, path: Segments): Tree {
  if (typeof shape !== "object" || "values" in shape || "either" in shape) return tree;
  if (tree instanceof Secret) return new Secret(complete(tree.value, shape, input, run, path));
  if ("list" in shape && isList(tree)) {
    const inner = typeof input === "object" && "list" in input ? input.list : undefined;
    return tree.map((member, index) => complete(member, shape.list, inner, run, [...path, index]));
  }
  const properties = "ref" in shape ? run.schema?.objects[shape.ref] : undefined;
  if (properties === undefined || !isObject(tree)) return tree;
  const inputs = typeof input === "object" && "ref" in input ? run.schema?.objects[input.ref] : undefined;
  return completeObject(tree, properties, inputs, run, path);
}

function completeObject(
  tree: TreeObject,
  properties: Properties,
  inputs: Properties | undefined,
  run: Composition,
  path: Segments,
): TreeObject {
  const filled: Record<string, Tree> = { ...tree };
  for (const name in properties) {
    const declared = properties[name] as Property;
    const value = filled[name];
    if (!isAbsent(value)) {
      filled[name] = complete(value, declared.shape, inputs?.[name]?.shape, run, [...path, name]);
    } else if (declared.optional !== true) {
      const made = missingMember(name, declared, inputs, run, path);
      if (made !== undefined) filled[name] = made;
    }
  }
  return filled;
}

function missingMember(
  name: string,
  { shape }: Property,
  inputs: Properties | undefined,
  run: Composition,
  path: Segments,
): Tree | undefined {
  if (run.created === undefined) return UNKNOWN;
  const [top = ""] = path;
  const kept = path.length === 1 && run.old !== undefined ? unwrap(run.old[top]) : undefined;
  if (isObject(kept) && !isAbsent(kept[name])) return kept[name];
  if (inputs === undefined || name in inputs) return zero(shape);
  const full = formatPath([...path, name]);
  // lists inside: which element it is does not matter to the table
  if (run.type.absent?.includes(full.replaceAll(/\[\d+\]/g, "[]")) !== true) run.unfilled.push(full);
  return undefined;
}

/** What an API answers for an optional value that was never set. Objects stay away. */
function zero(shape: Shape): Tree | undefined {
  if (shape === "string") return "";
  if (shape === "number") return 0;
  if (shape === "boolean") return false;
  if (typeof shape !== "object") return undefined;
  if ("list" in shape) return [];
  if ("map" in shape) return {};
  return "either" in shape && shape.either.includes("string") ? "" : undefined;
}

export function describeUnfilled(token: string, unfilled: readonly string[]): string {
  return (
    `the simulator has no value for ${unfilled.join(", ")} of ${token}: add it to "outputs" of its entry in ` +
    `${tableFolder(token)} (or to "absent" where the service leaves it out)`
  );
}
