import assert from "node:assert/strict";
import fc from "fast-check";
import type { DockerHost, DockerPlan } from "../../../../scripts/rehearsal/docker-host/index.ts";
import { dockerPlan, hostProblems } from "../../../../scripts/rehearsal/docker-host/index.ts";
import type { Step } from "../../../../scripts/rehearsal/engine/index.ts";

const CONTAINER = "docker:index/container:Container";
const GIBIBYTE = 2 ** 30;

function step(type: string, inputs: object, more: Partial<Step> = {}): Step {
  const { name } = inputs as { name: string };
  const urn = `urn:pulumi:dev::groundwork::${type}::${name}`;
  const state = { type, urn, id: "", parent: "", provider: "", outputs: {}, inputs: inputs as Record<string, unknown> };
  return {
    ...{ op: "create", urn, type, new: state, logical: true },
    ...{ replaceKeys: [], diffs: [], detailedDiff: {}, outcome: "done" },
    ...more,
  };
}

const container = (name: string, more: object = {}) => ({ name, cpus: "1", cpuShares: 1024, memory: 1024, ...more });
const planned = (...containers: object[]): DockerPlan => dockerPlan(containers.map((one) => step(CONTAINER, one)));
const host = (more: Partial<DockerHost> = {}): DockerHost => ({
  cores: 4,
  memory: 16 * GIBIBYTE,
  hasGpu: false,
  networks: [],
  ports: [],
  ...more,
});

describe("what a Docker host must have", () => {
  it("is the sum over all containers and replicas, refused with the sum, the largest and the way out", () => {
    const plan = planned(container("a", { cpuShares: 3072 }), container("b"), container("c", { memory: 20_480 }));
    const [cores, memory, ...others] = hostProblems(plan, host());
    assert.deepEqual(others, []);
    assert.match(cores ?? "", /needs 5 cores .* has 4 \(most of it: a 3, b 1, c 1\).*groundwork:size to laptop/);
    assert.match(memory ?? "", /needs 22 GiB .* has 16 GiB \(most of it: c 20 GiB, a 1 GiB, b 1 GiB\)/);
  });

  it("tells the replicas of a workload as one, which is what can be made fewer", () => {
    const replicas = Array.from({ length: 500 }, (_, index) =>
      container(`tracks-scraper-${index + 1}`, { cpuShares: 64 }),
    );
    const [cores] = hostProblems(planned(container("tracks-postgres"), ...replicas), host({ memory: 2 ** 50 }));
    assert.match(cores ?? "", /most of it: tracks-scraper \(500 of it\) 31\.25, tracks-postgres 1\)/);
  });

  it("counts a Swarm service once for each replica", () => {
    const service = {
      name: "chat",
      mode: { replicated: { replicas: 3 } },
      taskSpec: { resources: { limits: { memoryBytes: 6 * GIBIBYTE }, reservation: { nanoCpus: 2e9 } } },
    };
    const plan = dockerPlan([step("docker:index/service:Service", service)]);
    assert.equal(hostProblems(plan, host()).length, 2);
    assert.deepEqual(hostProblems(plan, host({ cores: 6, memory: 18 * GIBIBYTE })), []);
  });

  it("is met exactly when both sums fit", () => {
    const size = fc.record({
      cpuShares: fc.integer({ min: 2, max: 8192 }),
      memory: fc.integer({ min: 6, max: 65_536 }),
    });
    fc.assert(
      fc.property(fc.array(size, { maxLength: 20 }), fc.integer({ min: 1, max: 64 }), (sizes, cores) => {
        const plan = planned(...sizes.map((one, index) => container(`c${index}`, one)));
        const fits = sizes.reduce((sum, { cpuShares }) => sum + cpuShares, 0) <= cores * 1024;
        const memory = sizes.reduce((sum, one) => sum + one.memory, 0) * 2 ** 20;
        assert.equal(hostProblems(plan, host({ cores, memory })).length, fits ? 0 : 1);
        if (memory > 0) assert.ok(hostProblems(plan, host({ cores, memory: memory - 1 })).length > 0);
      }),
    );
  });

  it("does not count what the update takes away", () => {
    const gone = step(CONTAINER, container("old", { memory: 99_999 }), { op: "delete" });
    assert.deepEqual(hostProblems(dockerPlan([gone]), host()), []);
  });

  it("is a GPU where one is asked for", () => {
    const plan = planned(container("inference", { gpus: "all" }));
    assert.match(hostProblems(plan, host())[0] ?? "", /inference asks for a GPU .*groundwork:gpu to false/);
    assert.deepEqual(hostProblems(plan, host({ hasGpu: true })), []);
  });
});

describe("what runs on a Docker host already", () => {
  it("holds its ports, and the refusal names a free one", () => {
    const plan = planned(container("gateway", { ports: [{ internal: 80, external: 8080 }] }), container("x"));
    const taken = [
      { port: 8080, owner: "container other" },
      { port: 8081, owner: "a process of this machine" },
    ];
    assert.match(
      hostProblems(plan, host({ ports: taken }))[0] ?? "",
      /host port 8080, which gateway publishes, is taken by container other: .*portOffset \(port 8082 is free\)/,
    );
  });

  it("is no obstacle where it is this stack's own", () => {
    const inputs = container("gateway", { ports: [{ internal: 80, external: 8080 }] });
    const same = step(CONTAINER, inputs);
    const plan = dockerPlan([{ ...same, op: "same", ...(same.new && { old: same.new }) }]);
    assert.deepEqual(hostProblems(plan, host({ ports: [{ port: 8080, owner: "container gateway" }] })), []);
  });

  it("holds its networks' blocks, IPv6 ones aside", () => {
    const network = step("docker:index/network:Network", {
      name: "tracks-backend",
      ipamConfigs: [{ subnet: "172.28.0.0/16" }],
    });
    const others = [
      { name: "v6", subnets: ["fd00::/64"] },
      { name: "compose_default", subnets: ["172.28.4.0/24"] },
    ];
    const [problem, ...more] = hostProblems(dockerPlan([network]), host({ networks: others }));
    assert.match(problem ?? "", /tracks-backend wants 172\.28\.0\.0\/16, which overlaps .* compose_default/);
    assert.deepEqual(more, []);
    const own = [{ name: "tracks-backend", subnets: ["172.28.0.0/16"] }];
    const again = dockerPlan([{ ...network, op: "same", ...(network.new && { old: network.new }) }]);
    assert.deepEqual(hostProblems(again, host({ networks: own })), []);
  });
});
