import assert from "node:assert/strict";
import fc from "fast-check";
import { parseCpu, parseMemory } from "@groundwork/lib/quantity";
import type { Route } from "../../components/cluster/ingress-node-ports.ts";
import { rulesOf } from "../../components/cluster/ingress-node-ports.ts";
import { NODE_PORTS, nodePorts } from "../../components/cluster/node-ports.ts";
import { architectureOf } from "../../components/cluster/nodes.ts";
import { largestContainer, quotaFor, within } from "../../components/cluster/quota.ts";
import { mostPods } from "../../components/workload/rollout.ts";
import type { PlannedWorkload } from "../../components/workload/rollout.ts";
import type { WorkloadSpec } from "../../components/workload/spec.ts";

const names = fc.uniqueArray(fc.stringMatching(/^[a-z]{1,12}$/), { maxLength: 20 });

const workload = (name: string, cpu: number, memory: number, max: number): WorkloadSpec => ({
  name,
  ports: [],
  environment: {},
  secrets: {},
  resources: {
    requests: { cpu: `${cpu}m`, memory: `${memory}Mi` },
    limits: { cpu: `${2 * cpu}m`, memory: `${2 * memory}Mi` },
  },
  replicas: { min: 1, max, cpuPercent: 70 },
  health: { path: "/health", port: 1, interval: 10, timeout: 1, retries: 3, startPeriod: 10 },
  needs: [],
});
const exchanges: fc.Arbitrary<Partial<PlannedWorkload>> = fc.constantFrom(
  {},
  { release: { kind: "blueGreen" as const, keepSeconds: 600, maxErrorRatio: 0.05 } },
  { queue: { queue: "items", messagesPerReplica: 100, min: 1, max: 70 } },
);
const workloads = fc.array(
  fc
    .tuple(
      fc.integer({ min: 1, max: 4000 }),
      fc.integer({ min: 1, max: 8192 }),
      fc.integer({ min: 1, max: 50 }),
      exchanges,
    )
    .map(([cpu, memory, max, exchange]): PlannedWorkload => ({ spec: workload("w", cpu, memory, max), ...exchange })),
  { minLength: 1, maxLength: 10 },
);

describe("node ports", () => {
  it("are different, in the static band and the same in any order", () => {
    fc.assert(
      fc.property(names, (services) => {
        const ports = nodePorts(services);
        const values = Object.values(ports);
        assert.equal(new Set(values).size, services.length);
        assert.ok(values.every((port) => port >= NODE_PORTS.from && port <= NODE_PORTS.to));
        assert.deepEqual(nodePorts([...services].reverse()), ports);
      }),
    );
  });

  it("move only where two names meet when a service is added", () => {
    fc.assert(
      fc.property(names, fc.stringMatching(/^[a-z]{13}$/), (services, added) => {
        const [before, after] = [nodePorts(services), nodePorts([...services, added])];
        const moved = services.filter((service) => before[service] !== after[service]);
        assert.ok(moved.length === 0 || Object.values(before).includes(after[added] ?? 0));
      }),
    );
  });
});

describe("namespace quota", () => {
  it("holds all pods of all workloads in a rolling update at their most replicas, and not one more", () => {
    fc.assert(
      fc.property(workloads, (all) => {
        const quota = quotaFor(all);
        const pods = all.reduce((sum, workload) => sum + mostPods(workload), 0);
        assert.equal(quota["pods"], String(pods));
        const cpu = all.reduce(
          (sum, workload) => sum + mostPods(workload) * parseCpu(workload.spec.resources.requests.cpu),
          0,
        );
        assert.ok(Math.abs(parseCpu(quota["requests.cpu"]?.replace(/^(\d+)$/, "$1")) - cpu) < 0.001);
      }),
    );
  });

  it("lets every container of the system through the limit range, and its defaults too", () => {
    fc.assert(
      fc.property(workloads, (all) => {
        const max = largestContainer(all);
        assert.ok(all.every(({ spec: { resources } }) => parseCpu(resources.limits.cpu) <= parseCpu(max.cpu) + 1e-9));
        const fallback = within({ cpu: "250m", memory: "256Mi" }, max);
        assert.ok(parseCpu(fallback.cpu) <= parseCpu(max.cpu));
        assert.ok(parseMemory(fallback.memory) <= parseMemory(max.memory));
      }),
    );
  });
});

describe("most pods of a workload", () => {
  const spec = workload("w", 100, 100, 8);
  const oneAtATime = { parallelism: 1, delay: 0, monitor: 0, maxFailureRatio: 0 };
  const cases: readonly (readonly [what: string, planned: PlannedWorkload, pods: number])[] = [
    ["a quarter more in a rolling update", { spec }, 10],
    [
      "both versions where all of the new one comes first",
      { spec, release: { kind: "blueGreen", keepSeconds: 1, maxErrorRatio: 1 } },
      16,
    ],
    ["a quarter more as a canary", { spec, release: { kind: "canary", steps: [], maxErrorRatio: 1 } }, 10],
    ["what the queue may ask for", { spec, queue: { queue: "q", messagesPerReplica: 1, min: 1, max: 20 } }, 25],
    [
      "no more than the replicas where the old one goes first",
      {
        spec: {
          ...spec,
          rollout: {
            update: { ...oneAtATime, order: "stop-first", failureAction: "rollback" },
            rollback: { ...oneAtATime, order: "stop-first", failureAction: "pause" },
          },
        },
      },
      8,
    ],
  ];
  for (const [what, planned, pods] of cases) it(`are ${what}`, () => assert.equal(mostPods(planned), pods));
});

describe("balancer rules", () => {
  const route = (name: string, path: string, exactPaths: string[] = []): Route => ({
    name,
    host: "h",
    path,
    nodePort: 30000,
    band: 0,
    health: { path: "/health", port: 1, interval: 10, timeout: 1, retries: 3, startPeriod: 10 },
    exactPaths,
  });

  it("try whole paths first, then longer prefixes before shorter ones", () => {
    const rules = rulesOf([route("web", "/"), route("api", "/api", ["/health"]), route("v2", "/api/v2")]);
    assert.deepEqual(
      rules.map(({ name, paths }) => [name, ...paths]),
      [
        ["api-exact", "/health"],
        ["v2", "/api/v2", "/api/v2/*"],
        ["api", "/api", "/api/*"],
        ["web", "/*"],
      ],
    );
  });

  it("stay where they are when another host comes or goes", () => {
    const [own, other] = [route("api", "/api"), { ...route("other", "/"), host: "o", band: 3 }];
    const priorities = (routes: readonly Route[]) => rulesOf(routes).map(({ name, priority }) => [name, priority]);
    assert.deepEqual(priorities([own]), [["api", 1]]);
    assert.deepEqual(priorities([other]), [["other", 301]]);
    assert.deepEqual(priorities([other, own]), [
      ["api", 1],
      ["other", 301],
    ]);
  });
});

describe("node images", () => {
  it("follow the instance type's processor", () => {
    for (const type of [
      "m7g.large",
      "c7gn.xlarge",
      "t4g.medium",
      "r8gd.large",
      "g5g.xlarge",
      "x2gd.medium",
      "a1.large",
    ])
      assert.equal(architectureOf(type), "arm64", type);
    for (const type of ["m7i.xlarge", "m7i-flex.large", "g5.xlarge", "g4dn.xlarge", "c7a.large", "t3.medium"])
      assert.equal(architectureOf(type), "amd64", type);
  });
});
