import { statementsOf } from "../../aws/documents.ts";
import type { Statement } from "../../aws/documents.ts";
import { at, listAt, unknownAt } from "../../framework/known.ts";
import type { Report, Resource } from "../../framework/policy.ts";

const ROLE = "aws:iam/role:Role";

/** Where each type writes what an identity may do. */
const DOCUMENTS: Readonly<Record<string, string>> = {
  "aws:iam/policy:Policy": "policy",
  "aws:iam/rolePolicy:RolePolicy": "policy",
  "aws:iam/groupPolicy:GroupPolicy": "policy",
  "aws:iam/userPolicy:UserPolicy": "policy",
  "aws:ssoadmin/permissionSetInlinePolicy:PermissionSetInlinePolicy": "inlinePolicy",
};

/** Everything that says what an identity may do. */
export const IDENTITY_TYPES: readonly string[] = [...Object.keys(DOCUMENTS), ROLE];

/** A statement that allows something, and where it stands, e.g. `policy (Sid or statement 2)`. */
export interface Allowance extends Statement {
  readonly where: string;
}

/** What the policies of a resource allow. What of them is not known yet is reported as undecided. */
export function allowances(resource: Resource, report: Report, what: string): readonly Allowance[] {
  const paths =
    resource.type === ROLE
      ? listAt(resource.inputs, "inlinePolicies").map((_, index) => `inlinePolicies.${index}.policy`)
      : [DOCUMENTS[resource.type] ?? "policy"];
  const unknown = unknownAt(resource.unknown, ...paths, ...(resource.type === ROLE ? ["inlinePolicies"] : []));
  if (unknown !== undefined) report.undecided(unknown, what);
  return paths.flatMap((path) =>
    statementsOf(at(resource.inputs, path))
      .filter(({ effect }) => effect === "Allow")
      .map((statement) => ({ ...statement, where: `${shown(path)} (${statement.sid})` })),
  );
}

/** Whether a statement is for everything there is. */
export function isForEverything({ resources }: Statement): boolean {
  return resources.includes("*");
}

/** Whether a statement is for everything that there is to do, everywhere. */
export function isAdministration(statement: Statement): boolean {
  const all = statement.actions.some((action) => action === "*" || action === "*:*");
  return all && isForEverything(statement);
}

function shown(path: string): string {
  return path.replaceAll(/\.(\d+)/g, "[$1]");
}
