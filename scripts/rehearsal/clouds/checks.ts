import { tableFolder } from "./catalog.ts";
import { type Cloud, type Instance, keyDigest, ownedBy, sceneOf, unreachable } from "./cloud.ts";
import { type Scene, contextFor, nameOf } from "./context.ts";
import type { Item } from "./inventory.ts";
import { AUTO_NAMED, DEFAULTS, autoNameProblem, withAutoName } from "./names.ts";
import { formatPath, select } from "./paths.ts";
import { describePlace, danglingReferences } from "./references.ts";
import type { ResourceSchema, Shape } from "./schema.ts";
import { packageOf } from "./schema.ts";
import type { Ctx, Properties, ResourceType } from "./table.ts";
import { type CheckFailure, describeValue, validate } from "./validate.ts";
import type { Tree, TreeObject } from "./values.ts";
import {
  Secret,
  UNKNOWN,
  Unknown,
  fromEvent,
  holdsUnknown,
  ifKnown,
  isEqual,
  isObject,
  toPlain,
  toText,
  unwrap,
  withoutSecrets,
} from "./values.ts";

export interface CheckRequest {
  readonly urn: string;
  readonly token: string;
  readonly news: TreeObject;
  /** The inputs of the last update; undefined when the thing is new or made anew. */
  readonly olds: TreeObject | undefined;
  readonly seed: Uint8Array;
}

export interface Checked {
  readonly inputs: TreeObject;
  readonly failures: readonly CheckFailure[];
}

/** All that can be refused before anything happens: the same at preview and at update. */
export function check(cloud: Cloud, instance: Instance, request: CheckRequest): Checked {
  const { inputs, failures } = checkAll(cloud, instance, request);
  // tables' own words may quote what they complain of
  const told = failures.map(({ path, reason }) => ({ path, reason: withoutSecrets(reason, inputs) }));
  return { inputs, failures: told };
}

function checkAll(cloud: Cloud, instance: Instance, request: CheckRequest): Checked {
  const { token, urn, news, olds } = request;
  const type = cloud.catalog.type(token);
  const schema = cloud.schemas.resource(token);
  if (type === undefined) return { inputs: news, failures: [unknownType(token, schema)] };
  const declared = declaredFailures(type, schema, token, news);
  if (declared.length > 0) return { inputs: news, failures: declared };

  const inputs = prepareInputs(type, schema, request);
  const nameless = type.autoName && autoNameProblem(inputs, nameOf(urn), type.autoName);
  if (nameless !== undefined) return { inputs, failures: [{ path: type.autoName?.property ?? "", reason: nameless }] };
  if (type.stateOnly !== true) {
    const lost = unreachable(cloud, instance);
    if (lost !== undefined) return { inputs, failures: [{ path: "", reason: lost }] };
  }
  // an old thing of the same URN is never in its own way: whether it goes first is the engine's to decide
  const subject = { urn, token, inputs, planned: true };
  const place = sceneOf(cloud, instance, subject)?.place;
  if (place === undefined) return { inputs, failures: [] };
  const old = ownedBy(cloud, urn, token) ?? knownAs(cloud, place, token, olds);
  const scene = sceneOf(cloud, instance, { ...subject, old }) as Scene;
  const ctx = contextFor(olds === undefined ? { ...scene, old: undefined } : scene);
  const failures = ruleFailures(type, scene, ctx);
  if (failures.length > 0) return { inputs, failures };
  return {
    inputs,
    failures: [...danglingReferences(scene, type.references ?? []), ...cloudFailures(cloud, type, scene, ctx, old)],
  };
}

/** A thing that was renamed in the program or imported: the cloud knows it by another URN or none, with these inputs. */
function knownAs(cloud: Cloud, place: string, token: string, olds: TreeObject | undefined): Item | undefined {
  if (olds === undefined) return undefined;
  return (cloud.inventory.shelf.list(token, place) as readonly Item[]).find(({ entry }) => isEqual(entry.inputs, olds));
}

function unknownType(token: string, schema: ResourceSchema | undefined): CheckFailure {
  const outputs = schema
    ? Object.keys(schema.outputs).filter((name) => schema.outputs[name]?.optional !== true && !(name in schema.inputs))
    : [];
  const example = `{ token: "${token}", source: "<upstream page>", replaces: [...], updates: [...], outputs: (ctx) => ({ ${outputs.map((name) => `${name}: ...`).join(", ")} }) }`;
  const reason = `the simulator does not know ${token}: add an entry to ${tableFolder(token)}, e.g. ${example}`;
  return { path: "", reason };
}

/** What the SDK's declarations and offline schemas tell. */
function declaredFailures(
  type: ResourceType,
  schema: ResourceSchema | undefined,
  token: string,
  inputs: TreeObject,
): CheckFailure[] {
  const failures = schema === undefined ? [] : validate(inputs, schema, token);
  if (type.offline === undefined) return failures;
  const known = new Set(failures.map(({ path }) => path));
  const more = type.offline(toText(inputs) as Properties).map(({ path, reason }) => explain(inputs, path, reason));
  return [...failures, ...more.filter(({ path }) => !known.has(path))];
}

function prepareInputs(type: ResourceType, schema: ResourceSchema | undefined, request: CheckRequest): TreeObject {
  const inputs = packageOf(request.token) === "aws" && schema ? withDocuments(request.news, schema) : request.news;
  if (type.autoName === undefined) return inputs;
  const named = withAutoName(inputs, type.autoName, {
    name: nameOf(request.urn),
    olds: request.olds,
    seed: request.seed,
  });
  return packageOf(request.token) === "kubernetes" ? annotated(named) : named;
}

