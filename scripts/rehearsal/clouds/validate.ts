import { nearest } from "@groundwork/lib/suggest";
import type { Segments } from "./paths.ts";
import { formatPath } from "./paths.ts";
import type { Properties, ResourceSchema, Shape } from "./schema.ts";
import type { Tree, TreeObject } from "./values.ts";
import { ARCHIVE, ASSET, SIGNATURE, Secret, Unknown, isAbsent, isList, isObject, unwrap } from "./values.ts";

/** What is wrong with an input, as the provider protocol reports it. */
export interface CheckFailure {
  /** The path in Pulumi's notation, e.g. `ingress[0].fromPort`; empty when it is about the whole resource. */
  readonly path: string;
  /** One sentence that names path and value (unless secret) and what to write instead. */
  readonly reason: string;
}

/** Unknown, missing and mistyped properties. Values that are not yet known pass where they stand. */
export function validate(inputs: TreeObject, schema: ResourceSchema, what: string): CheckFailure[] {
  const failures: CheckFailure[] = [];
  checkObject(inputs, schema.inputs, { schema, what, failures, secret: false }, []);
  return failures;
}

interface Validation {
  readonly schema: ResourceSchema;
  readonly what: string;
  readonly failures: CheckFailure[];
  readonly secret: boolean;
}

function checkObject(object: TreeObject, properties: Properties, run: Validation, path: Segments): void {
  for (const key in object) {
    if (isInternal(key)) continue;
    const property = properties[key];
    const value = object[key];
    if (isAbsent(value)) continue;
    if (property === undefined) run.failures.push(unknownProperty(key, properties, run, path));
    else checkValue(value, property.shape, run, [...path, key]);
  }
  for (const key in properties) {
    if (properties[key]?.optional !== true && isAbsent(unwrap(object[key]))) {
      run.failures.push(missingProperty(key, run, path));
    }
  }
}

/** The bridge's own bookkeeping (`__defaults`) and the protocol's (`version` of a provider). */
export function isInternal(key: string): boolean {
  return key.startsWith("__");
}

function unknownProperty(key: string, known: Properties, run: Validation, path: Segments): CheckFailure {
  const names = Object.keys(known);
  const close = nearest(key, names);
  const owner = path.length === 0 ? run.what : `${formatPath(path)} of ${run.what}`;
  const instead =
    close !== undefined
      ? `did you mean "${close}"?`
      : names.length > 0 && names.length <= 12
        ? `it has ${names.join(", ")}`
        : "remove it";
  const property = formatPath([...path, key]);
  return { path: property, reason: `"${property}" is not a property of ${owner}: ${instead}` };
}

function missingProperty(key: string, run: Validation, path: Segments): CheckFailure {
  const property = formatPath([...path, key]);
  return { path: property, reason: `"${property}" is missing, and ${run.what} needs it: set it` };
}

function checkValue(tree: Tree, shape: Shape, run: Validation, path: Segments): void {
  const value = unwrap(tree);
  if (value instanceof Unknown || isAbsent(value) || shape === "any") return;
  const inside = tree instanceof Secret && !run.secret ? { ...run, secret: true } : run;
  if (typeof shape === "object") {
    if ("list" in shape && isList(value)) {
      value.forEach((member, index) => checkValue(member, shape.list, inside, [...path, index]));
      return;
    }
    if ("map" in shape && isObject(value)) {
      for (const key in value) checkValue(value[key] ?? null, shape.map, inside, [...path, key]);
      return;
    }
    if ("ref" in shape && isObject(value)) {
      checkObject(value, run.schema.objects[shape.ref] ?? {}, inside, path);
      return;
    }
    if ("either" in shape) {
      const chosen = shape.either.find((one) => isOfKind(value, one));
      if (chosen !== undefined) {
        checkValue(value, chosen, inside, path);
        return;
      }
    }
  }
  if (!isOfKind(value, shape)) inside.failures.push(mistyped(value, shape, inside, path));
}

function isOfKind(value: Tree, shape: Shape): boolean {
  if (typeof shape === "object") {
    if ("list" in shape) return isList(value);
    if ("map" in shape || "ref" in shape) return isObject(value);
    if ("values" in shape) return shape.values.some((one) => one === value);
    return shape.either.some((one) => isOfKind(value, one));
  }
  if (shape === "asset") return isObject(value) && (value[SIGNATURE] === ASSET || value[SIGNATURE] === ARCHIVE);
  return shape === "any" || typeof value === shape;
}

function mistyped(value: Tree, shape: Shape, run: Validation, path: Segments): CheckFailure {
  const property = formatPath(path);
  return {
    path: property,
    reason: `"${property}" is ${describeValue(value, run.secret)}: write ${describeShape(shape)}`,
  };
}

const LONGEST_SHOWN = 80;

/** How a value is shown in a message; a secret never is. */
export function describeValue(value: unknown, secret: boolean): string {
  if (secret) return "[secret]";
  const text = JSON.stringify(value) ?? String(value);
  return text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}...` : text;
}

function describeShape(shape: Shape): string {
  if (typeof shape === "object") {
    if ("list" in shape) return `a list of ${plural(shape.list)}`;
    if ("map" in shape) return `an object whose values are ${plural(shape.map)}`;
    if ("ref" in shape) return "an object";
    if ("values" in shape) return shape.values.map((one) => JSON.stringify(one)).join(" or ");
    return shape.either.map(describeShape).join(" or ");
  }
  return shape === "asset" ? "an asset or archive" : `a ${shape}`;
}

function plural(shape: Shape): string {
  return typeof shape === "string" && shape !== "any" && shape !== "asset" ? `${shape}s` : "objects";
}
