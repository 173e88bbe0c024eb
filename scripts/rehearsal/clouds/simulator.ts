import type { CloudflarePlan } from "@groundwork/lib/cloudflare-plans";
import { Catalog } from "./catalog.ts";
import { checkPlanned } from "./checks.ts";
import { type Cloud, Run } from "./cloud.ts";
import type { Fault, Operation } from "./faults.ts";
import { Inventory, type Item } from "./inventory.ts";
import { Journal } from "./journal.ts";
import { coverage } from "./lifecycle.ts";
import { type Live, type LiveClusters, LiveLifecycle } from "./live.ts";
import { EngineLifecycle, type LiveEngine } from "./live-engine.ts";
import { lookUp } from "./look-up.ts";
import { Operations } from "./operations.ts";
import { promoteGlobalDatabase, promoteGlobalDatastore } from "./promotions.ts";
import { Provider } from "./provider.ts";
import { QuotaCounter, type QuotaLimits, type QuotaReport } from "./quotas.ts";
import { type Health, healthOf } from "./region-health.ts";
import { LostRegions } from "./regions-lost.ts";
import { References } from "./references.ts";
import { Schemas, packageOf } from "./schema.ts";
import type { Table } from "./table.ts";
import type { CheckFailure } from "./validate.ts";
import { fromPlainObject } from "./values.ts";

export { parseFault } from "./faults.ts";
export type { CheckFailure, Fault, Health, Item, Operation, QuotaReport };

export interface SimulatorOptions {
  /** The journal of what exists: JSON lines, appended before an answer is given, compacted at start. */
  readonly inventory: string;
  /** 32 bytes; every secret value in the journal is sealed with it (AES-256-GCM). */
  readonly sealingKey: Buffer;
  /** A folder whose node_modules holds the SDKs that the schemas are derived from. */
  readonly sdkRoot: string;
  /** A folder for derived schemas, which hold nothing of the stack. */
  readonly cache: string;
  /** AWS account id. Default: `123456789012`, the one of AWS's own examples. */
  readonly account?: string;
  /** Raised quotas, by region or `default`; a new account's otherwise. */
  readonly quotas?: QuotaLimits;
  /** Of the simulated Docker Engine. */
  readonly host?: { readonly cpus: number; readonly memoryBytes: number; readonly gpus?: number };
  /** What a Cloudflare zone has booked, where the program does not book it. Default: pro is assumed. */
  readonly cloudflarePlan?: CloudflarePlan;
  /** The folder of the Pulumi program, which paths in its inputs are relative to. Default: the working directory. */
  readonly directory?: string;
  readonly faults?: readonly Fault[];
  /** Kills the engine (SIGKILL): called where a `power` fault strikes. */
  readonly powerCut?: () => void;
  /** Default: all packages. */
  readonly tables?: readonly Table[];
  readonly onOperation?: (operation: Operation) => void;
  /** Real control planes behind the simulated clusters. Default: none, everything is simulated. */
  readonly live?: LiveClusters;
  /** A real Docker Engine behind the simulated docker and docker-build providers. Default: none. */
  readonly liveEngine?: LiveEngine;
}

export interface Simulator {
  /** The value of PULUMI_DEBUG_PROVIDERS for an engine that is to use it. */
  readonly debugProviders: string;
  /** What exists. */
  readonly inventory: CloudInventory;
  /** Changed properties of which no table says whether they replace. */
  readonly mayReplace: readonly { readonly urn: string; readonly path: string }[];
  /** Faults that nothing has met so far. */
  readonly unusedFaults: readonly Fault[];
  /** Mutating operations of this engine run so far. */
  readonly operations: number;
  /** An engine run starts: numbers count from 1 again, with these faults; without them those go on that have not struck. */
  resetOperations(faults?: readonly Fault[]): void;
  /** What earlier engines planned is forgotten: the next one may listen at the address of one that is gone. */
  forgetPlans(): void;
  /** All that needs no cloud, for objects of a cluster that does not exist yet; inputs as in the engine's events. */
  checkPlanned(urn: string, inputs: Readonly<Record<string, unknown>>): CheckFailure[];
  /**
   * What a create that was never confirmed has made: by its tag, else by its unique name.
   * @param known ids of this type in the state: during a replacement the old thing carries the same tag
   */
  lookUp(
    urn: string,
    token: string,
    inputs: Readonly<Record<string, unknown>>,
    known?: readonly string[],
  ): { id: string } | undefined;
  /** Output-only properties of a type that its table leaves out, for an example of inputs. */
  coverage(
    token: string,
    inputs: Readonly<Record<string, unknown>>,
    provider?: Readonly<Record<string, unknown>>,
  ): readonly string[];
  /** AWS regions that can be lost and come back. */
  readonly regions: CloudRegions;
  stop(): Promise<void>;
}

/** What a region that is lost leaves of the clouds, and what people do then by AWS's own commands. */
export interface CloudRegions {
  /** Nobody reaches the region's clusters, its things and the pools that lead there report unhealthy. */
  lose(region: string): void;
  giveBack(region: string): void;
  /** The lost ones. */
  readonly lost: readonly string[];
  health(): readonly Health[];
  /** Kubernetes objects that were dropped from the state while their cluster could not be reached. */
  readonly left: readonly Item[];
  /** `aws rds failover-global-cluster`. @returns why it is refused */
  promoteDatabase(globalCluster: string, region: string): string | undefined;
  /** `aws elasticache failover-global-replication-group`, by how the datastore's id ends. @returns why it is refused */
  promoteDatastore(ending: string, region: string): string | undefined;
}