/** The same, as Kubernetes keeps it. */
function annotated(inputs: TreeObject): TreeObject {
  const { [DEFAULTS]: defaults, ...rest } = inputs;
  if (!Array.isArray(defaults) || defaults.length === 0) return rest;
  const metadata: Tree | undefined = unwrap(rest["metadata"]);
  if (!isObject(metadata)) return rest;
  const given: Tree | undefined = unwrap(metadata["annotations"]);
  if (given instanceof Unknown) return rest;
  const own: TreeObject = isObject(given) ? given : {};
  const marked: TreeObject = { ...own, [AUTO_NAMED]: "true" };
  return { ...rest, metadata: { ...metadata, annotations: marked } };
}

/** Policy documents may be given as objects; the provider turns them into JSON. */
function withDocuments(inputs: TreeObject, schema: ResourceSchema): TreeObject {
  const names = Object.keys(inputs).filter((name) => takesDocument(schema.inputs[name]?.shape));
  if (names.length === 0) return inputs;
  return { ...inputs, ...Object.fromEntries(names.map((name) => [name, toDocument(inputs[name] ?? null)])) };
}

function takesDocument(shape: Shape | undefined): boolean {
  if (typeof shape !== "object" || !("either" in shape)) return false;
  return shape.either.includes("string") && shape.either.some((one) => typeof one === "object" && "ref" in one);
}

function toDocument(tree: Tree): Tree {
  if (tree instanceof Secret) return new Secret(toDocument(tree.value));
  if (!isObject(tree)) return tree;
  return holdsUnknown(tree) ? UNKNOWN : JSON.stringify(toText(tree));
}

function ruleFailures(type: ResourceType, scene: Scene, ctx: Ctx): CheckFailure[] {
  return (type.rules ?? []).flatMap(({ path, check, source }) =>
    select(scene.inputs, path).flatMap(({ path: place, value, secret }) => {
      if (value instanceof Unknown) return [];
      const reason = ifKnown(() => check(toPlain(value), ctx));
      if (reason === undefined) return [];
      const property = formatPath(place);
      // a secret's rule says what it should be, and must not say what it is
      return [
        { path: property, reason: `"${property}" is ${describeValue(toText(value), secret)}: ${reason} (${source})` },
      ];
    }),
  );
}

/** What depends on what else exists: uniqueness and whole-resource checks. */
export function cloudFailures(
  cloud: Cloud,
  type: ResourceType,
  scene: Scene,
  ctx: Ctx,
  self: Item | undefined,
): CheckFailure[] {
  const taken = takenKey(cloud, type, scene, ctx, self);
  if (taken !== undefined) return [{ path: type.autoName?.property ?? "", reason: taken }];
  const wrong = ifKnown(() => type.check?.(ctx));
  if (wrong === undefined) return [];
  return [explain(scene.inputs, wrong.path, `${wrong.reason} (${wrong.source})`)];
}

function explain(inputs: TreeObject, path: string, reason: string): CheckFailure {
  if (path === "") return { path: "", reason };
  const [found] = path.includes("[]") ? [] : selectIndexed(inputs, path);
  const value =
    found === undefined || found.value instanceof Unknown
      ? ""
      : ` is ${describeValue(toText(found.value), found.secret)}`;
  return { path, reason: `"${path}"${value}: ${reason}` };
}

/** Tables' own paths may hold indexes: `ports[0].external`. */
function selectIndexed(inputs: TreeObject, path: string): { value: Tree; secret: boolean }[] {
  let value: Tree | undefined = inputs;
  let secret = false;
  for (const part of path.matchAll(/[^.[\]]+|\["([^"]*)"\]/g)) {
    const name = part[1] ?? part[0];
    const holder: unknown = unwrap(value);
    if (typeof holder !== "object" || holder === null) return [];
    value = (holder as Record<string, Tree | undefined>)[name];
    secret ||= value instanceof Secret;
  }
  const inner = unwrap(value);
  return inner === undefined || inner === null ? [] : [{ value: inner, secret }];
}

/** The service's own error when something else has what must be unique. */
function takenKey(
  cloud: Cloud,
  type: ResourceType,
  scene: Scene,
  ctx: Ctx,
  self: Item | undefined,
): string | undefined {
  const key = ifKnown(() => type.key?.(ctx));
  const digest = keyDigest(key);
  if (key === undefined || digest === undefined) return undefined;
  const holder = cloud.inventory
    .byKey(scene.place, scene.token, digest)
    .find((item) => item !== self && (item.retained === undefined || type.retainsKey === true));
  if (holder === undefined) return undefined;
  const error = type.exists ?? "AlreadyExists";
  const why = holder.retained === undefined ? "" : ` (${holder.retained})`;
  return `${error}: "${key}" already exists in ${describePlace(scene.place)} as ${holder.token} ${holder.id}${why}: choose another name, import it, or delete it first`;
}

/** For objects of a cluster that does not exist yet, of which the engine asks no provider: all that needs no cloud. */
export function checkPlanned(cloud: Cloud, urn: string, inputs: Readonly<Record<string, unknown>>): CheckFailure[] {
  const token = urn.split("::")[2]?.split("$").pop() ?? "";
  const type = cloud.catalog.type(token);
  const schema = cloud.schemas.resource(token);
  if (type === undefined) return [unknownType(token, schema)];
  return declaredFailures(type, schema, token, fromEvent(inputs));
}
