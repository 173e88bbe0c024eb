import assert from "node:assert/strict";
import fc from "fast-check";
import { overlaps, parseCidr } from "@groundwork/lib/cidr";
import { parseCpu, parseMemory } from "@groundwork/lib/quantity";
import { SYSTEMS } from "../../stacks/systems/index.ts";
import { hostPorts, refusePortClash, shifted } from "../../stacks/systems/ports.ts";
import { atLaptopSize, customised, leastReplicas } from "../../stacks/systems/scale.ts";
import { tracks } from "../../stacks/systems/tracks.ts";
import { assertBadInput } from "../helpers/bad-input.ts";

const everySystem = Object.values(SYSTEMS);

describe("systems as data", () => {
  it("need only tiers that they have, and join only networks that they have", () => {
    for (const system of everySystem) {
      for (const workload of system.workloads) {
        for (const need of workload.needs)
          assert.ok(need in system.tiers, `${system.name}/${workload.name} needs ${need}`);
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
      const parts = [...Object.keys(tiers), ...workloads.map(({ name }) => name), "gateway"];
      assert.deepEqual(Object.keys(docker.laptop).sort(), parts.sort());
    }
  });
});

describe("host ports", () => {
  it("move together and stay apart, for any offset", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 40_000 }), (offset) => {
        const before = hostPorts(tracks);
        const after = hostPorts(shifted(tracks, offset));
        assert.deepEqual(
          after,
          before.map(({ port, owner }) => ({ port: port + offset, owner })),
        );
        refusePortClash([shifted(tracks, offset)], "portOffset");
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
