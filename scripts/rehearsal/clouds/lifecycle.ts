import { cloudFailures } from "./checks.ts";
import {
  type Cloud,
  type Instance,
  Refusal,
  type Subject,
  keyDigest,
  regionOfOutputs,
  sceneOf,
  statedItem,
  takenAlong,
  unreachable,
  ownedBy,
} from "./cloud.ts";
import { type Scene, contextFor, createdContext } from "./context.ts";
import { type Change, diff as compareInputs, differences } from "./diff.ts";
import type { Item } from "./inventory.ts";
import type { Address, Entry } from "./journal.ts";
import { composeOutputs, describeUnfilled, planOutputs } from "./outputs.ts";
import { defaultTags } from "./places.ts";
import { chargesOf } from "./quotas.ts";
import { danglingReferences } from "./references.ts";
import { packageOf } from "./schema.ts";
import type { ResourceType } from "./table.ts";
import {
  type TreeObject,
  fromPlainObject,
  hexDigest,
  ifKnown,
  isEqual,
  isObject,
  toPlain,
  unwrap,
  withoutSecrets,
} from "./values.ts";

export interface Done {
  readonly id: string;
  readonly properties: TreeObject;
  readonly inputs: TreeObject;
}

/** Provider ids are as long as the ids of most AWS things where the table does not say otherwise. */
const ID_DIGITS = 20;
const SEED_DIGITS = 32;

export function planCreate(cloud: Cloud, instance: Instance, subject: Subject): TreeObject {
  const type = typeOf(cloud, subject.token);
  const scene = located(cloud, instance, { ...subject, planned: true });
  const properties = planOutputs(type, cloud.schemas.resource(subject.token), scene, undefined);
  if (type.stateOnly === true) return properties;
  // the engine checks several things before it plans the first, so what they would take from each other shows only here
  const old = ownedBy(cloud, subject.urn, subject.token);
  // what is replaced is not in the way of its replacement, nor is the one an update of the other
  const seen = located(cloud, instance, { ...subject, planned: true, old });
  refuseFailures(cloud, type, { ...seen, old: undefined }, old);
  plan(instance, type, scene, properties);
  return properties;
}

function plan({ run }: Instance, type: ResourceType, scene: Scene, properties: TreeObject): void {
  const ctx = contextFor(scene);
  const key = ifKnown(() => type.key?.(ctx));
  const same = key === undefined ? undefined : run.plans.byKey(scene, key);
  if (same !== undefined && same !== scene.urn) {
    throw new Refusal(
      `${type.exists ?? "AlreadyExists"}: "${key}" is planned twice: ${same} has it already, so drop one of them or give it another name`,
    );
  }
  run.plans.add(
    { token: scene.token, place: scene.place, urn: scene.urn, id: scene.old?.id ?? "" },
    properties,
    scene.inputs,
    key,
  );
}

export function create(cloud: Cloud, instance: Instance, subject: Subject): Done {
  const type = typeOf(cloud, subject.token);
  const schema = cloud.schemas.resource(subject.token);
  const count = cloud.inventory.made(subject.urn);
  const seed = hexDigest(`${subject.urn}#${type.stateOnly === true ? process.hrtime.bigint() : count}`, SEED_DIGITS);
  if (type.stateOnly !== true) refuseIfLost(cloud, instance);
  const scene = located(cloud, instance, { ...subject, seed });
  const ctx = contextFor(scene);
  if (type.stateOnly !== true) refuseFailures(cloud, type, scene);
  const id = type.id?.(ctx) ?? ctx.hex(ID_DIGITS, "id");
  const { properties, unfilled } = composeOutputs(type, schema, scene, id);
  if (unfilled.length > 0) throw new Refusal(describeUnfilled(subject.token, unfilled));
  if (type.stateOnly === true) return { id, properties, inputs: subject.inputs };

  const entry = entryOf(cloud, type, scene, { id, properties });
  cloud.inventory.commit({ put: [entry, ...broughtBy(cloud, type, scene, id)], made: [[subject.urn, count + 1]] });
  return { id, properties, inputs: subject.inputs };
}

