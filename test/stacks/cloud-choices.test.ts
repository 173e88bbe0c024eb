import assert from "node:assert/strict";
import { describe, it } from "mocha";
import type { AddonToggles } from "../../components/cluster/addons/choose.ts";
import { addonsOf } from "../../stacks/config/addon-checks.ts";
import { SYSTEMS } from "../../stacks/systems/index.ts";
import { workloadsIn } from "../../stacks/systems/regional.ts";
import { customised, inCloud, leastReplicas, onDocker } from "../../stacks/systems/scale.ts";
import type { WorkloadOverride } from "../../stacks/systems/scale.ts";
import { sophia } from "../../stacks/systems/sophia.ts";
import type { System } from "../../stacks/systems/system.ts";
import { tracks } from "../../stacks/systems/tracks.ts";
import { assertBadInput } from "../helpers/bad-input.ts";

const everySystem = Object.values(SYSTEMS);

const planned = (system: System, overrides: Readonly<Record<string, WorkloadOverride>>, name: string) => {
  const workloads = workloadsIn("primary", customised(inCloud(system), overrides, {}), system);
  return workloads.find(({ spec }) => spec.name === name) ?? assert.fail(name);
};

describe("replicas that a stack asks for in the cloud", () => {
  it("are the least of a range that a queue drives", () => {
    const range = (replicas: number | undefined) => {
      const { queue } = planned(
        tracks,
        replicas === undefined ? {} : { "data-transformer": { replicas } },
        "data-transformer",
      );
      return [queue?.min, queue?.max];
    };
    assert.deepEqual(range(undefined), [4, 8]);
    assert.deepEqual(range(6), [6, 8]);
    assert.deepEqual(range(12), [12, 12]);
    assert.deepEqual(range(1), [1, 8]);
  });

  it("are at least two of what is public or called, unless the stack says otherwise", () => {
    for (const system of everySystem.map(inCloud))
      for (const workload of system.workloads) {
        const isCalled = system.workloads.some(({ calls }) => calls?.includes(workload.name));
        if (workload.exposure?.public === true || isCalled) assert.ok(leastReplicas(workload) >= 2, workload.name);
      }
    assert.equal(planned(sophia, {}, "inference").spec.replicas, 2);
    assert.equal(planned(sophia, { inference: { replicas: 1 } }, "inference").spec.replicas, 1);
  });

  it("are exchanged start-first, which one machine with one GPU cannot", () => {
    assert.equal(planned(sophia, {}, "inference").spec.rollout, undefined);
    const swarm = onDocker(sophia, true).workloads.find(({ name }) => name === "inference");
    assert.equal(swarm?.rollout?.update.order, "stop-first");
  });
});

describe("workloads that call others", () => {
  it("are told their addresses alike on Docker and in the cloud, and share a network with them", () => {
    for (const system of everySystem)
      for (const { name, calls = [], networks = [] } of system.workloads) {
        const told = [onDocker(system, false), inCloud(system)].map(({ workloads }) =>
          Object.entries(workloads.find((each) => each.name === name)?.environment ?? {}).filter(([key]) =>
            key.endsWith("_URL"),
          ),
        );
        assert.deepEqual(told[0], told[1]);
        assert.equal(told[0]?.length, calls.length);
        for (const called of calls) {
          const other = system.workloads.find((each) => each.name === called) ?? assert.fail(called);
          assert.ok(
            other.networks?.some((network) => networks.includes(network)),
            `${name} to ${called}`,
          );
        }
      }
  });
});

describe("readiness of an image of the stack's own", () => {
  const image = { chat: "ghcr.io/acme/chat:1.0.0" };
  const health = (overrides: Readonly<Record<string, WorkloadOverride>>, images: Readonly<Record<string, string>>) =>
    customised(inCloud(sophia), overrides, images).workloads.find(({ name }) => name === "chat")?.health;

  it("is its health until the stack names a path, because it promises no other", () => {
    assert.equal(health({}, {})?.readiness, "/ready");
    assert.equal(health({}, image)?.readiness, undefined);
    assert.equal(health({ chat: { readiness: "/healthz/ready" } }, image)?.readiness, "/healthz/ready");
  });
});

describe("add-ons that the systems cannot do without", () => {
  const NEEDS = { backups: true, gateway: true, kong: true, mesh: true };
  const chosen = (addons: AddonToggles, changes: object = {}) =>
    addonsOf("groundwork:addons", addons, everySystem.map(inCloud), { ...NEEDS, ...changes });

  const cases: readonly (readonly [name: string, toggles: AddonToggles, why: RegExp])[] = [
    ["keda", { keda: false }, /tracks has a workload that scales with a queue/],
    ["argo-rollouts", { "argo-rollouts": false }, /tracks has a workload that is released beside its old version/],
    ["kube-prometheus-stack", { "kube-prometheus-stack": false }, /released beside its old version/],
    ["rabbitmq-cluster-operator", { "rabbitmq-cluster-operator": false }, /tracks has RabbitMQ/],
    ["percona-mongodb-operator", { "percona-mongodb-operator": false }, /finai-nexus has MongoDB/],
    ["nvidia-device-plugin", { "nvidia-device-plugin": false }, /sophia has a workload on a GPU/],
    ["karpenter", { karpenter: false }, /sophia has a workload on a GPU/],
    ["kong", { kong: false }, /requests pass Kong/],
    ["ztunnel", { ztunnel: false }, /a system is in the mesh/],
    ["aws-load-balancer-controller", { "aws-load-balancer-controller": false }, /the gateway is envoy/],
  ];
  for (const [name, toggles, why] of cases)
    it(`are refused when they are switched off: ${name}`, () =>
      assertBadInput(() => chosen(toggles), `groundwork:addons.${name} is false, and `, why, "remove the line"));

  it("leave the others to the stack", () => {
    const names = chosen({ velero: false }).map(({ addon }) => addon.name);
    assert.ok(!names.includes("velero"));
    const managed = chosen({ "rabbitmq-cluster-operator": false }, { rabbitmq: false });
    assert.ok(!managed.some(({ addon }) => addon.name === "rabbitmq-cluster-operator"));
  });
});
