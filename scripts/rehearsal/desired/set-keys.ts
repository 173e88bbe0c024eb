import { BadInput } from "@groundwork/lib/errors";
import { choices } from "@groundwork/lib/suggest";
import { type Project, bareKey, qualifiedKey, readProject, readYaml, stackFile } from "../project.ts";
import type { ConfigChange } from "../settings.ts";
import { pathParts } from "../stand-ins.ts";

const LIKE_A_SECRET =
  /secret|token|password|passphrase|credential|webhook|private.?key|api.?key|access.?key|secret.?key/i;

/**
 * Pulumi itself takes any key; a typing mistake would then look like a change without consequences. A secret has no place
 * on a command line, in a report or in a comparison, where a stand-in takes its place anyway.
 * @throws BadInput naming the key, never the value
 */
export function refuseKeys(directory: string, set: ConfigChange): void {
  const paths = Object.keys(set);
  if (paths.length === 0) return;
  const project = readProject(directory);
  const { name, declared } = project;
  const known = declared.map(({ key }) => bareKey(name, key));
  const configs = project.stacks.map((stack) => configOf(project, stack));
  for (const path of paths) {
    const key = bareKey(name, path);
    const [first = key] = key.split(/[.[]/);
    if (declared.some((each) => each.secret && bareKey(name, each.key) === first)) refuse(path, "is a secret");
    const parts = pathParts(qualifiedKey(name, key));
    if (configs.some((config) => holdsSecret(config, parts))) refuse(path, "is a secret in a stack file");
    // by the bare key: a project may be called `secrets`
    if (looksSecret(pathParts(key).at(-1), set[path])) refuse(path, "looks like a secret by its name");
    if (known.length === 0 || first.includes(":") || known.includes(first)) continue;
    throw new BadInput(`--set ${path} names no configuration key of this project: ${choices(first, known)}`);
  }
}

function refuse(path: string, why: string): never {
  throw new BadInput(`--set ${path} ${why}, for which a rehearsal takes a stand-in: leave it out`);
}

/** A stack file's values by qualified key. */
function configOf(project: Project, stack: string): unknown {
  const { config } = (readYaml(stackFile(project, stack), `Pulumi.${stack}.yaml`).toJS() ?? {}) as {
    readonly config?: Readonly<Record<string, unknown>> | null;
  };
  return Object.fromEntries(
    Object.entries(config ?? {}).map(([key, value]) => [qualifiedKey(project.name, key), value]),
  );
}

/** Whether something encrypted lies on the way to this place, at it or below it. */
function holdsSecret(at: unknown, parts: readonly (string | number)[]): boolean {
  if (typeof at !== "object" || at === null) return false;
  const members = at as Readonly<Record<string, unknown>>;
  if (typeof members["secure"] === "string") return true;
  const [next, ...rest] = parts;
  if (next !== undefined) return holdsSecret(members[next], rest);
  return Object.values(members).some((member) => holdsSecret(member, []));
}

/** A switch is no secret, whatever it switches. */
function looksSecret(name: string | number | undefined, value: unknown): boolean {
  if (typeof value === "boolean") return false;
  if (typeof name === "string" && LIKE_A_SECRET.test(name)) return true;
  if (typeof value !== "object" || value === null) return false;
  return Object.entries(value).some(([key, member]) => looksSecret(key, member));
}
