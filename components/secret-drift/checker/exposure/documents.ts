import { LineCounter, isNode, parseAllDocuments } from "yaml";
import { plainYaml } from "../plain-yaml.ts";
import { InvalidMapping } from "../reader.ts";
import { type Exposure, type Where, exposureKey } from "./finding.ts";
import { type Fragment, scanFragments } from "./fragments.ts";
import { type Leaf, isKeys, isPulumiSecret, leavesOf, pathText } from "./leaves.ts";
import { maybeSecret, namesSecret } from "./names.ts";
import { ASSIGNED_SECRET } from "./rules.ts";
import type { Finders } from "./text.ts";

/** A property or variable that is called like a secret, and stands in plain text. */
export const PLAIN_SECRET = "groundwork/PlainSecret";
/** An output of which its resource says that it is secret, and that the state has in plain text. */
export const SECRET_OUTPUT = "groundwork/SecretOutputInPlainText";
/** A secret of a state that was exported with `--show-secrets`. */
export const DECRYPTED = "groundwork/DecryptedSecret";
/** A value in a Secret of Kubernetes: base64 hides nothing. */
export const SECRET_MANIFEST = "groundwork/KubernetesSecret";

/** Of one anchor in a manifest: charts write many, and what is beyond that was made to fill the memory. */
const MOST_ALIASES = 10_000;

type Place = Pick<Exposure, "target" | "where" | "path" | "resource" | "property" | "lines">;

/** Everything in what `pulumi stack export` writes, or in a state as a backend keeps it. Nothing is decrypted. */
export async function scanState(text: string, path: string, finders: Finders): Promise<Exposure[]> {
  const resources = resourcesOf(json(text, path));
  if (resources === undefined)
    throw new InvalidMapping(`${path} holds no state: give what \`pulumi stack export\` writes`);
  const named = new Named(finders, "state", path);
  const fragments = resources.flatMap((resource) => {
    const urn = typeof resource["urn"] === "string" ? resource["urn"] : "";
    const secretOutputs = secretOutputsOf(resource);
    return ["inputs", "outputs"].flatMap((kind) => {
      named.decrypted(resource[kind], [kind], urn);
      return [...leavesOf(resource[kind], [kind])].map((leaf) => {
        if (kind === "outputs" && secretOutputs.has(leaf.path[1])) named.add(SECRET_OUTPUT, leaf, urn);
        else named.ifSecret(leaf, urn);
        return named.fragment(leaf, urn);
      });
    });
  });
  return named.and(fragments);
}

/** Everything in what `docker inspect` writes of containers or services. */
export async function scanContainers(text: string, path: string, finders: Finders): Promise<Exposure[]> {
  const document = json(text, path);
  const containers = Array.isArray(document) ? document : [document];
  if (!containers.every((each) => isKeys(each) && (isKeys(each["Config"]) || isKeys(each["Spec"]))))
    throw new InvalidMapping(`${path} describes no container: give what \`docker inspect <container>\` writes`);
  const named = new Named(finders, "container", path);
  const fragments = (containers as Readonly<Record<string, unknown>>[]).flatMap((container) => {
    const resource = containerName(container);
    return [...leavesOf(container)].map((leaf) => {
      named.ifSecret(leaf, resource);
      return named.fragment(leaf, resource);
    });
  });
  return named.and(fragments);
}

/** What only the structure of manifests tells: their text is looked at as that of any file. What is no YAML tells nothing. */
export function manifestSecrets(text: string, path: string, target: string, finders: Finders): Exposure[] {
  const named = new Named(finders, "manifest", path, target);
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, { lineCounter: lines });
  for (const document of Array.isArray(documents) ? documents : []) {
    if (document.errors.length > 0) continue;
    const manifest = plainYaml(document, MOST_ALIASES);
    for (const { object, at } of objectsOf(manifest)) {
      const resource = objectName(object);
      for (const leaf of leavesOf(object)) {
        const node = document.getIn([...at, ...leaf.path], true);
        const offset = isNode(node) ? node.range?.[0] : undefined;
        const place = offset === undefined ? [] : [lines.linePos(offset).line];
        const isData = object["kind"] === "Secret" && (leaf.path[0] === "data" || leaf.path[0] === "stringData");
        if (isData && leaf.path.length === 2) {
          const value = leaf.path[0] === "data" ? Buffer.from(leaf.text, "base64").toString("utf8") : leaf.text;
          if (maybeSecret(leaf.name, value)) named.add(SECRET_MANIFEST, { ...leaf, text: value }, resource, place);
        } else if (!isData) named.ifSecret(leaf, resource, place);
      }
    }
  }
  return named.found;
}

/** Collects what is called like a secret, and then what is one. */
class Named {
  readonly found: Exposure[] = [];
  readonly #finders: Finders;
  readonly #where: Where;
  readonly #path: string;
  readonly #target: string;

  constructor(finders: Finders, where: Where, path: string, target = `${where} ${path}`) {
    this.#target = target;
    this.#finders = finders;
    this.#where = where;
    this.#path = path;
  }

