import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Declarations } from "./declarations.ts";
import type { Properties, Property, Shape } from "./declarations.ts";

export type { Properties, Property, Shape };

/** What an SDK declares of a resource type. */
export interface ResourceSchema {
  readonly inputs: Properties;
  readonly outputs: Properties;
  /** The object types that inputs and outputs refer to. */
  readonly objects: Readonly<Record<string, Properties>>;
  /** Outputs that the SDK itself marks as secret (`additionalSecretOutputs`). */
  readonly secrets: readonly string[];
}

/** Part of the cached files' names: another way of deriving must not read what an older one wrote. */
const FORMAT = 1;

/** The schemas of the installed SDKs, derived on first use and kept on disk. */
export class Schemas {
  readonly #sdkRoot: string;
  readonly #cache: string;
  readonly #known = new Map<string, ResourceSchema | undefined>();
  readonly #declarations = new Map<string, Declarations>();
  readonly #versions = new Map<string, string | undefined>();

  constructor(sdkRoot: string, cache: string) {
    this.#sdkRoot = sdkRoot;
    this.#cache = cache;
  }

  /** The version of the installed SDK of a package; undefined when there is none. */
  version(packageName: string): string | undefined {
    if (!this.#versions.has(packageName)) {
      const file = join(this.#folder(packageName), "package.json");
      const version = existsSync(file)
        ? (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version
        : undefined;
      this.#versions.set(packageName, version);
    }
    return this.#versions.get(packageName);
  }

  /** Undefined when the SDK has no such type, e.g. a custom resource of Kubernetes. */
  resource(token: string): ResourceSchema | undefined {
    if (!this.#known.has(token)) this.#known.set(token, this.#cached(token));
    return this.#known.get(token);
  }

  #folder(packageName: string): string {
    return join(this.#sdkRoot, "node_modules", "@pulumi", packageName);
  }

  #cached(token: string): ResourceSchema | undefined {
    const packageName = packageOf(token);
    const version = this.version(packageName);
    if (version === undefined) return undefined;
    const name = token.replaceAll(/[^\w.-]/g, "_");
    const file = join(this.#cache, "schemas", `${FORMAT}-${packageName}@${version}`, `${name}.json`);
    if (existsSync(file)) return JSON.parse(readFileSync(file, "utf8")) as ResourceSchema;
    const derived = this.#derive(packageName, token);
    if (derived !== undefined) writeWhole(file, JSON.stringify(derived));
    return derived;
  }

  #derive(packageName: string, token: string): ResourceSchema | undefined {
    const isProvider = token.startsWith(PROVIDERS);
    const { path, className } = isProvider ? { path: "provider", className: "Provider" } : declarationOf(token);
    const script = join(this.#folder(packageName), `${path}.js`);
    if (!existsSync(script)) return undefined;
    const source = readFileSync(script, "utf8");
    if (!source.includes(`__pulumiType = '${isProvider ? packageName : token}'`)) return undefined;
    const declarations = this.#declarationsOf(packageName);
    const objects: Record<string, Properties> = {};
    const inputs = declarations.interfaceMembers(`${path}.d.ts`, `${className}Args`, objects) ?? {};
    const outputs = declarations.classMembers(`${path}.d.ts`, className, objects) ?? {};
    return { inputs, outputs, objects, secrets: secretOutputs(source) };
  }

  #declarationsOf(packageName: string): Declarations {
    const known = this.#declarations.get(packageName) ?? new Declarations(this.#folder(packageName));
    this.#declarations.set(packageName, known);
    return known;
  }
}

export const PROVIDERS = "pulumi:providers:";

export function packageOf(token: string): string {
  return token.startsWith(PROVIDERS) ? token.slice(PROVIDERS.length) : (token.split(":")[0] ?? "");
}

/** `aws:ec2/vpc:Vpc` is declared in ec2/vpc, `docker:index/container:Container` in container, Kubernetes by its group. */
function declarationOf(token: string): { path: string; className: string } {
  const [packageName = "", module = "", className = ""] = token.split(":");
  const file = className.charAt(0).toLowerCase() + className.slice(1);
  if (packageName === "kubernetes") {
    const [group = "", version = ""] = module.split("/");
    return { path: [group.split(".")[0], version, file].filter(Boolean).join("/"), className };
  }
  if (module === "index" || module === "") return { path: file, className };
  return { path: module.replace(/^index\//, ""), className };
}

function secretOutputs(source: string): string[] {
  const list = /additionalSecretOutputs: (\[[^\]]*\])/.exec(source)?.[1];
  return list === undefined ? [] : (JSON.parse(list) as string[]);
}

/** In one step, so that a run that is killed while it writes leaves no half schema behind. */
function writeWhole(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, text);
  renameSync(draft, file);
}
