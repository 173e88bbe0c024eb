import assert from "node:assert/strict";
import type Docker from "dockerode";
import { describe, it } from "mocha";
import { reachable } from "../../../scripts/rehearsal/docker-live/service-names.ts";
import { serviceSpec } from "../../../scripts/rehearsal/docker-live/service-fields.ts";
import { watchHomeless } from "../../../scripts/rehearsal/docker-live/service-state.ts";
import { ownSwarm } from "../../../scripts/rehearsal/docker-live/swarm.ts";

const UNPLACED = "no suitable node (scheduling constraints not satisfied on 1 node)";

/** An engine of which only the tasks are asked. */
function engineWith(tasks: () => readonly object[]): Docker {
  return { listTasks: () => Promise.resolve(tasks()) } as unknown as Docker;
}

describe("a swarm of one private engine", () => {
  it("shares neither address, port nor bridge with the one of another engine", () => {
    const folders = Array.from({ length: 200 }, (_, index) => `/home/person/${index}/.groundwork/docker-engine/data`);
    const swarms = folders.map(ownSwarm);
    assert.deepEqual(ownSwarm(folders[0] ?? ""), swarms[0]);
    for (const { AdvertiseAddr, ListenAddr, DataPathAddr, DataPathPort, bridge } of swarms) {
      assert.match(AdvertiseAddr, /^127\.(?:[1-9]\d*)\.\d+\.[1-9]\d*$/);
      assert.deepEqual([ListenAddr, DataPathAddr], [`${AdvertiseAddr}:2377`, AdvertiseAddr]);
      assert.ok(DataPathPort >= 1024 && DataPathPort <= 49_151, `${DataPathPort}`);
      assert.ok(bridge.length <= 15, `${bridge} is no name of an interface`);
    }
    for (const key of ["AdvertiseAddr", "bridge"] as const)
      assert.equal(new Set(swarms.map((swarm) => swarm[key])).size, folders.length, key);
  });

  it("waits for no replica that no node takes, but for one that finds a node a little later", async () => {
    const clock = { now: 0 };
    let error = UNPLACED;
    const docker = engineWith(() => [{ DesiredState: "running", Status: { State: "pending", Err: error } }]);
    const look = watchHomeless({ docker }, "service", () => clock.now);
    const seen = async (now: number) => {
      clock.now = now;
      return (await look())?.failed;
    };
    assert.equal(await seen(0), undefined);
    assert.equal(await seen(40_000), undefined);
    error = "";
    assert.equal(await seen(44_000), undefined);
    error = UNPLACED;
    assert.equal(await seen(50_000), undefined);
    assert.equal(await seen(94_000), undefined);
    const expected = `has a replica that no node takes: ${UNPLACED}; give a node the labels that placement.constraints name, or write fewer reservations or replicas`;
    assert.equal(await seen(95_000), expected);
  });

  it("writes variables in one order, because Swarm starts every replica anew for another one", () => {
    const environment = (env: Readonly<Record<string, string>>) => {
      const template = serviceSpec({ name: "web", taskSpec: { containerSpec: { image: "web", env } } })["TaskTemplate"];
      return (template as { ContainerSpec: { Env: string[] } }).ContainerSpec.Env;
    };
    const sorted = ["ALPHA=1", "BETA=2", "GAMMA=3"];
    assert.deepEqual(environment({ GAMMA: "3", ALPHA: "1", BETA: "2" }), sorted);
    assert.deepEqual(environment({ BETA: "2", GAMMA: "3", ALPHA: "1" }), sorted);
  });

  it("leaves services as they are on an engine that it has found", () => {
    const notes: string[] = [];
    const spec = { Name: "web", EndpointSpec: { Mode: "vip" } };
    assert.equal(reachable({ isPrivate: false, note: (text) => notes.push(text) }, spec, 'service "web"'), spec);
    assert.deepEqual(notes, []);
  });
});
