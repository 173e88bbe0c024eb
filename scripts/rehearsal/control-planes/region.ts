import { setTimeout as sleep } from "node:timers/promises";
import { MANAGED_ADDON, expand, isUnexpanded } from "@groundwork/lib/expanders/expand";
import { Activity, Api } from "./api.ts";
import { actForArgo } from "./argo-rollouts.ts";
import type { ControlPlane } from "./control-plane.ts";
import { offerGpus } from "./gpus.ts";
import { applyHidden, removeHidden } from "./hidden.ts";
import type { Load } from "./loads.ts";
import { MetricsSource } from "./metrics.ts";
import { type WantedNode, nodeObject, reconcileNodes } from "./nodes.ts";
import { provisionNodes } from "./pools.ts";
import { actForAws } from "./substitutes.ts";

/** What the simulated cloud says of a cluster. */
export interface Wanted {
  readonly nodes: readonly WantedNode[];
  /** Zones of the nodes' subnets, in which Karpenter may make more. */
  readonly zones: readonly string[];
  /** Whether something that serves the metrics API is installed: autoscalers read nothing without. */
  readonly hasMetrics: boolean;
  /** Whether something that tells nodes of their GPUs is installed: no pod gets one without. */
  readonly hasGpus: boolean;
  /** Whether KEDA is installed, which answers for external metrics. */
  readonly hasKeda: boolean;
  /** EKS managed add-ons, by URN. */
  readonly addons: ReadonlyMap<string, Readonly<Record<string, unknown>>>;
}

const ROUND_MS = 1_000;

/** One simulated cluster with the real control plane behind it, kept as the simulated cloud says. */
export class Region {
  /** The AWS region. */
  readonly name: string;
  readonly plane: ControlPlane;
  /** Kinds declared without a schema. */
  readonly permissive = new Set<string>();
  /** What went another way than in a real cluster, or is not known: one sentence each. */
  readonly notes = new Set<string>();
  /** Nodes that a node pool got because pods were pending. */
  provisioned = 0;
  /** By `namespace/workload`: what its pods use, when it is not the default share. */
  readonly loads = new Map<string, Load>();
  readonly #activity: Activity;
  #api: Api | undefined;
  #wanted: Wanted = { nodes: [], zones: [], hasMetrics: false, hasGpus: false, hasKeda: false, addons: new Map() };
  #work: Promise<void>;
  #metrics: MetricsSource | undefined;
  /** Those applied, with their inputs as text. */
  readonly #addons = new Map<string, string>();
  #isLost = false;

  constructor(name: string, plane: ControlPlane, activity = new Activity()) {
    this.name = name;
    this.plane = plane;
    this.#activity = activity;
    this.#work = this.#start();
    // whoever needs it hears of the failure; nobody may need it
    this.#work.catch(() => undefined);
  }

  get isLost(): boolean {
    return this.#isLost;
  }

  /** The cluster's API, once it answers. @throws Error when the control plane does not start */
  async api(): Promise<Api> {
    if (this.#api === undefined) await this.#work;
    if (this.#api === undefined) throw new Error(`the control plane of ${this.name} is stopped`);
    return this.#api;
  }

  /** The simulated cloud has changed: nodes, metrics and add-ons follow, one change after the other. */
  follow(wanted: Wanted): void {
    this.#wanted = wanted;
    this.#then(() => this.#reconcile());
  }

  /** Everything that was asked for so far is done. */
  async settled(): Promise<void> {
    await this.#work;
  }

  /** The region is lost: its control plane is gone at once, and so are answers to whoever asks. */
  async lose(): Promise<void> {
    this.#isLost = true;
    await this.#stop();
  }

  /** The region is back, with everything that it knew. */
  async recover(): Promise<void> {
    this.#isLost = false;
    this.#then(() => this.#start());
    this.#then(() => this.#reconcile());
    await this.#work;
  }

  async stop(): Promise<void> {
    await this.#work.catch(() => undefined);
    await this.#stop();
  }

  async remove(): Promise<void> {
    await this.stop();
    await this.plane.remove();
  }

  async #start(): Promise<void> {
    await this.plane.start();
    this.#api = new Api(this.plane.client, this.#activity);
    void this.#rounds(this.#api);
  }

  async #stop(): Promise<void> {
    this.#api = undefined;
    this.#metrics?.stop();
    this.#metrics = undefined;
    await this.plane.stop();
  }

  #then(perform: () => Promise<void>): void {
    this.#work = this.#work.then(async () => {
      if (this.#isLost) return;
      await perform().catch((error: unknown) => {
        if (!this.#isLost) this.notes.add(`${this.name}: ${error instanceof Error ? error.message : String(error)}`);
      });
    });
    this.#work.catch(() => undefined);
  }

  async #reconcile(): Promise<void> {
    const { nodes, addons } = this.#wanted;
    const api = await this.api();
    for (const { instanceType, owner } of nodes.filter((node) => nodeObject(node) === undefined)) {
      this.notes.add(
        `${this.name}: what ${instanceType} leaves to pods is not known (lib/instances.ts), so ${owner.kind} ${owner.name} has no such node`,
      );
    }
    await reconcileNodes(api.client, "node group", nodes);
    await this.#serveMetrics(api);
    for (const urn of this.#addons.keys()) if (!addons.has(urn)) await this.#removeAddon(api, urn);
    for (const [urn, inputs] of addons) await this.#applyAddon(api, urn, inputs);
  }

  async #serveMetrics({ client }: Api): Promise<void> {
    const { hasMetrics, hasKeda } = this.#wanted;
    if (!hasMetrics && !hasKeda) return;
    this.#metrics ??= await MetricsSource.start(client, this.plane.pki, this.loads);
    if (hasMetrics) await this.#metrics.serve("metrics.k8s.io");
    if (hasKeda) await this.#metrics.serve("external.metrics.k8s.io");
  }

  async #applyAddon(api: Api, urn: string, inputs: Readonly<Record<string, unknown>>): Promise<void> {
    const written = JSON.stringify(inputs);
    if (this.#addons.get(urn) === written) return;
    const expansion = expand(MANAGED_ADDON, inputs);
    if (expansion === undefined) return;
    if (isUnexpanded(expansion)) this.notes.add(`${this.name}: ${expansion.unknown}`);
    else await applyHidden(api, urn, expansion, false);
    this.#addons.set(urn, written);
  }

  async #removeAddon(api: Api, urn: string): Promise<void> {
    await removeHidden(api, urn);
    this.#addons.delete(urn);
  }

  /** What other controllers of a real cluster do again and again. */
  async #rounds(api: Api): Promise<void> {
    while (this.#api === api) {
      try {
        await actForAws(api.client, this.name);
        await actForArgo(api.client);
        if (this.#wanted.hasGpus) await offerGpus(api.client);
        this.provisioned += (await provisionNodes(api.client, this.name, this.#wanted.zones)).length;
      } catch (error) {
        // the API server is being stopped, or too busy: the next round sees to it
        if (this.#api === api && !(error instanceof Error && error.name === "ApiError")) throw error;
      }
      await sleep(ROUND_MS, undefined, { ref: false });
    }
  }
}
