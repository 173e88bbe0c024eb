import { type Cloud, type Instance, PartialFailure, Refusal, type Subject, takenAlong } from "./cloud.ts";

import type { Inventory, Watcher } from "./inventory.ts";
import * as lifecycle from "./lifecycle.ts";
import type { Done, ReadRequest } from "./lifecycle.ts";
import { serverOf, textOf } from "./places.ts";
import type { Properties } from "./table.ts";
import type { CheckFailure } from "./validate.ts";
import {
  Secret,
  type Tree,
  type TreeObject,
  fromPlainObject,
  holdsUnknown,
  isEqual,
  isObject,
  secretTexts,
  taint,
  toProperties,
  unwrap,
  withoutSecrets,
} from "./values.ts";

/** An object as a real API server is asked about it: secrets in plain, nothing unknown. */
export interface LiveSubject {
  /** The endpoint of the simulated cluster that the provider's kubeconfig names. */
  readonly endpoint: string;
  readonly urn: string;
  readonly token: string;
  readonly inputs: Properties;
  /** The provider's own namespace, for objects that name none. */
  readonly defaultNamespace: string;
}

/** What became of an object. */
export interface LiveResult {
  /** As the API server returns it; absent for what has no object of its own there (a Helm release). */
  readonly properties?: Properties;
  /** Why it is there, but not ready. */
  readonly notReady?: string;
}

/** Real control planes behind the simulated clusters. All messages are the API server's, which quotes no secret. */
export interface LiveClusters extends Watcher {
  /** Called once, before anything else: what exists tells which clusters and nodes are to run. */
  attach(inventory: Inventory): void;
  /** Whether the cluster's control plane answers. False for a region that is lost. */
  isReachable(endpoint: string): boolean;
  /** What the server would refuse, tried without doing it. `isNew`: it is not there yet. */
  check(subject: LiveSubject, isNew: boolean): Promise<readonly CheckFailure[]>;
  /** Applies it and waits as the official provider does. @throws Error when the server refuses it */
  apply(subject: LiveSubject): Promise<LiveResult>;
  /** Undefined when it is gone. `inputs` are those given, with what has drifted in place. */
  read(subject: LiveSubject): Promise<{ readonly properties?: Properties; readonly inputs: Properties } | undefined>;
  /** Deletes it and waits until it is gone. */
  remove(subject: LiveSubject): Promise<void>;
  /** The simulated cloud has settled; what belongs to it (nodes, add-ons) follows. */
  settled(): Promise<void>;
}

/** What a provider asks where something real stands behind it. */
export interface Live {
  check(
    instance: Instance,
    subject: Pick<Subject, "urn" | "token" | "inputs">,
    olds: TreeObject | undefined,
  ): Promise<readonly CheckFailure[]>;
  create(instance: Instance, subject: Subject): Promise<Done>;
  update(instance: Instance, subject: Subject, id: string, old: TreeObject): Promise<Done>;
  remove(instance: Instance, subject: Subject, id: string, old: TreeObject): Promise<void>;
  /** Undefined when it is gone. */
  read(instance: Instance, request: ReadRequest): Promise<Done | undefined>;
}

/** The lifecycle of Kubernetes objects where a real control plane stands behind the simulated cluster. */
export class LiveLifecycle implements Live {
  readonly #cloud: Cloud;
  readonly #clusters: LiveClusters;

  constructor(cloud: Cloud, clusters: LiveClusters) {
    this.#cloud = cloud;
    this.#clusters = clusters;
  }

