import { createHash } from "node:crypto";
import type { Properties } from "./table.ts";

/** What a value is that is not known until it is applied. */
export class Unknown {
  toString(): string {
    return "[not yet known]";
  }
}

export const UNKNOWN = new Unknown();

export class Secret {
  readonly value: Tree;
  constructor(value: Tree) {
    this.value = value;
  }
}

/** A property as the provider protocol knows it: plain values, with unknowns and secrets anywhere in them. */
export type Tree = null | boolean | number | string | Unknown | Secret | readonly Tree[] | TreeObject;
export interface TreeObject {
  readonly [key: string]: Tree;
}

/** Thrown when a table's function reads an input that is not yet known; whoever called the function catches it. */
export class NotYetKnown extends Error {
  override readonly name = "NotYetKnown";
}

// The signatures of special values: github.com/pulumi/pulumi/sdk/v3/go/common/resource/sig/sig.go
export const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";
const OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4";
export const ASSET = "c44067f5952c0a294b673a41bacd8c17";
export const ARCHIVE = "0def7320c3a5731c473e5ecbe6d01bc7";

/** github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin/rpc.go, UnknownStringValue */
export const UNKNOWN_TEXT = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
// UnknownBoolValue, UnknownNumberValue, UnknownArrayValue, UnknownAssetValue, UnknownArchiveValue, UnknownObjectValue there
export const UNKNOWN_TEXTS: ReadonlySet<string> = new Set([
  UNKNOWN_TEXT,
  "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
  "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
  "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
  "030794c1-ac77-496b-92df-f27374a8bd58",
  "e48ece36-62e2-4504-bad9-02848725956a",
  "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
]);

export function isObject(tree: Tree | undefined): tree is TreeObject {
  return (
    typeof tree === "object" &&
    tree !== null &&
    !Array.isArray(tree) &&
    !(tree instanceof Unknown) &&
    !(tree instanceof Secret)
  );
}

export function isList(tree: Tree | undefined): tree is readonly Tree[] {
  return Array.isArray(tree);
}

/** Properties that are null count as left out everywhere: the engine and the SDK send both. */
export function isAbsent(tree: Tree | undefined): tree is null | undefined {
  return tree === undefined || tree === null;
}

export function unwrap(tree: Tree): Exclude<Tree, Secret>;
export function unwrap(tree: Tree | undefined): Exclude<Tree, Secret> | undefined;
export function unwrap(tree: Tree | undefined): Exclude<Tree, Secret> | undefined {
  let value = tree;
  while (value instanceof Secret) value = value.value;
  return value;
}

/** A text of the protocol: some stand for what is not yet known. */
export function readText(text: string): Tree {
  return text.length === UNKNOWN_TEXT.length && UNKNOWN_TEXTS.has(text) ? UNKNOWN : text;
}

/** An object of the protocol: a signature makes a secret or an output of it. */
export function readSpecial(object: Record<string, Tree>): Tree {
  return SIGNATURE in object ? special(object) : object;
}

/** A secret as the protocol's object. */
export function secretOf({ value }: Secret): TreeObject {
  return { [SIGNATURE]: SECRET, value };
}

function special(object: Record<string, Tree>): Tree {
  if (object[SIGNATURE] === SECRET) return new Secret(object["value"] ?? null);
  if (object[SIGNATURE] !== OUTPUT) return object;
  const value = object["value"] === undefined ? UNKNOWN : object["value"];
  return object["secret"] === true ? new Secret(value) : value;
}

/** From plain JavaScript in the protocol's notation, in which unknowns and secrets are marked. */
export function fromPlain(value: unknown): Tree {
  if (value === null || value === undefined) return null;
  if (typeof value === "string") return UNKNOWN_TEXTS.has(value) ? UNKNOWN : value;
  if (typeof value === "number" || typeof value === "boolean") return value;
  if (Array.isArray(value)) return value.map(fromPlain);
  if (typeof value !== "object") throw new TypeError(`a ${typeof value} is no property value`);
  if (value instanceof Unknown || value instanceof Secret) return value;
  const object: Record<string, Tree> = {};
  for (const [key, member] of Object.entries(value)) if (member !== undefined) object[key] = fromPlain(member);
  // exported states hold the ciphertext of a secret, which nobody here can read
  if (object[SIGNATURE] === SECRET && object["value"] === undefined) return new Secret(UNKNOWN);
  return special(object);
}

export function fromPlainObject(value: Readonly<Record<string, unknown>>): TreeObject {
  return fromPlain(value) as TreeObject;
}

/** The inputs of one of the engine's events, which show no secret. */
export function fromEvent(inputs: Readonly<Record<string, unknown>>): TreeObject {
  return withoutMarks(fromPlainObject(inputs)) as TreeObject;
}

function withoutMarks(tree: Tree): Tree {
  if (tree === "[secret]") return new Secret(UNKNOWN);
  if (isList(tree)) return tree.map(withoutMarks);
  return isObject(tree) ? mapValues(tree, withoutMarks) : tree;
}