function entryOf(cloud: Cloud, type: ResourceType, scene: Scene, made: Pick<Done, "id" | "properties">): Entry {
  const ctx = contextFor(scene);
  const quotas = chargesOf(type, ctx);
  const refused = cloud.quotas.refuse(scene.place, quotas, scene.old?.entry.quotas);
  if (refused !== undefined) throw new Refusal(refused);
  const key = keyDigest(type.key?.(ctx));
  return {
    token: scene.token,
    id: made.id,
    place: scene.place,
    urn: scene.urn,
    inputs: scene.inputs,
    properties: made.properties,
    seed: scene.seed,
    ...(key === undefined ? {} : { key }),
    ...(quotas.length === 0 ? {} : { quotas }),
  };
}

/** What the service makes along with a thing. It has no inputs of its own and goes away with its owner. */
function broughtBy(cloud: Cloud, type: ResourceType, scene: Scene, id: string): Entry[] {
  return (type.brings?.(createdContext(scene, id)) ?? []).map((brought) => {
    const place = brought.place ?? scene.place;
    const properties = fromPlainObject(brought.properties);
    const own: Scene = { ...scene, token: brought.token, place, inputs: properties, old: undefined };
    const key = keyDigest(ifKnown(() => cloud.catalog.type(brought.token)?.key?.(contextFor(own))));
    const { urn, seed } = scene;
    const entry = { token: brought.token, id: brought.id, place, urn, inputs: {}, properties, seed, broughtBy: id };
    return key === undefined ? entry : { ...entry, key };
  });
}

export function planUpdate(
  cloud: Cloud,
  instance: Instance,
  subject: Subject,
  id: string,
  old: TreeObject,
): TreeObject {
  const type = typeOf(cloud, subject.token);
  const item = type.stateOnly === true ? statedItem(subject, id, old) : existing(cloud, instance, subject, id, old);
  const scene = located(cloud, instance, {
    ...subject,
    old: item,
    region: regionOfOutputs(subject.token, old),
    planned: true,
  });
  const properties = planOutputs(type, cloud.schemas.resource(subject.token), scene, { id, old });
  if (type.stateOnly !== true) plan(instance, type, scene, properties);
  return properties;
}

export function update(cloud: Cloud, instance: Instance, subject: Subject, id: string, old: TreeObject): Done {
  const type = typeOf(cloud, subject.token);
  const schema = cloud.schemas.resource(subject.token);
  if (type.stateOnly !== true) refuseIfLost(cloud, instance);
  const item = type.stateOnly === true ? statedItem(subject, id, old) : existing(cloud, instance, subject, id, old);
  if (item === undefined) {
    throw new Refusal(
      `NotFound: ${subject.token} ${id} does not exist any more: run pulumi refresh, then update again`,
    );
  }
  const region = regionOfOutputs(subject.token, item.entry.properties);
  const scene = located(cloud, instance, { ...subject, old: item, region });
  if (type.stateOnly !== true) refuseFailures(cloud, type, scene);
  const { properties, unfilled } = composeOutputs(type, schema, scene, id);
  if (unfilled.length > 0) throw new Refusal(describeUnfilled(subject.token, unfilled));
  if (type.stateOnly !== true) cloud.inventory.commit({ put: [entryOf(cloud, type, scene, { id, properties })] });
  return { id, properties, inputs: subject.inputs };
}

/** As the service answers the call itself, whatever a check said earlier: others may have been faster. */
function refuseFailures(cloud: Cloud, type: ResourceType, scene: Scene, own = scene.old): void {
  const failures = [
    ...danglingReferences(scene, type.references ?? []),
    ...cloudFailures(cloud, type, scene, contextFor(scene), own),
  ];
  if (failures.length === 0) return;
  throw new Refusal(withoutSecrets(failures.map(({ reason }) => reason).join("; "), scene.inputs));
}

export function remove(cloud: Cloud, instance: Instance, subject: Subject, id: string, old: TreeObject): void {
  const type = typeOf(cloud, subject.token);
  if (type.stateOnly === true) return;
  refuseIfLost(cloud, instance);
  const item = existing(cloud, instance, subject, id, old);
  if (item === undefined) return;
  const region = regionOfOutputs(subject.token, item.entry.properties);
  const ctx = contextFor(located(cloud, instance, { ...subject, inputs: item.entry.inputs, old: item, region }));
  const along = takenAlong(cloud, item);
  refuseWhileHeld(cloud, item, along);
  const refused = type.refuseDelete?.(item, ctx);
  if (refused !== undefined) throw new Refusal(`${item.token} ${id} cannot be deleted: ${refused}`);
  const retained = type.retains?.(item, ctx);
  const gone: Address[] = along.map((one) => [one.place, one.token, one.id]);
  if (retained === undefined) cloud.inventory.commit({ gone: [...gone, [item.place, item.token, item.id]] });
  else cloud.inventory.commit({ gone, put: [{ ...item.entry, retained }] });
}

