import assert from "node:assert/strict";
import { isAllowed } from "@groundwork/lib/reachability";
import type { NetworkPolicy, PodGroup, Side } from "@groundwork/lib/reachability";
import { before, describe, it } from "mocha";
import { chooseAddons } from "../../components/cluster/addons/choose.ts";
import { cloudEnvironment } from "../../stacks/cloud.ts";
import { neededAddons } from "../../stacks/systems/addons.ts";
import { SYSTEMS } from "../../stacks/systems/index.ts";
import { inCloud } from "../../stacks/systems/scale.ts";
import { registered } from "../helpers/mocks.ts";
import type { Registered } from "../helpers/mocks.ts";
import { CLOUD_OUTPUTS, prod, west } from "./cloud-fixture.ts";

const systems = Object.values(SYSTEMS).map(inCloud);
const REGION = west.name;

interface KubernetesObject {
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly spec: Record<string, unknown>;
}

describe("all five systems in one region", () => {
  let resources: readonly Registered[];
  const here = (kind: string) =>
    resources.filter(({ type, provider }) => type.endsWith(`:${kind}`) && provider?.includes(REGION) === true);
  const objects = (kind: string) => here(kind).map(({ inputs }) => inputs as unknown as KubernetesObject);
  const named = (kind: string, namespace: string, name: string): KubernetesObject => {
    const found = objects(kind).find(({ metadata }) => metadata.namespace === namespace && metadata.name === name);
    return found ?? assert.fail(`no ${kind} ${namespace}/${name}`);
  };

  before(async () => {
    const config = {
      ...prod,
      systems,
      addons: chooseAddons({}, neededAddons(systems, { backups: true, gateway: false, kong: false, mesh: false })),
    };
    resources = await registered(() => cloudEnvironment(config), CLOUD_OUTPUTS);
  });

  it("give each workload an account, a disruption budget, probes, limits and somebody who watches it", () => {
    const workloads = systems.flatMap(({ name, workloads: all }) => all.map((spec) => [name, spec.name] as const));
    for (const [namespace, name] of workloads) {
      const kind = namespace === "tracks" && name === "rest-api" ? "Rollout" : "Deployment";
      const { template } = named(kind, namespace, name).spec as { template: { spec: Record<string, unknown> } };
      const [container] = template.spec["containers"] as [Record<string, unknown>];
      for (const probe of ["startupProbe", "livenessProbe", "readinessProbe"]) assert.ok(container[probe], probe);
      for (const other of ["ServiceAccount", "PodDisruptionBudget", "ServiceMonitor", "Service"])
        named(other, namespace, name);
    }
    assert.equal(workloads.length, 14);
  });

  it("release and scale tracks by its own means, and put sophia's inference on a GPU", () => {
    const { spec: release } = named("Rollout", "tracks", "rest-api");
    assert.ok("blueGreen" in (release["strategy"] as object));
    const { spec: scaling } = named("ScaledObject", "tracks", "data-transformer");
    assert.deepEqual([scaling["minReplicaCount"], scaling["maxReplicaCount"]], [4, 8]);
    assert.match(JSON.stringify(named("Deployment", "sophia", "inference").spec), /"nvidia\.com\/gpu":"1"/);
    assert.equal(named("NodePool", undefined as unknown as string, "gpu").metadata.name, "gpu");
  });

  describe("may reach", () => {
    let policies: readonly NetworkPolicy[];
    before(() => {
      policies = objects("NetworkPolicy");
    });

    const pod = (namespace: string, name: string): PodGroup => ({
      namespace,
      labels: { "app.kubernetes.io/name": name },
    });
    const broker: PodGroup = pod("tracks-rabbitmq", "rabbitmq");
    const cases: readonly (readonly [what: string, from: Side, to: Side, port: number, isOpen: boolean])[] = [
      ["tracks' scraper its queue", pod("tracks", "scraper"), broker, 5672, true],
      ["tracks' API the queue", pod("tracks", "rest-api"), broker, 5672, false],
      ["another system the queue", pod("flowx", "worker"), broker, 5672, false],
      ["KEDA the queue", pod("keda", "keda-operator"), broker, 5672, true],
      ["Prometheus a backend", pod("monitoring", "prometheus"), pod("finai-nexus", "backend"), 8000, true],
      ["Grafana a backend", pod("monitoring", "grafana"), pod("finai-nexus", "backend"), 8000, false],
      ["Prometheus a worker", pod("monitoring", "prometheus"), pod("flowx", "worker"), 8000, true],
      ["a backend its database", pod("finai-nexus", "backend"), { address: "10.0.160.10" }, 5432, true],
      ["a frontend the database", pod("finai-nexus", "frontend"), { address: "10.0.160.10" }, 5432, false],
      ["a backend the internet", pod("finai-nexus", "backend"), { address: "93.184.216.34" }, 443, false],
      ["a balancer a backend", { address: "10.0.128.10" }, pod("finai-nexus", "backend"), 8000, true],
      ["a balancer a worker", { address: "10.0.128.10" }, pod("flowx", "worker"), 8000, false],
      ["one system another", pod("sophia", "chat"), pod("flowx", "orchestrator"), 3000, false],
      ["a workload the one that it calls", pod("sophia", "chat"), pod("sophia", "inference"), 8000, true],
    ];
    for (const [what, from, to, port, isOpen] of cases)
      it(`${isOpen ? "" : "not: "}${what}`, () => assert.equal(isAllowed(policies, { from, to, port }), isOpen));
  });
});
