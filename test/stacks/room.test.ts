import assert from "node:assert/strict";
import { expand, isUnexpanded } from "@groundwork/lib/expanders/expand";
import { allocatableOf } from "@groundwork/lib/instances";
import type { Allocatable } from "@groundwork/lib/instances";
import { parseMemory } from "@groundwork/lib/quantity";
import { effectiveRequests, hpaRange, podsOf } from "@groundwork/lib/pods";
import type { Pods } from "@groundwork/lib/pods";
import { before, describe, it } from "mocha";
import { CATALOG } from "../../components/cluster/addons/catalog.ts";
import { chooseAddons } from "../../components/cluster/addons/choose.ts";
import { cloudEnvironment } from "../../stacks/cloud.ts";
import { SYSTEMS } from "../../stacks/systems/index.ts";
import { inCloud } from "../../stacks/systems/scale.ts";
import { registered } from "../helpers/mocks.ts";
import type { Registered } from "../helpers/mocks.ts";
import { CLOUD_OUTPUTS, prod } from "./cloud-fixture.ts";

interface Amount {
  readonly cpu: number;
  readonly memory: number;
  readonly pods: number;
}

/** Pods of one kind: at their most, where something scales them. */
interface Kind {
  readonly id: string;
  readonly pods: Pods;
  /** Undefined: one on each node. */
  readonly most: number | undefined;
  readonly onGpus: boolean;
}

interface Written {
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly spec: Record<string, unknown>;
}

const GPU = "nvidia.com/gpu";

function requestsOf({ pods }: Kind): Amount {
  const { cpu = 0, memory = 0 } = effectiveRequests(pods);
  return { cpu, memory, pods: 1 };
}

function sum(amounts: readonly Amount[]): Amount {
  return amounts.reduce(
    (total, { cpu, memory, pods }) => ({
      cpu: total.cpu + cpu,
      memory: total.memory + memory,
      pods: total.pods + pods,
    }),
    { cpu: 0, memory: 0, pods: 0 },
  );
}

const times = ({ cpu, memory, pods }: Amount, count: number): Amount => ({
  cpu: cpu * count,
  memory: memory * count,
  pods: pods * count,
});

/** What a cluster holds, from its resources alone: `aws` those of the region's provider, `objects` those of the cluster's. */
class Room {
  readonly #objects: readonly Registered[];
  readonly #aws: readonly Registered[];

  constructor(resources: readonly Registered[], region: string) {
    const of = (provider: string) => resources.filter((each) => each.provider?.includes(`::${provider}::`) === true);
    this.#objects = of(`${region}-kubernetes`);
    this.#aws = of(`aws-${region}`);
  }

  #inputs(type: string): Readonly<Record<string, unknown>>[] {
    return [...this.#objects, ...this.#aws].filter((each) => each.type === type).map(({ inputs }) => inputs);
  }