function refuseWhileHeld(cloud: Cloud, item: Item, along: readonly Item[]): void {
  const [holder] = cloud.references.holdersOf(item).filter(({ thing }) => !along.some((one) => one === thing));
  if (holder === undefined) return;
  throw new Refusal(
    `DependencyViolation: ${item.token} ${item.id} cannot be deleted while ${holder.thing.token} ${holder.thing.id} ` +
      `uses it in ${holder.path}: delete that first or point it elsewhere`,
  );
}

export interface ReadRequest {
  readonly urn: string;
  readonly token: string;
  readonly id: string;
  /** Empty on import. */
  readonly properties: TreeObject;
  readonly inputs: TreeObject;
}

/** Undefined when it is gone. */
export function read(cloud: Cloud, instance: Instance, request: ReadRequest): Done | undefined {
  const { urn, token, inputs, properties } = request;
  if (typeOf(cloud, token).stateOnly === true) {
    return Object.keys(properties).length === 0 ? undefined : { id: request.id, properties, inputs };
  }
  refuseIfLost(cloud, instance);
  const [id, region] = splitRegion(token, request.id);
  const item = existing(cloud, instance, { urn, token, inputs, region }, id, properties);
  if (item === undefined) return undefined;
  const known = item.broughtBy === undefined ? item.entry.inputs : givenPart(cloud, item);
  return { id, properties: item.entry.properties, inputs: known };
}

/** `vpc-0123@us-east-1`: the provider's own way to import from a region that is not its own. */
function splitRegion(token: string, id: string): [id: string, region: string | undefined] {
  const match = packageOf(token) === "aws" ? /^(.+)@([a-z]{2}(?:-[a-z]+)+-\d)$/.exec(id) : null;
  return match === null ? [id, undefined] : [match[1] ?? id, match[2]];
}

function givenPart(cloud: Cloud, { token, entry }: Item): TreeObject {
  const inputs = cloud.schemas.resource(token)?.inputs ?? {};
  return Object.fromEntries(Object.entries(entry.properties).filter(([name]) => name in inputs));
}

export interface DiffRequest {
  readonly urn: string;
  readonly token: string;
  readonly id: string;
  readonly oldInputs: TreeObject;
  readonly oldOutputs: TreeObject;
  readonly news: TreeObject;
  readonly ignore: readonly string[];
}

export interface DiffResult {
  readonly changes: readonly Change[];
  readonly deleteBeforeReplace: boolean;
  readonly mayReplace: readonly string[];
}

export function diff(cloud: Cloud, instance: Instance, request: DiffRequest): DiffResult {
  const { urn, token, news, oldOutputs, oldInputs } = request;
  const type = typeOf(cloud, token);
  const schema = cloud.schemas.resource(token);
  const subject = { urn, token, inputs: news };
  const old = type.stateOnly === true ? undefined : existing(cloud, instance, subject, request.id, oldOutputs);
  const scene = sceneOf(cloud, instance, { ...subject, old, planned: true });
  const fixed = type.deleteBeforeReplace;
  const deleteFirst =
    typeof fixed === "function"
      ? scene !== undefined && ifKnown(() => fixed(contextFor(scene))) === true
      : fixed === true;
  const isBridged = token.startsWith("kubernetes:") || token.startsWith("docker-build:") ? false : schema !== undefined;
  const result = compareInputs(type, {
    oldInputs,
    oldOutputs,
    news,
    ignore: request.ignore,
    deleteBeforeReplace: deleteFirst,
    keeps: (property, value) =>
      isBridged &&
      (isComputed(property) || (type.defaults?.[property] !== undefined && isEqual(value, constant(type, property)))),
  });
  const changes = [
    ...result.changes,
    ...regionChange(token, scene, oldOutputs),
    ...tagChange(token, scene, request),
    ...followedChanges(type, scene, oldOutputs),
  ];
  return { ...result, changes };

  function isComputed(property: string): boolean {
    return schema?.inputs[property]?.optional === true && schema.outputs[property]?.optional !== true;
  }
}