/** What the tables' functions are given: secrets unwrapped, and reading a value that is not yet known throws. */
export function toPlain(tree: Tree): unknown {
  if (tree instanceof Secret) return toPlain(tree.value);
  if (isList(tree)) {
    const list: unknown[] = [];
    tree.forEach((member, index) => define(list, index, member));
    return list;
  }
  if (!isObject(tree)) return tree;
  const object: Record<string, unknown> = {};
  for (const key in tree) if (!isAbsent(tree[key])) define(object, key, tree[key]);
  return object;
}

export function toProperties(tree: TreeObject): Properties {
  return toPlain(tree) as Properties;
}

function define(target: object, key: string | number, tree: Tree): void {
  if (unwrap(tree) instanceof Unknown) {
    const get = (): never => {
      throw new NotYetKnown(`"${key}" is not yet known`);
    };
    Object.defineProperty(target, key, { enumerable: true, configurable: true, get });
  } else {
    (target as Record<string | number, unknown>)[key] = toPlain(tree);
  }
}

/** Secrets unwrapped, unknowns as the protocol's text: for checks that look at the whole with the holes in it. */
export function toText(tree: Tree): unknown {
  if (tree instanceof Unknown) return UNKNOWN_TEXT;
  if (tree instanceof Secret) return toText(tree.value);
  if (isList(tree)) return tree.map(toText);
  return isObject(tree) ? mapValues(tree, toText) : tree;
}

function mapValues(object: TreeObject, change: (tree: Tree) => unknown): Record<string, unknown> {
  const changed: Record<string, unknown> = {};
  for (const key in object) if (object[key] !== undefined) changed[key] = change(object[key]);
  return changed;
}

/** Runs a table's function on inputs that may be not yet known. */
export function ifKnown<T>(compute: () => T): T | undefined {
  try {
    return compute();
  } catch (error) {
    if (error instanceof NotYetKnown) return undefined;
    throw error;
  }
}

export function holdsUnknown(tree: Tree): boolean {
  if (tree instanceof Unknown) return true;
  if (tree instanceof Secret) return holdsUnknown(tree.value);
  if (isList(tree)) return tree.some(holdsUnknown);
  return isObject(tree) && Object.values(tree).some(holdsUnknown);
}

export function holdsSecret(tree: Tree): boolean {
  if (tree instanceof Secret) return true;
  if (isList(tree)) return tree.some(holdsSecret);
  return isObject(tree) && Object.values(tree).some(holdsSecret);
}

/** Every text inside a secret, to find it again where it must not be. */
export function secretTexts(tree: Tree, inSecret = false, found = new Set<string>()): Set<string> {
  if (tree instanceof Secret) secretTexts(tree.value, true, found);
  else if (typeof tree === "string") {
    if (inSecret && tree.length >= SHORTEST_TELLING_SECRET) found.add(tree);
  } else if (isList(tree)) for (const member of tree) secretTexts(member, inSecret, found);
  else if (isObject(tree)) for (const key in tree) secretTexts(tree[key] ?? null, inSecret, found);
  return found;
}

/** Shorter texts (`on`, `5432`) stand in other places by chance. */
const SHORTEST_TELLING_SECRET = 6;

/** A message without the secrets of the inputs that it is about. */
export function withoutSecrets(message: string, inputs: TreeObject): string {
  let hidden = message;
  for (const secret of secretTexts(inputs)) hidden = hidden.replaceAll(secret, "[secret]");
  return hidden;
}

/** Marks every text that repeats a secret, e.g. a connection string, so that nothing derived from a secret is plain. */
export function taint(tree: Tree, secrets: ReadonlySet<string>): Tree {
  if (secrets.size === 0 || tree instanceof Secret || tree instanceof Unknown) return tree;
  if (typeof tree === "string") {
    for (const secret of secrets) if (tree.includes(secret)) return new Secret(tree);
    return tree;
  }
  if (isList(tree)) return tree.map((member) => taint(member, secrets));
  if (!isObject(tree)) return tree;
  const object: Record<string, Tree> = {};
  for (const key in tree) object[key] = taint(tree[key] ?? null, secrets);
  return object;
}

/** Equality of what is inside: wrapping a value in a secret changes nothing in the cloud. */
export function isEqual(left: Tree | undefined, right: Tree | undefined): boolean {
  const a = unwrap(left);
  const b = unwrap(right);
  if (a === b || (isAbsent(a) && isAbsent(b))) return true;
  if (isList(a) && isList(b)) return a.length === b.length && a.every((member, index) => isEqual(member, b[index]));
  if (!isObject(a) || !isObject(b)) return false;
  for (const key in a) if (!isEqual(a[key], b[key])) return false;
  for (const key in b) if (!(key in a) && !isAbsent(b[key])) return false;
  return true;
}

export function hexDigest(text: string, digits: number): string {
  let hex = "";
  for (let round = 0; hex.length < digits; round++) {
    hex += createHash("sha256")
      .update(round === 0 ? text : `${text}/${round}`)
      .digest("hex");
  }
  return hex.slice(0, digits);
}
