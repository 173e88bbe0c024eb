import { type Document, Scalar, YAMLMap, isMap, isScalar, isSeq, parseDocument } from "yaml";
import type { SecretValue } from "../secret-value.ts";

/** From the top of an environment's values to one of them; a number is a place in a list. */
export type PropertyPath = readonly (string | number)[];

/** What a definition cannot take, in our own words. */
export class Unwritable extends Error {
  override readonly name = "Unwritable";
}

const SECRET = "fn::secret";
/** Of any function: what is below it is its arguments, and no property. https://www.pulumi.com/docs/esc/reference/built-in-functions/ */
const FUNCTION = /^fn::/i;
const STEP = /(?:^|(?!^)\.)([^\s.[\]"\d][^.[\]"]*)|\[(\d+)\]|\["((?:[^"\\]|\\.)*)"\]/y;
const PLAIN = /^[^\s.[\]"\d][^.[\]"]*$/;

/**
 * Reads `database.password`, `keys["a.b"]` or `list[0]`; nothing where it is no such path.
 * https://www.pulumi.com/docs/esc/concepts/interpolations-and-references/#property-paths
 */
export function parsePath(text: string): PropertyPath | undefined {
  const path: (string | number)[] = [];
  STEP.lastIndex = 0;
  while (STEP.lastIndex < text.length) {
    const [, plain, index, quoted] = STEP.exec(text) ?? [];
    if (plain !== undefined) path.push(plain);
    else if (index !== undefined) path.push(Number(index));
    else if (quoted !== undefined) path.push(quoted.replaceAll(/\\(.)/gs, "$1"));
    else return undefined;
  }
  return path.length === 0 ? undefined : path;
}

/** With dots where they are enough, and brackets elsewhere. */
export function formatPath(path: PropertyPath): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === "number") return `${text}[${step}]`;
    if (PLAIN.test(step)) return text === "" ? step : `${text}.${step}`;
    return `${text}["${step.replaceAll(/["\\]/g, "\\$&")}"]`;
  }, "");
}

/** The YAML in which an environment is defined, with its comments. */
export class Definition {
  readonly #document: Document;
  readonly #indentsLists: boolean;

  /** @throws Unwritable when it is no YAML of keys */
  constructor(text: string) {
    this.#document = parseDocument(text);
    this.#indentsLists = !/^( *)[^\s#-][^\n]*:[ \t]*\n\1- /m.test(text);
    const { contents, errors } = this.#document;
    if (errors.length > 0 || (contents !== null && !isMap(contents) && !isEmpty(contents)))
      throw new Unwritable("the definition of the environment is not the YAML of one");
  }

  /** The properties that are secrets of the environment itself, also nested ones. */
  secrets(): string[] {
    return secretsOf(this.#document.get("values", true), []).map(formatPath);
  }

  /**
   * Makes one property a secret with this value; everything else stays as it is.
   * @throws Unwritable where something is that is no single value
   */
  set(path: PropertyPath, value: SecretValue): void {
    if (isEmpty(this.#document.contents)) this.#document.contents = new YAMLMap(this.#document.schema);
    this.#check(path);
    const text = new Scalar(value.reveal());
    text.type = Scalar.QUOTE_DOUBLE;
    const secret = new YAMLMap(this.#document.schema);
    secret.add(this.#document.createPair(SECRET, text));
    const at = ["values", ...path];
    const before = this.#document.getIn(at, true);
    if (isMap(before)) before.items = secret.items;
    else {
      if (isScalar(before)) secret.commentBefore = before.commentBefore ?? null;
      this.#document.setIn(at, secret);
    }
  }

  toString(): string {
    return this.#document.toString({ lineWidth: 0, doubleQuotedAsJSON: true, indentSeq: this.#indentsLists });
  }

  /** Whether there is a place for it: nobody's values are taken away. */
  #check(path: PropertyPath): void {
    let above = this.#document.get("values", true);
    if (isEmpty(above)) this.#document.set("values", new YAMLMap(this.#document.schema));
    above = this.#document.get("values", true);
    for (const [index, step] of path.entries()) {
      const here = formatPath(path.slice(0, index));
      if (typeof step === "number" ? !isSeq(above) || step >= above.items.length : !isMap(above))
        throw new Unwritable(`${here === "" ? "the environment" : here} has no place for ${formatPath(path)}`);
      if (isFunction(above)) throw new Unwritable(`${here} is computed by a function, so nothing is set below it`);
      if (isMap(above) && above.items.length === 0) above.flow = false;
      const next: unknown = this.#document.getIn(["values", ...path.slice(0, index + 1)], true);
      const isLast = index === path.length - 1;
      if (next === undefined && !isLast) {
        if (path.slice(index + 1).some((each) => typeof each === "number"))
          throw new Unwritable(`${formatPath(path)} names an entry of a list that is not there`);
        return;
      }
      if (isLast && next !== undefined && !isSingle(next))
        throw new Unwritable(`${formatPath(path)} holds other things than one secret, which are not overwritten`);
      above = next;
    }
  }
}

function secretsOf(node: unknown, path: PropertyPath): PropertyPath[] {
  if (isSecret(node)) return path.length === 0 ? [] : [path];
  if (isSeq(node)) return node.items.flatMap((item, index) => secretsOf(item, [...path, index]));
  if (!isMap(node) || isFunction(node)) return [];
  return node.items.flatMap(({ key, value }) => secretsOf(value, [...path, textOf(key)]));
}

function isSecret(node: unknown): node is YAMLMap {
  return isMap(node) && node.items.length === 1 && textOf(node.items[0]?.key) === SECRET;
}

function isFunction(node: unknown): boolean {
  return isMap(node) && node.items.length === 1 && FUNCTION.test(textOf(node.items[0]?.key));
}

/** A value that was written down as such, secret or not. What refers to others is computed. */
function isSingle(node: unknown): boolean {
  return isSecret(node) || (isScalar(node) && !String(node.value).includes("${"));
}

function isEmpty(node: unknown): boolean {
  return node === undefined || node === null || (isScalar(node) && node.value === null);
}

function textOf(key: unknown): string {
  return String(isScalar(key) ? key.value : key);
}