  async check(
    instance: Instance,
    subject: Pick<Subject, "urn" | "token" | "inputs">,
    olds: TreeObject | undefined,
  ): Promise<readonly CheckFailure[]> {
    if (holdsUnknown(subject.inputs)) return [];
    const live = liveSubject(instance, subject);
    // what was applied like this already is not tried again
    if (live === undefined || isEqual(olds, subject.inputs) || !this.#clusters.isReachable(live.endpoint)) return [];
    const failures = await this.#clusters.check(live, olds === undefined);
    return failures.map(({ path, reason }) => ({ path, reason: withoutSecrets(reason, subject.inputs) }));
  }

  async create(instance: Instance, subject: Subject): Promise<Done> {
    const live = this.#reachable(instance, subject);
    const done = lifecycle.create(this.#cloud, instance, subject);
    return this.#apply(live, subject, done, () => this.#forget(subject.urn, done.id));
  }

  async update(instance: Instance, subject: Subject, id: string, old: TreeObject): Promise<Done> {
    if (this.#isSkipped(instance, subject, "skipUpdateUnreachable"))
      return { id, properties: old, inputs: subject.inputs };
    const live = this.#reachable(instance, subject);
    const before = this.#cloud.inventory.byUrn(subject.urn).find((item) => item.id === id)?.entry;
    const done = lifecycle.update(this.#cloud, instance, subject, id, old);
    return this.#apply(live, subject, done, () => {
      if (before !== undefined) this.#cloud.inventory.commit({ put: [before] });
    });
  }

  async remove(instance: Instance, subject: Subject, id: string, old: TreeObject): Promise<void> {
    const skipped = this.#isSkipped(instance, subject, "deleteUnreachable");
    const live = skipped ? undefined : this.#reachable(instance, subject);
    lifecycle.remove(this.#cloud, instance, subject, id, old);
    if (live !== undefined) await this.#told(subject, () => this.#clusters.remove(live));
  }

  async read(instance: Instance, request: ReadRequest): Promise<Done | undefined> {
    const subject = { urn: request.urn, token: request.token, inputs: request.inputs };
    if (this.#isSkipped(instance, subject, "deleteUnreachable")) return undefined;
    if (this.#isSkipped(instance, subject, "skipUpdateUnreachable")) {
      return { id: request.id, properties: request.properties, inputs: request.inputs };
    }
    const done = lifecycle.read(this.#cloud, instance, request);
    if (done === undefined) return undefined;
    const live = this.#reachable(instance, { ...subject, inputs: done.inputs });
    const found = await this.#told(subject, () => this.#clusters.read(live));
    if (found === undefined) {
      // somebody else has deleted it: the simulated cluster knew nothing of that
      this.#forget(subject.urn, done.id);
      return undefined;
    }
    const inputs = drifted(done.inputs, found.inputs);
    return { id: done.id, inputs, properties: this.#protected(request.token, found.properties, done) };
  }

  async #apply(live: LiveSubject, subject: Subject, done: Done, undo: () => void): Promise<Done> {
    let result: LiveResult;
    try {
      result = await this.#clusters.apply(live);
    } catch (error) {
      undo();
      throw refusal(error, subject);
    }
    const properties = this.#protected(subject.token, result.properties, done);
    const { notReady } = result;
    if (notReady !== undefined) {
      throw new PartialFailure(withoutSecrets(notReady, subject.inputs), done.id, properties, subject.inputs);
    }
    return { ...done, properties };
  }

  #forget(urn: string, id: string): void {
    const { inventory } = this.#cloud;
    const items = inventory.byUrn(urn).filter((item) => item.id === id);
    const gone = items.flatMap((item) => [item, ...takenAlong(this.#cloud, item)]);
    inventory.commit({ gone: gone.map((item) => [item.place, item.token, item.id] as const) });
  }

  async #told<T>(subject: Pick<Subject, "inputs">, perform: () => Promise<T>): Promise<T> {
    try {
      return await perform();
    } catch (error) {
      throw refusal(error, subject);
    }
  }

  /** Secret where an input was, or where the kind as such is: base64 hides no secret, but from a search. */
  #protected(token: string, properties: Properties | undefined, { inputs, properties: simulated }: Done): TreeObject {
    if (properties === undefined) return simulated;
    const tree = taint(fromPlainObject(properties), secretTexts(inputs)) as TreeObject;
    const names = [
      ...(this.#cloud.catalog.type(token)?.secrets ?? []),
      ...(this.#cloud.schemas.resource(token)?.secrets ?? []),
    ].filter((name) => tree[name] !== undefined && !(tree[name] instanceof Secret));
    return { ...tree, ...Object.fromEntries(names.map((name) => [name, new Secret(tree[name] ?? null)])) };
  }

  #reachable(instance: Instance, subject: Pick<Subject, "urn" | "token" | "inputs">): LiveSubject {
    const live = liveSubject(instance, subject);
    if (live === undefined || !this.#clusters.isReachable(live.endpoint)) {
      throw new Refusal(
        `configured Kubernetes cluster is unreachable: ${live?.endpoint ?? "the kubeconfig's server"} does not answer; ` +
          "when its region is lost, set skipUpdateUnreachable or deleteUnreachable of its provider",
      );
    }
    return live;
  }

  /** https://www.pulumi.com/registry/packages/kubernetes/api-docs/provider/#inputs */
  #isSkipped(
    instance: Instance,
    subject: Pick<Subject, "urn" | "token" | "inputs">,
    option: "skipUpdateUnreachable" | "deleteUnreachable",
  ): boolean {
    const live = liveSubject(instance, subject);
    if (live !== undefined && this.#clusters.isReachable(live.endpoint)) return false;
    return unwrap(instance.config[option]) === true;
  }
}

function liveSubject(
  instance: Instance,
  { urn, token, inputs }: Pick<Subject, "urn" | "token" | "inputs">,
): LiveSubject | undefined {
  const endpoint = holdsUnknown(instance.config) ? undefined : serverOf(toProperties(instance.config));
  if (endpoint === undefined) return undefined;
  const defaultNamespace = textOf(instance.config, "namespace") || "default";
  return { endpoint, urn, token, inputs: toProperties(inputs), defaultNamespace };
}

function refusal(error: unknown, { inputs }: Pick<Subject, "inputs">): Refusal {
  if (!(error instanceof Error)) return new Refusal(String(error));
  return new Refusal(withoutSecrets(error.message, inputs));
}

/** The given inputs where nothing has drifted, so that what is secret there stays so. */
export function drifted(given: Tree, found: unknown): TreeObject {
  return merged(given, fromPlainObject({ value: found })["value"] ?? null) as TreeObject;
}

function merged(given: Tree, found: Tree): Tree {
  if (isEqual(given, found)) return given;
  if (given instanceof Secret) return new Secret(merged(given.value, found));
  if (!isObject(given) || !isObject(found)) return found;
  return Object.fromEntries(Object.entries(found).map(([key, value]) => [key, merged(given[key] ?? null, value)]));
}
