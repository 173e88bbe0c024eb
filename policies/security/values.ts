import { at, unknownAt } from "../framework/known.ts";
import type { Plain } from "../framework/known.ts";
import type { Control, Report, Resource } from "../framework/policy.ts";

const SECURITY_HUB = "https://docs.aws.amazon.com/securityhub/latest/userguide";

/**
 * A control of the AWS Foundational Security Best Practices. `ids` as Security Hub writes them, the first of which the
 * link leads to; `others` are ids of Security Hub or of a benchmark that FSBP itself does not have.
 * https://docs.aws.amazon.com/securityhub/latest/userguide/fsbp-standard.html
 */
export function fsbp(name: string, ids: readonly [string, ...string[]], others: readonly string[] = []): Control {
  return { ids: [...ids.map((id) => `FSBP ${id}`), ...others], name, url: page(ids[0]) };
}

/** A control of Security Hub that is in other standards than FSBP. */
export function securityHub(
  name: string,
  ids: readonly [string, ...string[]],
  others: readonly string[] = [],
): Control {
  return { ids: [...ids.map((id) => `Security Hub ${id}`), ...others], name, url: page(ids[0]) };
}

function page(id: string): string {
  const control = id.toLowerCase();
  return `${SECURITY_HUB}/${control.split(".", 1)[0] ?? ""}-controls.html#${control.replace(".", "-")}`;
}

/** A yes or no, also when it is written as text, as a launch template's are. */
export function flagAt(value: unknown, path: string): boolean | undefined {
  const found = at(value, path);
  if (found === "true" || found === "false") return found === "true";
  return typeof found === "boolean" ? found : undefined;
}

/** The texts of a list; nothing else that may be in it. */
export function textsAt(value: unknown, path: string): readonly string[] {
  const found = at(value, path);
  const list: readonly unknown[] = Array.isArray(found) ? found : [];
  return list.filter((each) => typeof each === "string");
}

/** Whether one of the paths is not known yet, which is then reported: `what` cannot be decided. */
export function isUndecided(resource: Resource, report: Report, what: string, ...paths: readonly string[]): boolean {
  const unknown = unknownAt(resource.unknown, ...paths);
  if (unknown !== undefined) report.undecided(unknown, what, resource.urn);
  return unknown !== undefined;
}

/** The inputs with one value changed; what is missing on the way there is made. Indices of lists are numbers between dots. */
export function withValue(inputs: Plain, path: string, value: unknown): Plain {
  return changed(inputs, path.split("."), value) as Plain;
}

/**
 * The inputs with one value written at each of the paths where it is wrong, for a remediation: what is not known yet may
 * be right and stays. `undefined` where nothing is left to mend.
 */
export function mend({ inputs, unknown }: Resource, wrong: readonly string[], value: unknown): Plain | undefined {
  const known = wrong.filter((path) => unknownAt(unknown, path) === undefined);
  return known.length === 0 ? undefined : known.reduce<Plain>((result, path) => withValue(result, path, value), inputs);
}

function changed(holder: unknown, [key, ...rest]: readonly string[], value: unknown): unknown {
  if (key === undefined) return value;
  if (Array.isArray(holder)) {
    return holder.map((each: unknown, index) => (String(index) === key ? changed(each, rest, value) : each));
  }
  const object = typeof holder === "object" && holder !== null ? (holder as Plain) : {};
  return { ...object, [key]: changed(object[key], rest, value) };
}
