import { at, unknownAt } from "../framework/known.ts";
import type { Plain } from "../framework/known.ts";
import { resourcePolicy } from "../framework/policy.ts";
import type { Resource, ResourcePolicy } from "../framework/policy.ts";
import { flagAt, withValue } from "../security/values.ts";

type NoSettings = Record<never, never>;

/** All that a policy says of itself; the rest follows from what it requires. */
export type Words = Omit<ResourcePolicy<NoSettings>, "check" | "remediate" | "settings">;

/** An input that is a switch, and how it has to stand. */
export interface Requirement {
  /** Dotted path of the input. */
  readonly path: string;
  readonly value: boolean;
  /** What the provider takes where nothing is written. */
  readonly otherwise: boolean | ((resource: Resource) => boolean);
  /** What the wrong value leads to, as the part of a sentence that follows `so`. */
  readonly harm: string;
  /** Only of resources for which this holds; default: of all. */
  readonly where?: (resource: Resource) => boolean;
  /** Inputs that `where` and `otherwise` read. */
  readonly hangsOn?: readonly string[];
  /** Whether a remediation may write it; not where the change makes a new, empty resource. Default: true. */
  readonly mends?: false;
}

/** The policy that a switch stands as it should; mended by writing it, where that keeps the resource. */
export function requires(words: Words, requirement: Requirement): ResourcePolicy {
  const { path, value, hangsOn = [], harm, mends = true } = requirement;
  return resourcePolicy<NoSettings>({
    ...words,
    settings: {},
    check(resource, _settings, report) {
      if (stands(resource, requirement)) return;
      const unknown = unknownAt(resource.unknown, path, ...hangsOn);
      if (unknown !== undefined) return report.undecided(unknown, `whether ${path} is ${String(value)}`);
      if (!breaks(resource, requirement)) return;
      const isWritten = flagAt(resource.inputs, path) !== undefined;
      const found = `${path} is ${isWritten ? String(!value) : `not written, which means ${String(!value)}`}`;
      report.violation(`${found}, so ${harm}; write ${path}: ${String(value)}.`);
    },
    ...(mends && { remediate: (resource: Resource) => written(resource, requirement) }),
  });
}

function written(resource: Resource, requirement: Requirement): Plain | undefined {
  const { path, value, hangsOn = [] } = requirement;
  const decided = unknownAt(resource.unknown, path, ...hangsOn) === undefined;
  if (!decided || !breaks(resource, requirement)) return undefined;
  const text = typeof at(resource.inputs, path) === "string";
  return withValue(resource.inputs, path, text ? String(value) : value);
}

/** It is written as it should be, whatever else is not known. */
function stands({ inputs }: Resource, { path, value }: Requirement): boolean {
  return flagAt(inputs, path) === value;
}

function breaks(resource: Resource, { path, value, otherwise, where = () => true }: Requirement): boolean {
  const taken = typeof otherwise === "boolean" ? otherwise : otherwise(resource);
  return (flagAt(resource.inputs, path) ?? taken) !== value && where(resource);
}
