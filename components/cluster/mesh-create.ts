import * as kubernetes from "@pulumi/kubernetes";
import type { Resource } from "@pulumi/pulumi";

/** What the models of the mesh's kinds have in common. */
interface MeshObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata?: { readonly name?: string | undefined } | undefined;
  readonly spec?: object | undefined;
}

export function createMeshObject(
  prefix: string,
  { apiVersion, kind, metadata, spec }: MeshObject,
  parent: Resource,
  dependsOn: readonly Resource[],
): Resource {
  return new kubernetes.apiextensions.CustomResource(
    `${prefix}-${kind.toLowerCase()}-${metadata?.name ?? ""}`,
    { apiVersion, kind, metadata: { ...metadata }, spec },
    { parent, dependsOn: [...dependsOn] },
  );
}