  /** The upper end of whatever scales it: a HorizontalPodAutoscaler or KEDA. */
  #most(id: string): number | undefined {
    const ranges = this.#inputs("kubernetes:autoscaling/v2:HorizontalPodAutoscaler").flatMap((inputs) => {
      const range = hpaRange(inputs);
      return range === undefined ? [] : [[`${range.namespace}/${range.target.name}`, range.max] as const];
    });
    const queues = this.#inputs("kubernetes:keda.sh/v1alpha1:ScaledObject").map((inputs) => {
      const { metadata, spec } = inputs as unknown as Written;
      const target = (spec["scaleTargetRef"] as { name: string }).name;
      return [`${metadata.namespace ?? ""}/${target}`, Number(spec["maxReplicaCount"])] as const;
    });
    return new Map<string, number>([...ranges, ...queues]).get(id);
  }

  kinds(): readonly Kind[] {
    const own = this.#objects.flatMap(({ type, inputs }): Kind[] => {
      const pods = podsOf(type, inputs);
      if (pods === undefined) return [];
      const { metadata } = inputs as unknown as Written;
      return [this.#kind(`${metadata.namespace ?? ""}/${metadata.name}`, pods, JSON.stringify(inputs).includes(GPU))];
    });
    const hidden = [...this.#objects, ...this.#aws].flatMap(({ type, inputs }): Kind[] => {
      const expansion = expand(type, inputs);
      assert.ok(expansion === undefined || !isUnexpanded(expansion), type);
      return (expansion?.workloads ?? [])
        .filter(({ kind }) => kind !== "Job" && kind !== "CronJob")
        .map(({ namespace, name, pods, nodeSelector }) =>
          this.#kind(`${namespace}/${name}`, pods, nodeSelector?.[`${GPU}.present`] !== undefined),
        );
    });
    return [...own, ...hidden];
  }

  #kind(id: string, pods: Pods, onGpus: boolean): Kind {
    return { id, pods, onGpus, most: pods.replicas === undefined ? undefined : (this.#most(id) ?? pods.replicas) };
  }

  managed(): { readonly node: Allocatable; readonly max: number } {
    const [group] = this.#inputs("aws:eks/nodeGroup:NodeGroup") as unknown as {
      instanceTypes: [string];
      scalingConfig: { maxSize: number };
    }[];
    assert.ok(group);
    return { node: allocatableOf(group.instanceTypes[0]), max: group.scalingConfig.maxSize };
  }

  /** What Karpenter may launch for workloads, in machines as large as the pool's smallest: their own pods cost most there. */
  karpenter(): { readonly node: Allocatable; readonly max: number } {
    const pools = this.#inputs("kubernetes:karpenter.sh/v1:NodePool") as unknown as Written[];
    const pool = pools.find(({ metadata }) => metadata.name === "workloads")?.spec as {
      limits: { cpu: string; memory: string };
    };
    const smallest = { type: "m7i.xlarge", cpu: 4, gib: 16 };
    const gib = parseMemory(pool.limits.memory, "limits") / 2 ** 30;
    const max = Math.floor(Math.min(Number(pool.limits.cpu) / smallest.cpu, gib / smallest.gib));
    return { node: allocatableOf(smallest.type), max };
  }
}

describe("the nodes of a region", () => {
  let resources: readonly Registered[];
  const systems = Object.values(SYSTEMS).map(inCloud);

  before(async () => {
    const told = CATALOG.filter(({ name }) => name !== "external-dns" && name !== "external-secrets");
    const addons = chooseAddons(
      {},
      told.map(({ name }) => name),
    );
    resources = await registered(() => cloudEnvironment({ ...prod, systems, addons }), CLOUD_OUTPUTS);
  });

  for (const { name: region } of prod.regions) {
    describe(region, () => {
      let room: Room;
      let pods: readonly Kind[];
      before(() => {
        room = new Room(resources, region);
        pods = room.kinds().filter(({ onGpus }) => !onGpus);
      });

      /** What a node's own pods leave of it. */
      const left = (node: Allocatable): Amount => {
        const own = sum(pods.filter(({ most }) => most === undefined).map(requestsOf));
        return { cpu: node.cpu - own.cpu, memory: node.memory - own.memory, pods: node.pods - own.pods };
      };

      it("have all workloads of all five systems, all tiers and all add-ons among their pods", () => {
        const ids = pods.map(({ id }) => id);
        for (const { name, workloads } of systems)
          for (const { name: workload, gpu } of workloads)
            if (gpu === undefined) assert.ok(ids.includes(`${name}/${workload}`), `${name}/${workload}`);
        for (const part of ["finai-nexus-mongodb/", "tracks-rabbitmq/", "kube-system/karpenter", "monitoring/"])
          assert.ok(
            ids.some((id) => id.startsWith(part)),
            part,
          );
        assert.ok(pods.filter(({ most }) => most === undefined).length >= 5, "what runs on every node");
        const backend = pods.find(({ id }) => id === "finai-nexus/backend");
        assert.ok((backend?.most ?? 0) >= 20, "20 and more pods of finai's backend");
      });

      it("hold them all at their most, twice over with what Karpenter may add", () => {
        const most = sum(pods.flatMap((kind) => (kind.most === undefined ? [] : [times(requestsOf(kind), kind.most)])));
        const { managed, karpenter } = { managed: room.managed(), karpenter: room.karpenter() };
        const whole = sum([times(left(managed.node), managed.max), times(left(karpenter.node), karpenter.max)]);
        for (const key of ["cpu", "memory", "pods"] as const)
          assert.ok(2 * most[key] <= whole[key], `${key}: ${most[key]} of ${whole[key]}`);
        // scattered over nodes, each pod must find one with so much left
        const smallest = left(room.managed().node);
        for (const kind of pods)
          for (const key of ["cpu", "memory"] as const)
            assert.ok(requestsOf(kind)[key] <= smallest[key], `${kind.id} ${key}`);
      });
    });
  }
});
