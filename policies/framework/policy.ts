import type { Plain, Path } from "./known.ts";
import type { Settings, Values } from "./settings.ts";
import type { Stack } from "./stack.ts";

export type Family = "resource-limits" | "security" | "reliability" | "cost" | "hygiene";

/** The benchmark or guide that a policy covers a part of. */
export interface Control {
  /** Ids of what it covers, e.g. `FSBP EKS.1`, `CIS Kubernetes 5.2.5`; none where it follows a guide that has no ids. */
  readonly ids?: readonly string[];
  /** As the benchmark names it. */
  readonly name: string;
  readonly url: string;
}

/** A resource as the engine sees it, whatever program made it. */
export interface Resource {
  readonly urn: string;
  readonly type: string;
  /** The logical name in the URN. */
  readonly name: string;
  /** Its inputs, without what is not known yet. */
  readonly inputs: Plain;
  /** Where inputs are not known yet. */
  readonly unknown: readonly Path[];
  /** Paths of inputs whose changes the engine leaves alone after the resource has been made; none unless it says so. */
  readonly ignoreChanges?: readonly string[];
  /** The provider that makes it; as with the inputs, what is not known yet is not among its properties. */
  readonly provider?: { readonly urn: string; readonly properties: Plain; readonly unknown: readonly Path[] };
}

/** What a policy has to say. Messages are one or two sentences: what is wrong, the limit, how to fix it. */
export interface Report {
  /** A violation, at the level that is configured for the policy. */
  violation(message: string, urn?: string): void;
  /** Advice, whatever the level of the policy: what may hurt under load but is right as it stands. */
  advice(message: string, urn?: string): void;
  /** The policy cannot tell before the update: `path` is not known in preview and `what` hangs on it. */
  undecided(path: string, what: string, urn?: string): void;
}

interface Definition<S extends Settings> {
  /** Unique in the pack, and the key in the config file. */
  readonly name: string;
  readonly family: Family;
  readonly severity: "low" | "medium" | "high" | "critical";
  /** Unless the config file says otherwise. */
  readonly level: "mandatory" | "advisory";
  /** What holds where the policy is followed. */
  readonly description: string;
  readonly why: string;
  readonly fix: string;
  readonly control: Control;
  readonly settings: S;
  /** The types that it looks at; an expression for those that come in several API versions. */
  readonly types: readonly (string | RegExp)[];
}

/** Decides from one resource alone, before it is made. */
export interface ResourcePolicy<S extends Settings = Settings> extends Definition<S> {
  readonly check: (resource: Resource, settings: Values<S>, report: Report) => void;
  /**
   * The inputs with the violation mended, only where there is one right way to mend it; `undefined` where nothing is to be
   * mended. Runs only where the policy's configured level is `remediate`. Never reads or drops what is not known yet.
   */
  readonly remediate?: (resource: Resource, settings: Values<S>) => Plain | undefined;
}

/** Decides from all resources of the stack together, at the end of a preview or update. */
export interface StackPolicy<S extends Settings = Settings> extends Definition<S> {
  readonly checkStack: (stack: Stack, settings: Values<S>, report: Report) => void;
}

export type Policy = ResourcePolicy | StackPolicy;

/** Keeps the types of a policy's settings for its own check and forgets them for the pack. */
export function resourcePolicy<S extends Settings>(policy: ResourcePolicy<S>): ResourcePolicy {
  return policy as unknown as ResourcePolicy;
}

/** As {@link resourcePolicy}, for policies over the whole stack. */
export function stackPolicy<S extends Settings>(policy: StackPolicy<S>): StackPolicy {
  return policy as unknown as StackPolicy;
}
