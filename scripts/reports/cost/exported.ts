import { readFileSync } from "node:fs";
import { SECRET, type DesiredResource, type DesiredState, type Plain } from "@groundwork/lib/desired-state";
import { BadInput } from "@groundwork/lib/errors";

interface ExportedResource {
  readonly urn: string;
  readonly type: string;
  readonly custom?: boolean;
  readonly inputs?: Plain;
  readonly outputs?: Plain;
  readonly parent?: string;
  readonly provider?: string;
  readonly dependencies?: readonly string[];
  readonly propertyDependencies?: Readonly<Record<string, readonly string[]>>;
  readonly protect?: boolean;
  readonly retainOnDelete?: boolean;
  readonly delete?: boolean;
}

/** What marks an object in a state as a secret. https://github.com/pulumi/pulumi/blob/master/sdk/go/common/resource/sig/sig.go */
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET_SIGNATURE = "1b47061264138c4ac30d75fd1eb44270";

/**
 * A real stack as `pulumi stack export` wrote it, without one secret value of it.
 * @throws BadInput when the file is no export
 */
export function readExportedState(path: string): DesiredState {
  const resources = exportedResources(path).filter((resource) => resource.delete !== true);
  const stack = /^urn:pulumi:([^:]+)::/.exec(resources[0]?.urn ?? "")?.[1];
  if (stack === undefined)
    throw new BadInput(`--state ${path} has no resources; write it with \`pulumi stack export -s <stack> > ${path}\``);
  return { stack, target: null, resources: resources.map(desired) };
}

function exportedResources(path: string): readonly ExportedResource[] {
  const refuse = (why: string): BadInput =>
    new BadInput(`--state ${path} ${why}; write it with \`pulumi stack export -s <stack> > ${path}\``);
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    throw refuse("cannot be read");
  }
  try {
    const { deployment } = JSON.parse(text) as {
      readonly deployment?: { readonly resources?: readonly ExportedResource[] };
    };
    if (Array.isArray(deployment?.resources)) return deployment.resources as readonly ExportedResource[];
  } catch {
    throw refuse("is not JSON");
  }
  throw refuse("has no deployment");
}

function desired(resource: ExportedResource): DesiredResource {
  const { urn, type, parent, provider, dependencies = [], propertyDependencies = {} } = resource;
  return {
    urn,
    type,
    name: urn.split("::").slice(3).join("::"),
    custom: resource.custom === true,
    inputs: withoutSecrets(resource.inputs ?? {}) as Plain,
    outputs: withoutSecrets(resource.outputs ?? {}) as Plain,
    unknown: [],
    dependencies: [...new Set([...dependencies, ...Object.values(propertyDependencies).flat()])],
    protect: resource.protect === true,
    retainOnDelete: resource.retainOnDelete === true,
    ...(parent === undefined ? {} : { parent }),
    // a state names a provider by its URN and id
    ...(provider === undefined ? {} : { provider: provider.split("::").slice(0, -1).join("::") }),
  };
}

function withoutSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (typeof value !== "object" || value === null) return value;
  if ((value as Plain)[SIGNATURE] === SECRET_SIGNATURE) return SECRET;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withoutSecrets(inner)]));
}
