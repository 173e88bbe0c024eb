import type { CloudflarePlan } from "@groundwork/lib/cloudflare-plans";
import type { Catalog } from "./catalog.ts";
import { Plans, type Scene, View } from "./context.ts";
import { Item, type Inventory } from "./inventory.ts";
import { CLUSTER, clusterPlace, placeOf, serverOf, textOf } from "./places.ts";
import type { QuotaCounter } from "./quotas.ts";
import type { References } from "./references.ts";
import type { LostRegions } from "./regions-lost.ts";
import { packageOf, type Schemas } from "./schema.ts";
import { EVERYWHERE } from "./shelf.ts";
import { type TreeObject, hexDigest, toProperties } from "./values.ts";

/** What one engine run has said so far. A preview and the update after it are two runs. */
export class Run {
  readonly plans = new Plans();
}

/** One configured provider, as the engine made it. */
export interface Instance {
  readonly packageName: string;
  readonly config: TreeObject;
  readonly run: Run;
  /** Settles when the engine cancels what is under way. */
  readonly cancelled: Promise<void>;
}

/** A call that the cloud refuses; the message is the service's own error where it has one. */
export class Refusal extends Error {
  override readonly name = "Refusal";
}

/** It took effect, but then something went wrong: the engine must not forget the thing. */
export class PartialFailure extends Error {
  override readonly name = "PartialFailure";
  readonly id: string;
  readonly properties: TreeObject;
  readonly inputs: TreeObject;

  constructor(message: string, id: string, properties: TreeObject, inputs: TreeObject) {
    super(message);
    this.id = id;
    this.properties = properties;
    this.inputs = inputs;
  }
}

/** The parts that all operations share. */
export interface Cloud {
  readonly catalog: Catalog;
  readonly schemas: Schemas;
  readonly inventory: Inventory;
  readonly references: References;
  readonly quotas: QuotaCounter;
  /** AWS account id. */
  readonly account: string;
  readonly host?: { readonly cpus: number; readonly memoryBytes: number; readonly gpus?: number };
  /** What a Cloudflare zone has booked, where the program does not book it. */
  readonly cloudflarePlan?: CloudflarePlan;
  /** The folder of the Pulumi program. */
  readonly directory?: string;
  /** Absent where none can be lost. */
  readonly lost?: LostRegions;
}

export interface Subject {
  readonly urn: string;
  readonly token: string;
  readonly inputs: TreeObject;
  /** Its region, of an AWS thing that exists; otherwise the inputs or the provider tell. */
  readonly region?: string | undefined;
  readonly old?: Item | undefined;
  /** Whether what is only planned counts as there. */
  readonly planned?: boolean;
  readonly seed?: string;
}

/** Undefined while it is not yet known where the thing is going to be. */
export function sceneOf(cloud: Cloud, instance: Instance, subject: Subject): Scene | undefined {
  const region = subject.region ?? regionOf(subject, instance.config);
  if (region === undefined) return undefined;
  const { account, catalog } = cloud;
  const place = placeOf(subject.token, toProperties(instance.config), { account, region, catalog });
  if (place === undefined) return undefined;
  const plans = subject.planned === true ? instance.run.plans : undefined;
  return {
    token: subject.token,
    urn: subject.urn,
    place,
    account,
    region,
    provider: instance.config,
    inputs: subject.inputs,
    view: new View(cloud.inventory.shelf, plans, subject.urn, subject.old),
    seed: subject.seed ?? subject.old?.entry.seed ?? subject.urn,
    ...(subject.old === undefined ? {} : { old: subject.old }),
    ...(cloud.directory === undefined ? {} : { directory: cloud.directory }),
    ...(cloud.host === undefined || !place.startsWith("docker/") ? {} : { host: cloud.host }),
    ...(cloud.cloudflarePlan === undefined || !place.startsWith("cloudflare")
      ? {}
      : { cloudflarePlan: cloud.cloudflarePlan }),
    catalog,
  };
}

function regionOf({ token, inputs }: Subject, config: TreeObject): string | undefined {
  if (packageOf(token) !== "aws") return "";
  const own = textOf(inputs, "region");
  return own === "" ? textOf(config, "region") : own;
}

/** The region that an AWS thing says it is in. */
export function regionOfOutputs(token: string, outputs: TreeObject): string | undefined {
  const region = packageOf(token) === "aws" ? textOf(outputs, "region") : "";
  return region === "" ? undefined : region;
}

/** Why the provider cannot reach its cloud at all. */
export function unreachable(cloud: Cloud, { packageName, config }: Instance): string | undefined {
  if (packageName === "aws" && textOf(config, "region") === "") {
    return 'the aws provider has no region: give the provider a "region", e.g. "us-west-2"';
  }
  if (packageName !== "kubernetes") return undefined;
  const server = serverOf(toProperties(config));
  if (server === undefined) {
    return "configured Kubernetes cluster is unreachable: the provider's kubeconfig names no server, so give it one that does";
  }
  for (const _ of cloud.inventory.shelf.find(CLUSTER, EVERYWHERE, "endpoint", server)) return undefined;
  return `configured Kubernetes cluster is unreachable: no cluster has the endpoint ${server}, so point the provider's kubeconfig to one that exists`;
}

/** The thing of this URN that the engine knows, by its URN as long as it has not said the id. */
export function ownedBy(cloud: Cloud, urn: string, token: string): Item | undefined {
  return cloud.inventory.byUrn(urn).findLast((item) => item.token === token && item.broughtBy === undefined);
}

/** How a key that must be unique in a place is compared and written down: keys may hold what nobody should read. */
export function keyDigest(key: string | undefined): string | undefined {
  return key === undefined ? undefined : hexDigest(key, 32);
}

/** What is gone when a thing is gone, without a call of its own. */
export function takenAlong(cloud: Cloud, item: Item): readonly Item[] {
  const brought = cloud.inventory.broughtBy(item.id);
  if (item.token === CLUSTER) {
    const endpoint = item.properties["endpoint"];
    const inCluster = cloud.inventory.all().filter(({ place }) => place === clusterPlace(String(endpoint)));
    return [...brought, ...inCluster];
  }
  if (item.token !== "kubernetes:core/v1:Namespace") return brought;
  const inNamespace = cloud.inventory
    .all()
    .filter((other) => other.place === item.place && namespaceOf(other) === item.id);
  return [...brought, ...inNamespace];
}

function namespaceOf(item: Item): unknown {
  const metadata = item.properties["metadata"];
  return typeof metadata === "object" && metadata !== null && "namespace" in metadata ? metadata.namespace : undefined;
}

/** A stand-in for things that exist in the state only. */
export function statedItem(
  subject: Pick<Subject, "urn" | "token" | "inputs">,
  id: string,
  properties: TreeObject,
): Item {
  const { urn, token, inputs } = subject;
  return new Item({ token, id, urn, place: packageOf(token), inputs, properties, seed: id });
}