  ifSecret(leaf: Leaf, resource: string, lines: readonly number[] = []): void {
    if (namesSecret(leaf.name) && maybeSecret(leaf.name, leaf.text)) this.add(PLAIN_SECRET, leaf, resource, lines);
  }

  add(rule: string, { path, name, text }: Leaf, resource: string, lines: readonly number[] = []): void {
    if (this.#finders.rules === undefined || text === "") return;
    const mark = this.#finders.mark(text);
    this.found.push({ rule, encoding: "plain", ...this.#place(path, name, resource), lines, mark });
  }

  /** What was exported with its secrets shown. */
  decrypted(value: unknown, path: readonly (string | number)[], resource: string): void {
    if (isPulumiSecret(value)) {
      const { plaintext } = value;
      if (typeof plaintext === "string")
        this.add(DECRYPTED, { path, name: String(path.at(-1)), text: plaintext }, resource);
    } else if (Array.isArray(value)) {
      for (const [index, item] of value.entries()) this.decrypted(item, [...path, index], resource);
    } else if (isKeys(value)) {
      for (const [key, item] of Object.entries(value)) this.decrypted(item, [...path, key], resource);
    }
  }

  /** With its name before it: some rules need to see it. */
  fragment({ path, name, text }: Leaf, resource: string): Fragment<Place> {
    return { place: this.#place(path, name, resource), text: `${name}=${text}` };
  }

  async and(fragments: readonly Fragment<Place>[]): Promise<Exposure[]> {
    const all = new Map(this.found.map((exposure) => [exposureKey(exposure), exposure]));
    for await (const { place, sighting } of scanFragments(fragments, this.#finders)) {
      // what each property is called was looked at before
      if (sighting.rule === ASSIGNED_SECRET) continue;
      const { line: _, ...found } = sighting;
      const exposure = { ...found, ...place };
      all.set(exposureKey(exposure), exposure);
    }
    return withoutNames([...all.values()]);
  }

  #place(path: readonly (string | number)[], name: string, resource: string): Place {
    const isVariable = this.#where === "container" && path.includes("Env");
    const property = isVariable ? name : pathText(path);
    return { target: this.#target, where: this.#where, path: this.#path, resource, property, lines: [] };
  }
}

/** Where it is known what it is, nobody needs to be told that it is called like a secret. */
function withoutNames(exposures: readonly Exposure[]): Exposure[] {
  const placeOf = ({ path, resource, property }: Exposure) => JSON.stringify([path, resource, property]);
  const known = new Set(exposures.filter(({ rule }) => rule !== PLAIN_SECRET).map(placeOf));
  return exposures.filter((exposure) => exposure.rule !== PLAIN_SECRET || !known.has(placeOf(exposure)));
}

function json(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new InvalidMapping(`${path} is not valid JSON: give what was written, unchanged`);
  }
}

/** https://github.com/pulumi/pulumi/blob/v3.200.0/sdk/go/common/apitype/core.go */
function resourcesOf(document: unknown): Readonly<Record<string, unknown>>[] | undefined {
  if (!isKeys(document)) return undefined;
  const { deployment, checkpoint } = document;
  const latest = isKeys(checkpoint) ? checkpoint["latest"] : deployment;
  if (!isKeys(latest)) return undefined;
  return Array.isArray(latest["resources"]) ? latest["resources"].filter(isKeys) : [];
}

/** What the resource declares, and what was secret when it was put in. */
function secretOutputsOf({ additionalSecretOutputs, inputs }: Readonly<Record<string, unknown>>): ReadonlySet<unknown> {
  const declared: readonly unknown[] = Array.isArray(additionalSecretOutputs) ? additionalSecretOutputs : [];
  const given = isKeys(inputs) ? Object.keys(inputs).filter((key) => isPulumiSecret(inputs[key])) : [];
  return new Set([...declared, ...given]);
}

/** https://docs.docker.com/reference/api/engine/version/v1.51/#tag/Container/operation/ContainerInspect */
function containerName(container: Readonly<Record<string, unknown>>): string {
  const spec = isKeys(container["Spec"]) ? container["Spec"] : {};
  const name = container["Name"] ?? spec["Name"] ?? container["Id"] ?? container["ID"];
  return typeof name === "string" ? name.replace(/^\//, "") : "";
}

/** The objects of a manifest, those of a List one by one. */
function objectsOf(manifest: unknown): { object: Readonly<Record<string, unknown>>; at: (string | number)[] }[] {
  if (!isKeys(manifest)) return [];
  const { items, kind } = manifest;
  if (typeof kind !== "string" || !kind.endsWith("List") || !Array.isArray(items))
    return [{ object: manifest, at: [] }];
  return items.flatMap((item: unknown, index) => (isKeys(item) ? [{ object: item, at: ["items", index] }] : []));
}

function objectName({ kind, metadata }: Readonly<Record<string, unknown>>): string {
  const { namespace, name } = isKeys(metadata) ? metadata : {};
  return [kind, namespace, name].filter((part) => typeof part === "string").join("/");
}
