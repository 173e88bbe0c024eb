import type { Diagnostic } from "./engine/index.ts";
import type { Project } from "./project.ts";

/** The beginnings of what the official Kubernetes provider says of a cluster that does not answer. */
const SAID = /Kubernetes cluster is unreachable|due to unreachable cluster|with unreachable cluster/;
/** https://docs.aws.amazon.com/eks/latest/userguide/cluster-endpoint.html */
const REGION = /\.([a-z]{2}(?:-[a-z]+)+-\d)\.eks\.amazonaws\.com/;

/** The one config key that decides what becomes of objects in a cluster that does not answer, where a project has it. */
export const UNREACHABLE = "unreachable";

/** What to do about a cluster that does not answer; nothing when all do. */
export function unreachableHint(
  { name, declared }: Pick<Project, "name" | "declared">,
  diagnostics: readonly Pick<Diagnostic, "message" | "severity">[],
): string | undefined {
  const said = diagnostics.filter(({ severity, message }) => severity === "error" && SAID.test(message));
  if (said.length === 0) return undefined;
  const regions = new Set(said.flatMap(({ message }) => REGION.exec(message)?.[1] ?? []));
  const where = [...regions].sort();
  const choice = (region: string, what: string) => `${name}:${UNREACHABLE}.${region} to ${what}`;
  const [region = "<region>"] = where;
  const has = declared.some(({ key }) => key === UNREACHABLE || key === `${name}:${UNREACHABLE}`);
  if (!has) {
    return "a cluster does not answer: when its region is lost, set skipUpdateUnreachable of its kubernetes.Provider to leave its objects alone, or deleteUnreachable to forget them at a destroy";
  }
  return `the cluster${where.length === 0 ? "" : ` in ${where.join(", ")}`} does not answer: when the region is lost, set ${choice(region, "skip")} to leave its objects alone, or ${choice(region, "delete")} to forget them before a destroy (docs/region-loss.md)`;
}
