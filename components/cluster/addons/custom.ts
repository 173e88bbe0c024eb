import * as kubernetes from "@pulumi/kubernetes";
import type { Input } from "@pulumi/pulumi";
import type { Scope } from "./addon.ts";

/** What @kubernetes-models' interfaces have in common. */
interface Model {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata?: object;
  readonly spec?: object;
}

/** A type whose leaves may be outputs of other resources. */
export type Eventually<T> = Input<T extends object ? { [K in keyof T]: Eventually<T[K]> } : T>;

/** The model with metadata written out and a spec that may hold outputs. */
export type Custom<M extends Model> = Pick<M, "apiVersion" | "kind"> & {
  readonly metadata: { readonly name: string; readonly namespace?: Input<string> };
  readonly spec: Eventually<NonNullable<M["spec"]>>;
};

/** An object of a kind that an add-on brings, typed by the kind's model. */
export function customObject<M extends Model>(
  { name, parent, dependsOn }: Scope,
  part: string,
  { apiVersion, kind, metadata, spec }: Custom<M>,
): kubernetes.apiextensions.CustomResource {
  return new kubernetes.apiextensions.CustomResource(
    `${name}-${part}`,
    { apiVersion, kind, metadata: { ...metadata }, spec },
    { parent, dependsOn: [...dependsOn] },
  );
}

/** A secret in the add-on's namespace. */
export function createSecret(
  { name, parent, namespace, dependsOn }: Scope,
  part: string,
  stringData: Record<string, Input<string>>,
): kubernetes.core.v1.Secret {
  return new kubernetes.core.v1.Secret(
    `${name}-${part}`,
    { metadata: { name: part, namespace }, stringData },
    { parent, dependsOn: [...dependsOn] },
  );
}
