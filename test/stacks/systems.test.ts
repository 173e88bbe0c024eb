import assert from "node:assert/strict";
import fc from "fast-check";
import { overlaps, parseCidr } from "@groundwork/lib/cidr";
import { parseCpu, parseMemory } from "@groundwork/lib/quantity";
import { finaiNexus } from "../../stacks/systems/finai-nexus.ts";
import { flowx } from "../../stacks/systems/flowx.ts";
import { SYSTEMS } from "../../stacks/systems/index.ts";
import { hostPorts, refusePortClash, shifted } from "../../stacks/systems/ports.ts";
import { atLaptopSize, customised, leastReplicas, onDocker } from "../../stacks/systems/scale.ts";
import { sophia } from "../../stacks/systems/sophia.ts";
import type { System } from "../../stacks/systems/system.ts";
import { tracks } from "../../stacks/systems/tracks.ts";
import { assertBadInput } from "../helpers/bad-input.ts";

const everySystem = Object.values(SYSTEMS);

describe("systems as data", () => {
  it("need only tiers that they have, and join only networks that they have", () => {
    for (const system of everySystem) {
      for (const workload of system.workloads) {
        const more = system.docker?.needs?.[workload.name] ?? [];
        const tiers = { ...system.tiers, ...system.docker?.tiers };
        for (const need of workload.needs)
          assert.ok(need in system.tiers, `${system.name}/${workload.name} needs ${need}`);
        for (const need of more) assert.ok(need in tiers, `${system.name}/${workload.name} needs ${need} on Docker`);
      }
      const networks = new Set(system.docker?.networks.map(({ name }) => name));
      const joined = [
        ...Object.values(system.docker?.joins ?? {}),
        ...system.workloads.map(({ networks: own = [] }) => own),
      ].flat();
      for (const network of joined) assert.ok(networks.has(network), `${system.name} has no network ${network}`);
    }
  });

  it("request at most what they may use", () => {
    for (const { name, workloads } of everySystem) {
      for (const workload of workloads) {
        const { requests, limits } = workload.resources;
        assert.ok(
          parseCpu(requests.cpu) <= parseCpu(limits.cpu) && parseMemory(requests.memory) <= parseMemory(limits.memory),
          `${name}/${workload.name}`,
        );
      }
    }
  });

  it("have Docker networks that do not overlap, also between systems of one host", () => {
    const networks = everySystem.flatMap(({ docker }) => docker?.networks ?? []).map(({ cidr }) => parseCidr(cidr));
    networks.forEach((network, index) =>
      networks.slice(0, index).forEach((other) => assert.ok(!overlaps(network, other))),
    );
  });

  it("have a laptop size of every part, and of nothing else", () => {
    for (const { tiers, workloads, docker } of everySystem) {
      if (docker === undefined) continue;
      const own = Object.keys({ ...tiers, ...docker.tiers });
      const parts = [...own, ...workloads.map(({ name }) => name), "gateway"];
      assert.deepEqual(Object.keys(docker.laptop).sort(), parts.sort());
    }
  });
});

describe("host ports", () => {
  it("move together and stay apart, for any offset", () => {
    fc.assert(
      fc.property(fc.constantFrom(...everySystem), fc.integer({ min: 0, max: 40_000 }), (system, offset) => {
        const before = hostPorts(system);
        const after = hostPorts(shifted(system, offset));
        assert.deepEqual(
          after,
          before.map(({ port, owner }) => ({ port: port + offset, owner })),
        );
        refusePortClash([shifted(system, offset)], "portOffset");
      }),
    );
  });

  it("are refused where two want the same one, with a free one", async () => {
    const twin = { ...tracks, name: "twin" };
    await assertBadInput(
      () => refusePortClash([tracks, twin], "portOffset"),
      "8080",
      "tracks/gateway",
      "twin/gateway",
      "8081",
    );
  });

  it("are refused beyond the last one", async () => {
    await assertBadInput(
      () => refusePortClash([shifted(tracks, 50_000)], "groundwork:portOffset"),
      "groundwork:portOffset",
      "65673",
      "65535",
    );
  });
});

describe("sizes", () => {
  it("shrink every part for a laptop and leave the rest as it is", () => {
    const laptop = atLaptopSize(tracks);
    for (const [index, workload] of laptop.workloads.entries()) {
      const full = tracks.workloads[index];
      assert.ok(full !== undefined && leastReplicas(workload) <= leastReplicas(full));
      assert.deepEqual({ ...workload, resources: full.resources, replicas: full.replicas }, full);
    }
    assert.equal(laptop.tiers.postgres?.maxConnections, 200);
  });

  it("leave out what a laptop's memory cannot hold, so that it is derived from the memory that is there", () => {
    const { postgres, redis } = atLaptopSize(sophia).tiers;
    assert.equal(postgres?.parameters?.["shared_buffers"], undefined);
    assert.equal(redis?.maxMemory, undefined);
    assert.equal(atLaptopSize(flowx).tiers.postgres?.parameters?.["shared_buffers"], "256MB");
    assert.equal(atLaptopSize(flowx).tiers.redis?.maxMemory, "512Mi");
  });

  it("bring to Docker what only Docker has, and GPUs only where there are some", () => {
    const backend = (system: System) => system.workloads.find(({ name }) => name === "backend");
    assert.deepEqual(backend(onDocker(finaiNexus, false))?.needs, ["postgres", "redis", "mongodb"]);
    assert.deepEqual(backend(finaiNexus)?.needs, ["postgres", "redis"]);
    const gpus = (hasGpu: boolean) => onDocker(sophia, hasGpu).workloads.flatMap(({ gpu }) => gpu ?? []);
    assert.deepEqual(gpus(false), []);
    assert.deepEqual(gpus(true), [{ count: 1, memory: "4Gi" }]);
  });

  it("are not changed by an empty override", () => {
    for (const system of everySystem) {
      const same = customised(system, {}, {});
      for (const [index, { resources, replicas }] of same.workloads.entries()) {
        const before = system.workloads[index];
        assert.equal(parseCpu(resources.limits.cpu), parseCpu(before?.resources.limits.cpu));
        assert.equal(parseMemory(resources.limits.memory), parseMemory(before?.resources.limits.memory));
        assert.deepEqual(replicas, before?.replicas);
      }
    }
  });
});
