import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { BadInput } from "@groundwork/lib/errors";
import { type Document, isMap, parseDocument } from "yaml";

/** A key of the `config` schema in Pulumi.yaml. */
export interface DeclaredKey {
  readonly key: string;
  readonly type: string;
  readonly secret: boolean;
  readonly hasDefault: boolean;
}

/** What a rehearsal needs to know of a Pulumi project before it runs it. */
export interface Project {
  readonly root: string;
  readonly name: string;
  /** Stacks that have a stack file. */
  readonly stacks: readonly string[];
  readonly declared: readonly DeclaredKey[];
  /** The defaults that Pulumi.yaml declares, by bare key. */
  readonly defaults: Readonly<Record<string, unknown>>;
  /** Packages that its package.json depends on. */
  readonly dependencies: readonly string[];
  /** The CrossGuard pack that the project carries, if any. */
  readonly policyPack?: string;
}

/** Reads a YAML file; a syntax error becomes one sentence with its line. */
export function readYaml(path: string, what: string): Document {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? "unreadable";
    throw new BadInput(`${what} cannot be read (${reason}): make ${path} a YAML file that this user may read`);
  }
  const document = parseDocument(text);
  const [first] = document.errors;
  if (first !== undefined) {
    const line = first.linePos?.[0].line ?? 1;
    const reason = first.message.split(/\s+at line|\n/)[0]?.replace(/:$/, "");
    throw new BadInput(`${what} is not valid YAML at line ${line} (${reason}): correct that line of ${path}`);
  }
  if (document.contents !== null && !isMap(document.contents)) {
    throw new BadInput(`${what} holds no keys at its top: write \`config:\` with the stack's keys below it in ${path}`);
  }
  return document;
}

export function readProject(directory: string): Project {
  const root = resolve(directory);
  const file = join(root, "Pulumi.yaml");
  if (!existsSync(file)) {
    throw new BadInput(`--project ${directory} holds no Pulumi.yaml: name the folder of a Pulumi project`);
  }
  const parsed = (readYaml(file, "Pulumi.yaml").toJS() ?? {}) as Record<string, unknown>;
  const name = parsed["name"];
  if (typeof name !== "string") throw new BadInput(`Pulumi.yaml has no \`name\`: give the project ${directory} one`);
  const schema = Object.entries((parsed["config"] ?? {}) as Record<string, unknown>);
  const packFolder = join(root, "policies");
  return {
    root,
    name,
    stacks: readdirSync(root)
      .flatMap((entry) => /^Pulumi\.(?<stack>.+)\.ya?ml$/.exec(entry)?.groups?.["stack"] ?? [])
      .sort(),
    declared: schema.map(([key, value]) => declaredKey(key, value)),
    defaults: Object.fromEntries(
      schema.flatMap(([key, value]) => {
        const fallback = (value as { default?: unknown } | null)?.default;
        return fallback === undefined ? [] : [[bareKey(name, key), fallback]];
      }),
    ),
    dependencies: dependenciesOf(join(root, "package.json")),
    ...(existsSync(join(packFolder, "PulumiPolicy.yaml")) ? { policyPack: packFolder } : {}),
  };
}

/** What cannot be read depends on nothing; whoever installs the program says so. */
function dependenciesOf(file: string): string[] {
  try {
    const { dependencies } = JSON.parse(readFileSync(file, "utf8")) as { dependencies?: Record<string, string> };
    return Object.keys(dependencies ?? {});
  } catch {
    return [];
  }
}

export function stackFile(project: Project, stack: string): string {
  if (!project.stacks.includes(stack)) {
    const known = project.stacks.length > 0 ? project.stacks.join(", ") : "none";
    throw new BadInput(
      `--stack ${stack} has no Pulumi.${stack}.yaml in ${project.root}: choose one of the stacks there (${known}) or add that file`,
    );
  }
  const yaml = join(project.root, `Pulumi.${stack}.yaml`);
  return existsSync(yaml) ? yaml : join(project.root, `Pulumi.${stack}.yml`);
}

/** `groundwork:size` and `size` are the same key of the project `groundwork`; other namespaces stay as they are. */
export function bareKey(project: string, key: string): string {
  return key.startsWith(`${project}:`) ? key.slice(project.length + 1) : key;
}

export function qualifiedKey(project: string, key: string): string {
  return key.includes(":") ? key : `${project}:${key}`;
}

function declaredKey(key: string, value: unknown): DeclaredKey {
  const details = (typeof value === "object" && value !== null ? value : {}) as Record<string, unknown>;
  return {
    key,
    type: typeof value === "string" ? value : typeof details["type"] === "string" ? details["type"] : "string",
    secret: details["secret"] === true,
    hasDefault: details["default"] !== undefined || details["value"] !== undefined,
  };
}
