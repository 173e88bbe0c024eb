import { createHash } from "node:crypto";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { MANAGED_ADDON, RELEASE, expand, isUnexpanded } from "@groundwork/lib/expanders/expand";
import type { LiveReport } from "@groundwork/lib/rehearsal-report";
import type { Inventory, Item } from "../clouds/inventory.ts";
import type { LiveClusters, LiveResult, LiveSubject } from "../clouds/live.ts";
import { CLUSTER, clusterPlace } from "../clouds/places.ts";
import { EVERYWHERE } from "../clouds/shelf.ts";
import type { CheckFailure } from "../clouds/validate.ts";
import { kindOf } from "../clouds/tables/kubernetes/token.ts";
import { plain, text } from "../clouds/tables/values.ts";
import { Activity, type Api, named } from "./api.ts";
import type { Binaries } from "./build.ts";
import { ApiError, type KubernetesObject } from "./client.ts";
import { ControlPlane } from "./control-plane.ts";
import { chartOf, declareKinds, kindsOf, letGo } from "./custom-kinds.ts";
import { withDrift } from "./drift.ts";
import { bringsGpus } from "./gpus.ts";
import { applyHidden, applyOwned, removeHidden } from "./hidden.ts";
import { SCALED_OBJECT, autoscalerFor, bringsKeda } from "./keda.ts";
import { NODE_GROUP, wantedNodes, zonesOf } from "./node-groups.ts";
import { failuresOf } from "./refusals.ts";
import { Region } from "./region.ts";
import { problemsOf, reportOf } from "./report.ts";
import { awaitGone, awaitReady } from "./rollout.ts";

/** What in the simulated cloud decides what runs in a cluster. */
const WATCHED = [CLUSTER, NODE_GROUP, MANAGED_ADDON, RELEASE];
const METRICS_SERVER = "metrics-server";

/** The real control planes behind the simulated EKS clusters, one each. */
export class ControlPlanes implements LiveClusters {
  readonly #folder: string;
  readonly #binaries: Binaries;
  readonly #progress: (line: string) => void;
  /** By endpoint of the simulated cluster. */
  readonly #regions = new Map<string, Region>();
  readonly #removals = new Set<Promise<void>>();
  readonly #refused = new Map<string, string>();
  readonly #applied = new Set<string>();
  readonly #activity = new Activity();
  #inventory: Inventory | undefined;
  #isScheduled = false;

  /** @param folder the session's own; what an earlier session left there goes on */
  constructor(folder: string, binaries: Binaries, progress: (line: string) => void) {
    this.#folder = folder;
    this.#binaries = binaries;
    this.#progress = progress;
  }

  attach(inventory: Inventory): void {
    this.#inventory = inventory;
    inventory.watch(this);
  }

  added(item: Item): void {
    this.#activity.seen();
    this.#changed(item);
  }

  removed(item: Item): void {
    this.#activity.seen();
    this.#changed(item);
  }

  isReachable(endpoint: string): boolean {
    return this.#regions.get(endpoint)?.isLost === false;
  }

