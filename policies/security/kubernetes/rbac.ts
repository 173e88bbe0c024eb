import { listAt, unknownAt } from "../../framework/known.ts";
import type { Report, Resource } from "../../framework/policy.ts";
import { label } from "../../framework/kubernetes.ts";

export const ROLE = /^kubernetes:rbac\.authorization\.k8s\.io\/v\w+:(?:Cluster)?Role(?:Patch)?$/;
export const BINDING = /^kubernetes:rbac\.authorization\.k8s\.io\/v\w+:(?:Cluster)?RoleBinding(?:Patch)?$/;

/** One rule of a role; `texts` of a key, with what is no text left out. */
export interface Rule {
  /** `rules[0]` */
  readonly path: string;
  has(
    key: "apiGroups" | "resources" | "verbs" | "resourceNames" | "nonResourceURLs",
    ...values: readonly string[]
  ): boolean;
  texts(key: string): readonly string[];
}

/** The rules of a role, and a word about those that are not known yet. */
export function rulesOf(resource: Resource, report: Report, what: string): Rule[] {
  const unknown = unknownAt(resource.unknown, "rules");
  if (unknown !== undefined) report.undecided(unknown, `${what} of ${label(resource)}`);
  return listAt(resource.inputs, "rules").map((rule, index) => {
    const texts = (key: string) => listAt(rule, key).filter((value): value is string => typeof value === "string");
    return {
      path: `rules[${index}]`,
      texts,
      has: (key, ...values) => texts(key).some((text) => values.includes(text)),
    };
  });
}
