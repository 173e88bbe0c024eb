import type { Reader } from "./values.ts";

/** The types that the `config` section of Pulumi.yaml knows. https://www.pulumi.com/docs/reference/pulumi-yaml/#config */
export type SchemaType = "string" | "integer" | "boolean" | "array" | "object";

export type Target = "docker" | "swarm" | "cloud";

export interface Key<T> {
  readonly type: SchemaType;
  /** The type of the elements of an array. */
  readonly items?: "string" | "object";
  /** One sentence; the same as in Pulumi.yaml, which a test compares. */
  readonly description: string;
  /** The targets that the key belongs to; all when absent. */
  readonly only?: readonly Target[];
  /**
   * Pulumi demands every declared key that has no default, so a key of one target has a neutral one (`""`, `[]`, `{}`),
   * which counts as not set. Absent: every stack must set the key.
   */
  readonly unset?: string | number | boolean | readonly unknown[] | object;
  readonly read: Reader<T>;
}

export const ON_DOCKER: readonly Target[] = ["docker", "swarm"];
export const IN_THE_CLOUD: readonly Target[] = ["cloud"];

export const key = <T>(definition: Key<T>): Key<T> => definition;
