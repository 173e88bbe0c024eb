import { parse } from "yaml";
import type { Catalog } from "./catalog.ts";
import type { ResourceSchema, Shape } from "./schema.ts";
import { packageOf } from "./schema.ts";
import { EVERYWHERE } from "./shelf.ts";
import type { Place, Properties } from "./table.ts";
import type { Tree, TreeObject } from "./values.ts";
import { Secret, Unknown, isObject, unwrap } from "./values.ts";

/** The type whose things are Kubernetes clusters: what a kubeconfig points to must be the endpoint of one. */
export const CLUSTER = "aws:eks/cluster:Cluster";

export function clusterPlace(endpoint: string): Place {
  return `kubernetes/${endpoint}`;
}

/**
 * Where things of a type live for a provider with this configuration. Undefined while the region is not yet known.
 * @param region the resource's own region, which AWS resources may name
 */
export function placeOf(
  token: string,
  provider: Properties,
  context: { readonly account: string; readonly region: string; readonly catalog: Catalog },
): Place | undefined {
  const packageName = packageOf(token);
  switch (packageName) {
    case "aws":
      if (context.catalog.type(token)?.scope === "global") return `aws/${context.account}`;
      return context.region === "" ? undefined : `aws/${context.account}/${context.region}`;
    case "kubernetes": {
      const server = serverOf(provider);
      return server === undefined ? undefined : clusterPlace(server);
    }
    case "docker":
    case "docker-build":
      // one engine holds what is built and what runs
      return `docker/${engineHost(provider)}`;
    default:
      return packageName;
  }
}

/** Where a reference from one place may lead: the same account and region, or anywhere in another cloud. */
export function placeOfTarget(
  target: string,
  from: { readonly token: string; readonly place: Place },
  catalog: Catalog,
): Place {
  const packageName = packageOf(target);
  if (packageName === "aws" && packageOf(from.token) === "aws") {
    const [cloud, account, region] = from.place.split("/");
    if (catalog.type(target)?.scope === "global") return `${cloud}/${account}`;
    return region === undefined ? `${cloud}/${account}/${EVERYWHERE}` : from.place;
  }
  return from.place.split("/")[0] === packageName.split("-")[0] ? from.place : EVERYWHERE;
}

const LOCAL_ENGINE = "unix:///var/run/docker.sock";

function engineHost(provider: Properties): string {
  const host = provider["host"];
  return typeof host === "string" && host !== "" && host !== LOCAL_ENGINE ? host : "default";
}

interface Kubeconfig {
  readonly "current-context"?: string;
  readonly contexts?: readonly { readonly name: string; readonly context: { readonly cluster: string } }[];
  readonly clusters?: readonly { readonly name: string; readonly cluster: { readonly server: string } }[];
}

const servers = new Map<unknown, string | undefined>();

/** The API server that a Kubernetes provider talks to. */
export function serverOf(provider: Properties): string | undefined {
  const { kubeconfig, context, cluster } = provider as Record<string, unknown>;
  const key = JSON.stringify([kubeconfig, context, cluster]);
  if (!servers.has(key)) servers.set(key, readServer(kubeconfig, context, cluster));
  return servers.get(key);
}

function readServer(kubeconfig: unknown, context: unknown, cluster: unknown): string | undefined {
  let config = kubeconfig;
  try {
    if (typeof config === "string") config = parse(config);
  } catch {
    return undefined;
  }
  if (typeof config !== "object" || config === null) return undefined;
  const { contexts, clusters, "current-context": current } = config as Kubeconfig;
  const chosen = contexts?.find(({ name }) => name === (context ?? current))?.context.cluster;
  return clusters?.find(({ name }) => name === (cluster ?? chosen))?.cluster.server;
}

/** A provider's configuration travels as texts: all that is declared as anything else is JSON in a text. */
export function readConfiguration(args: TreeObject, schema: ResourceSchema | undefined): TreeObject {
  const read: Record<string, Tree> = {};
  for (const key in args) read[key] = fromText(args[key] ?? null, schema?.inputs[key]?.shape);
  return read;
}

function fromText(tree: Tree, shape: Shape | undefined): Tree {
  if (tree instanceof Secret) return new Secret(fromText(tree.value, shape));
  if (typeof tree !== "string" || shape === undefined || takesText(shape)) return tree;
  try {
    return JSON.parse(tree) as Tree;
  } catch {
    return tree;
  }
}

function takesText(shape: Shape): boolean {
  if (typeof shape !== "object") return shape === "string" || shape === "any";
  if ("values" in shape) return shape.values.some((value) => typeof value === "string");
  return "either" in shape && shape.either.some(takesText);
}

/** A text input of a tree; empty when it is left out, undefined when it is not yet known. */
export function textOf(tree: TreeObject, name: string): string | undefined {
  const value = unwrap(tree[name]);
  if (value instanceof Unknown) return undefined;
  return typeof value === "string" ? value : "";
}

/** AWS tags that the provider adds to everything. */
export function defaultTags(provider: TreeObject): TreeObject {
  const holder = unwrap(provider["defaultTags"]);
  const tags = isObject(holder) ? unwrap(holder["tags"]) : undefined;
  return isObject(tags) ? tags : {};
}