function constant(type: ResourceType, property: string): TreeObject[string] {
  const value = type.defaults?.[property];
  return typeof value === "function" ? null : (fromPlainObject({ value })["value"] ?? null);
}

/** A thing cannot move: another region of the provider means another thing. */
function regionChange(token: string, scene: Scene | undefined, oldOutputs: TreeObject): Change[] {
  const before = regionOfOutputs(token, oldOutputs);
  if (before === undefined || scene === undefined || scene.region === before || !scene.place.includes(scene.region))
    return [];
  return [{ path: ["region"], kind: "update", replaces: true, output: true }];
}

/** What an output follows outside of the cloud (source files) may have changed although no input did. */
function followedChanges(type: ResourceType, scene: Scene | undefined, oldOutputs: TreeObject): Change[] {
  const followed = scene && ifKnown(() => type.follows?.(contextFor(scene)));
  if (followed === undefined) return [];
  return Object.entries(fromPlainObject(followed))
    .filter(([name, value]) => !isEqual(oldOutputs[name], value))
    .map(([name]) => ({ path: [name], kind: "update", replaces: false, output: true }));
}

/** The provider's own tags are part of `tagsAll`, so a change of them changes everything that has it. */
function tagChange(token: string, scene: Scene | undefined, { news, oldInputs, oldOutputs }: DiffRequest): Change[] {
  const before = unwrap(oldOutputs["tagsAll"]);
  if (scene === undefined || packageOf(token) !== "aws" || !isObject(before)) return [];
  if (differences(oldInputs["tags"], news["tags"]).length > 0) return [];
  const tags = unwrap(news["tags"]);
  const after = { ...defaultTags(scene.provider), ...(isObject(tags) ? tags : {}) };
  return differences(before, after).length === 0
    ? []
    : [{ path: ["tagsAll"], kind: "update", replaces: false, output: true }];
}

export function invoke(
  cloud: Cloud,
  instance: Instance,
  token: string,
  args: TreeObject,
): TreeObject | { failure: string } {
  const entry = cloud.catalog.invoke(token);
  if (entry === undefined) {
    const table = `scripts/rehearsal/clouds/tables/${packageOf(token)}`;
    return {
      failure: `the simulator does not know the function ${token}: add { token: "${token}", source: "<upstream page>", answer: (args, ctx) => ({ ... }) } to "invokes" in ${table}`,
    };
  }
  const scene = located(cloud, instance, { urn: "", token, inputs: args });
  const answer = entry.answer(toPlain(args) as Readonly<Record<string, unknown>>, contextFor(scene));
  return typeof answer["failure"] === "string" ? { failure: answer["failure"] } : fromPlainObject(answer);
}

/** Output-only properties of a type that nothing fills, for an example of inputs. */
export function coverage(cloud: Cloud, instance: Instance, token: string, inputs: TreeObject): readonly string[] {
  const scene = located(cloud, instance, { urn: `urn:pulumi:stack::project::${token}::name`, token, inputs });
  const type = typeOf(cloud, token);
  const id = type.id?.(contextFor(scene)) ?? "id";
  return composeOutputs(type, cloud.schemas.resource(token), scene, id).unfilled;
}

function typeOf(cloud: Cloud, token: string): ResourceType {
  const type = cloud.catalog.type(token);
  if (type === undefined) throw new Refusal(`the simulator does not know ${token}`);
  return type;
}

function located(cloud: Cloud, instance: Instance, subject: Subject): Scene {
  const scene = sceneOf(cloud, instance, subject);
  if (scene === undefined) throw new Refusal(`nobody knows yet where ${subject.urn} is to be: its region is not known`);
  return scene;
}

function refuseIfLost(cloud: Cloud, instance: Instance): void {
  const lost = unreachable(cloud, instance);
  if (lost !== undefined) throw new Refusal(lost);
}

/** The thing with this id, where its own outputs say that it is. */
function existing(cloud: Cloud, instance: Instance, subject: Subject, id: string, old: TreeObject): Item | undefined {
  const region = regionOfOutputs(subject.token, old) ?? subject.region;
  const scene = sceneOf(cloud, instance, { ...subject, region });
  return scene && cloud.inventory.at(scene.place, subject.token, id);
}