export interface CloudInventory {
  /** Everything, what is retained included. */
  all(): readonly Item[];
  byId(token: string, id: string): readonly Item[];
  taggedWith(urnTagValue: string): readonly Item[];
  /** What stays by design though it was deleted. */
  retained(): readonly Item[];
  /** What a live rehearsal only simulates, because it cannot be had here. */
  leftOut(): readonly { readonly item: Item; readonly why: string }[];
  /** What is neither in the state nor brought along by something else. */
  orphans(state: Iterable<{ readonly type: string; readonly id?: string | undefined }>): readonly Item[];
  quotaUse(): readonly QuotaReport[];
}

const EXAMPLE_ACCOUNT = "123456789012";

/** How many engine runs are remembered: at most a few engines talk to one simulator at a time. */
const RUNS = 8;

/** Starts the providers of all packages in this process, each on a port of 127.0.0.1. */
export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const catalog = new Catalog(options.tables ?? (await allTables()));
  const inventory = new Inventory(new Journal(options.inventory, options.sealingKey));
  const references = new References(catalog);
  const quotas = new QuotaCounter(options.quotas ?? {});
  inventory.watch(references);
  inventory.watch(quotas);
  options.live?.attach(inventory);
  const lost = new LostRegions();
  const cloud: Cloud = {
    catalog,
    schemas: new Schemas(options.sdkRoot, options.cache),
    inventory,
    references,
    quotas,
    lost,
    account: options.account ?? EXAMPLE_ACCOUNT,
    ...(options.host === undefined ? {} : { host: options.host }),
    ...(options.cloudflarePlan === undefined ? {} : { cloudflarePlan: options.cloudflarePlan }),
    ...(options.directory === undefined ? {} : { directory: options.directory }),
  };
  const live: Readonly<Record<string, Live>> = {
    ...(options.live && { kubernetes: new LiveLifecycle(cloud, options.live) }),
    ...(options.liveEngine && behindDocker(new EngineLifecycle(cloud, options.liveEngine))),
  };
  const operations = new Operations(options.faults ?? [], options.powerCut, options.onOperation);
  const runs = new Runs();
  const mayReplace = new Map<string, { urn: string; path: string }>();
  const servers = await Promise.all(
    catalog.packages.flatMap((name) => {
      const version = cloud.schemas.version(name);
      if (version === undefined) return [];
      const backing = {
        cloud,
        operations,
        ...(live[name] !== undefined && { live: live[name] }),
        runOf: (address: string) => runs.of(address),
        mayReplace: (urn: string, paths: readonly string[]) => {
          for (const path of paths) mayReplace.set(`${urn}\n${path}`, { urn, path });
        },
      };
      return [new Provider(name, version, backing).listen().then((server) => ({ name, ...server }))];
    }),
  );
  return {
    debugProviders: servers.map(({ name, port }) => `${name}:${port}`).join(","),
    inventory: {
      all: () => inventory.all(),
      byId: (token, id) => inventory.byId(token, id),
      taggedWith: (tag) => inventory.taggedWith(tag),
      retained: () => inventory.retained(),
      leftOut: () =>
        inventory
          .all()
          .flatMap((item) => (item.entry.leftOut === undefined ? [] : [{ item, why: item.entry.leftOut }])),
      orphans: (state) => inventory.orphans(state),
      quotaUse: () => quotas.report(),
    },
    get mayReplace() {
      return [...mayReplace.values()];
    },
    get unusedFaults() {
      return operations.unusedFaults();
    },
    get operations() {
      return operations.count;
    },
    resetOperations: (faults) => {
      operations.reset(faults);
      runs.forget();
    },
    forgetPlans: () => runs.forget(),
    checkPlanned: (urn, inputs) => checkPlanned(cloud, urn, inputs),
    lookUp: (urn, token, inputs, known) => lookUp(cloud, urn, token, inputs, known ?? []),
    coverage: (token, inputs, provider) => {
      const config = fromPlainObject(provider ?? {});
      const instance = {
        packageName: packageOf(token),
        config,
        run: new Run(),
        cancelled: new Promise<void>(() => undefined),
      };
      return coverage(cloud, instance, token, fromPlainObject(inputs));
    },
    regions: {
      lose: (region) => lost.lose(region),
      giveBack: (region) => lost.giveBack(region),
      get lost() {
        return lost.names;
      },
      health: () => healthOf(cloud),
      get left() {
        return lost.left;
      },
      promoteDatabase: (globalCluster, region) => promoteGlobalDatabase(cloud, globalCluster, region),
      promoteDatastore: (ending, region) => promoteGlobalDatastore(cloud, ending, region),
    },
    stop: () => {
      for (const { close } of servers) close();
      inventory.close();
      return Promise.resolve();
    },
  };
}

/** One engine holds what is built and what runs. */
function behindDocker(engine: Live): Readonly<Record<string, Live>> {
  return { docker: engine, "docker-build": engine };
}

/** Engine runs by the address of the engine: each operation of each command has one of its own. */
class Runs {
  readonly #runs = new Map<string, Run>();

  of(address: string): Run {
    const known = this.#runs.get(address);
    if (known !== undefined) return known;
    const run = new Run();
    this.#runs.set(address, run);
    for (const oldest of this.#runs.keys()) {
      if (this.#runs.size > RUNS) this.#runs.delete(oldest);
    }
    return run;
  }

  forget(): void {
    this.#runs.clear();
  }
}

export async function allTables(): Promise<Table[]> {
  const modules = await Promise.all([
    import("./tables/aws/index.ts"),
    import("./tables/kubernetes.ts"),
    import("./tables/docker.ts"),
    import("./tables/docker-build.ts"),
    import("./tables/cloudflare.ts"),
    import("./tables/random.ts"),
    import("./tables/tls.ts"),
  ]);
  return modules.map(({ table }) => table);
}