  /** The clusters of an AWS region, for who loses or loads it. */
  inRegion(name: string): readonly Region[] {
    return [...this.#regions.values()].filter((region) => region.name === name);
  }

  get regions(): readonly Region[] {
    return [...this.#regions.values()];
  }

  async check(subject: LiveSubject, isNew: boolean): Promise<readonly CheckFailure[]> {
    if (subject.token === RELEASE) return [];
    const region = this.#regionOf(subject);
    const api = await region.api();
    const object = await this.#tryObject(api, subject);
    if (object === undefined) return [];
    try {
      await api.apply(object, { dryRun: true });
      return [];
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      return isForLater(error, isNew)
        ? await this.#checkElsewhere(api, object, error, region)
        : failuresOf(error, object, region.name);
    }
  }

  async apply(subject: LiveSubject): Promise<LiveResult> {
    const region = this.#regionOf(subject);
    const api = await region.api();
    try {
      const result =
        subject.token === RELEASE
          ? await this.#release(region, api, subject)
          : await this.#object(region, api, subject);
      this.#applied.add(subject.urn);
      this.#activity.seen();
      return result;
    } catch (error) {
      throw this.#remember(region, subject, error);
    }
  }

  async read(subject: LiveSubject): ReturnType<LiveClusters["read"]> {
    if (subject.token === RELEASE) return { inputs: subject.inputs };
    const api = await this.#regionOf(subject).api();
    const object = await this.#tryObject(api, subject);
    const found = object === undefined ? undefined : await api.find(object);
    if (found === undefined) return undefined;
    return { properties: withoutManagers(found), inputs: withDrift(subject.inputs, found) };
  }

  async remove(subject: LiveSubject): Promise<void> {
    const api = await this.#regionOf(subject).api();
    if (mayHide(subject)) await removeHidden(api, subject.urn);
    const object = subject.token === RELEASE ? undefined : await this.#tryObject(api, subject);
    if (object !== undefined) {
      if (this.#isLookedAfter(subject)) await letGo(api, object);
      await awaitGone(api, object);
    }
    this.#applied.delete(subject.urn);
    this.#activity.seen();
  }

  /** Whether the controller of a custom kind is still installed, which alone takes its finalizers away. */
  #isLookedAfter({ token, endpoint }: LiveSubject): boolean {
    const { group = "", kind = "" } = kindOf(token) ?? {};
    const chart = chartOf(group, kind);
    return chart !== undefined && this.#chartsIn(endpoint).some((name) => name.split("/").at(-1) === chart);
  }

  #chartsIn(endpoint: string): readonly string[] {
    const releases = this.#inventory?.shelf.list(RELEASE, clusterPlace(endpoint)) ?? [];
    return releases.map(({ inputs }) => text(inputs["chart"]));
  }

  async settled(): Promise<void> {
    await Promise.all([...this.regions.map((region) => region.settled()), ...this.#removals]);
  }

  /** What should be so after an update and is not, in one sentence each. Gives controllers the time that they need. */
  problems(): Promise<readonly string[]> {
    return problemsOf(this.regions);
  }

  report(): Promise<LiveReport> {
    return reportOf(this.regions, this.#applied.size, this.#refused);
  }

  /** Ends all control planes; what they know stays for the next session. */
  async stop(): Promise<void> {
    await Promise.all([...this.regions.map((region) => region.stop()), ...this.#removals]);
  }

  /** Ends them and forgets everything. */
  async forget(): Promise<void> {
    await this.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #regionOf({ endpoint }: LiveSubject): Region {
    const region = this.#regions.get(endpoint);
    if (region === undefined)
      throw new Error(`configured Kubernetes cluster is unreachable: no cluster has the endpoint ${endpoint}`);
    return region;
  }

  /** Things come and go in one transaction together; the sum counts. */
  #changed({ token }: Item): void {
    if (!WATCHED.includes(token) || this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#reconcile();
    });
  }

  #reconcile(): void {
    if (this.#inventory === undefined) return;
    const { shelf } = this.#inventory;
    const clusters = new Map(shelf.list(CLUSTER, EVERYWHERE).map((item) => [text(item.properties["endpoint"]), item]));
    for (const [endpoint, region] of this.#regions) {
      if (clusters.has(endpoint)) continue;
      this.#regions.delete(endpoint);
      const removal = region.remove().finally(() => this.#removals.delete(removal));
      this.#removals.add(removal);
    }
    for (const [endpoint, item] of clusters) {
      const region = this.#regions.get(endpoint) ?? this.#open(endpoint, item as Item);
      const own = shelf
        .list(MANAGED_ADDON, item.place)
        .filter(({ properties }) => properties["clusterName"] === item.properties["name"]);
      const charts = this.#chartsIn(endpoint);
      region.follow({
        nodes: wantedNodes(shelf, item, region.name),
        zones: zonesOf(shelf, item),
        hasMetrics:
          own.some(({ properties }) => properties["addonName"] === METRICS_SERVER) ||
          charts.some((chart) => chart.split("/").at(-1) === METRICS_SERVER),
        hasGpus: charts.some(bringsGpus),
        hasKeda: charts.some(bringsKeda),
        addons: new Map(own.map(({ urn, inputs }) => [urn, inputs])),
      });
    }
  }

  #open(endpoint: string, cluster: Item): Region {
    const name = cluster.place.split("/").at(-1) ?? "";
    const digest = createHash("sha256").update(endpoint).digest("hex").slice(0, 8);
    const serviceCidr = text(plain(cluster.properties["kubernetesNetworkConfig"])["serviceIpv4Cidr"]);
    const plane = new ControlPlane({
      name,
      folder: join(this.#folder, `${name}-${digest}`),
      binaries: this.#binaries,
      ...(serviceCidr !== "" && { serviceCidr }),
    });
    const region = new Region(name, plane, this.#activity);
    this.#regions.set(endpoint, region);
    region.api().then(
      () =>
        this.#progress(
          `control plane of ${name}: Kubernetes ${plane.version}, ready after ${plane.startSeconds.toFixed(1)} s`,
        ),
      () => undefined, // told by whoever needs it
    );
    return region;
  }

  /** The object as it is sent; undefined for a kind that the cluster does not know. */
  async #tryObject(api: Api, subject: LiveSubject): Promise<KubernetesObject | undefined> {
    try {
      return await objectOf(api, subject);
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return undefined;
      throw error;
    }
  }

  /** Its namespace is not there yet: what can be told without is told in one that is always there. */
  async #checkElsewhere(
    api: Api,
    object: KubernetesObject,
    error: ApiError,
    region: Region,
  ): Promise<readonly CheckFailure[]> {
    if (error.status !== 404) return [];
    try {
      await api.apply({ ...object, metadata: { ...object.metadata, namespace: "default" } }, { dryRun: true });
      return [];
    } catch (other) {
      if (!(other instanceof ApiError) || other.status === 403 || other.status === 404) return [];
      return failuresOf(other, object, region.name);
    }
  }

  async #object(region: Region, api: Api, subject: LiveSubject): Promise<LiveResult> {
    const object = await objectOf(api, subject);
    const applied = await api.apply(object);
    const rollout = await awaitReady(api, applied);
    const properties = withoutManagers(rollout.object);
    const hidden = expand(subject.token, subject.inputs);
    if (hidden !== undefined && isUnexpanded(hidden)) region.notes.add(hidden.unknown);
    else if (hidden !== undefined) await applyHidden(api, subject.urn, hidden, false);
    if (subject.token === SCALED_OBJECT) await applyOwned(api, subject.urn, autoscalerFor(object));
    return rollout.notReady === undefined ? { properties } : { properties, notReady: rollout.notReady };
  }

  async #release(region: Region, api: Api, subject: LiveSubject): Promise<LiveResult> {
    const { inputs, urn } = subject;
    const namespace = text(inputs["namespace"]) || "default";
    if (inputs["createNamespace"] === true) {
      await api.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } });
    }
    if (inputs["skipCrds"] !== true) {
      for (const name of await declareKinds(api, kindsOf(text(inputs["chart"])))) region.permissive.add(name);
    }
    const expansion = expand(RELEASE, inputs);
    if (expansion === undefined) return {};
    if (isUnexpanded(expansion)) {
      region.notes.add(expansion.unknown);
      return {};
    }
    const notReady = await applyHidden(api, urn, expansion, inputs["skipAwait"] !== true);
    return notReady === undefined ? {} : { notReady: `release ${text(inputs["name"])}: ${notReady}` };
  }

  #remember(region: Region, subject: LiveSubject, error: unknown): Error {
    if (!(error instanceof ApiError)) return error instanceof Error ? error : new Error(String(error));
    const { token, inputs, defaultNamespace } = subject;
    const { name, namespace } = plain(inputs["metadata"]);
    const kind = kindOf(token)?.kind ?? token;
    const object = { kind, metadata: { name: text(name), namespace: text(namespace) || defaultNamespace } };
    const reason = `the API server of ${region.name} refuses ${named(object)}: ${error.message}`;
    this.#refused.set(subject.urn, reason);
    return new Error(reason, { cause: error });
  }
}

/** Kinds that may have made what the program does not name: releases and whatever an add-on has declared. */
function mayHide({ token, inputs }: LiveSubject): boolean {
  return token === SCALED_OBJECT || expand(token, inputs) !== undefined;
}

/** What only the order of creation decides, or a replacement: the object itself is tried when it is its turn. */
function isForLater({ status, message, reason }: ApiError, isNew: boolean): boolean {
  if (status === 404 || status === 0 || status === 429 || status === 504) return true;
  if (status === 403 && /not found/i.test(message)) return true;
  return !isNew && reason === "Invalid" && /immutable|may not change|updates to .* are forbidden/i.test(message);
}

async function objectOf(api: Api, { token, inputs, defaultNamespace }: LiveSubject): Promise<KubernetesObject> {
  const { group = "", version = "", kind = "" } = kindOf(token) ?? {};
  const apiVersion = group === "core" ? version : `${group}/${version}`;
  const { namespaced } = await api.kind(apiVersion, kind);
  const { namespace, ...metadata } = plain(inputs["metadata"]);
  const own = Object.fromEntries(Object.entries(inputs).filter(([name]) => !name.startsWith("__")));
  return {
    ...own,
    apiVersion,
    kind,
    metadata: {
      ...metadata,
      name: text(metadata["name"]),
      ...(namespaced && { namespace: text(namespace) || defaultNamespace }),
    },
  };
}

function withoutManagers(object: KubernetesObject): Readonly<Record<string, unknown>> {
  const { managedFields: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}
