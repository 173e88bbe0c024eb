import assert from "node:assert/strict";
import { parseCpu, parseMemory } from "@groundwork/lib/quantity";
import { isAllowed } from "@groundwork/lib/reachability";
import type { NetworkPolicy, PodGroup } from "@groundwork/lib/reachability";
import { before, describe, it } from "mocha";
import type { WorkloadSpec } from "../../components/workload/spec.ts";
import { flowsOf } from "../../stacks/cloud/flows.ts";
import type { TierPlace } from "../../stacks/cloud/tier.ts";
import type { Traffic } from "../../stacks/cloud/traffic.ts";
import { prod } from "./cloud-fixture.ts";
import { inRegion } from "./cloud-fixture-systems.ts";
import type { KubernetesObject, Region } from "./cloud-fixture-systems.ts";

interface Probe {
  readonly httpGet: { readonly path: string; readonly port: number };
  readonly periodSeconds: number;
  readonly failureThreshold: number;
}
interface Container {
  readonly env: readonly { readonly name: string; readonly value: string }[];
  readonly resources: Readonly<Record<"requests" | "limits", Readonly<Record<string, string>>>>;
  readonly securityContext: Readonly<Record<string, unknown>>;
  readonly lifecycle: unknown;
  readonly startupProbe: Probe;
  readonly livenessProbe: Probe;
  readonly readinessProbe: Probe;
}
interface Pod {
  readonly serviceAccountName: string;
  readonly automountServiceAccountToken: boolean;
  readonly terminationGracePeriodSeconds: number;
  readonly securityContext: Readonly<Record<string, unknown>>;
  readonly topologySpreadConstraints: readonly Readonly<Record<string, unknown>>[];
  readonly containers: readonly [Container];
}

/** A workload as its objects tell. */
interface Made {
  readonly id: string;
  readonly namespace: string;
  readonly name: string;
  readonly isRollout: boolean;
  readonly strategy: unknown;
  readonly pod: Pod;
  readonly container: Container;
  readonly least: number;
  readonly most: number;
}

const WORKLOADS = [
  "finai-nexus/backend",
  "finai-nexus/frontend",
  "flowx/dashboard",
  "flowx/orchestrator",
  "flowx/worker",
  "sophia/assistant-api",
  "sophia/chat",
  "sophia/inference",
  "tracks/data-transformer",
  "tracks/rest-api",
  "tracks/scraper",
  "web-platform/analytics",
  "web-platform/fastapi",
  "web-platform/flask",
];

describe("a workload that may do something at AWS", () => {
  const spec: WorkloadSpec = {
    name: "api",
    ports: [],
    environment: {},
    secrets: {},
    resources: { requests: { cpu: 1, memory: "1Gi" }, limits: { cpu: 1, memory: "1Gi" } },
    replicas: 2,
    health: { path: "/health", port: 8000, interval: 10, timeout: 3, retries: 3, startPeriod: 20 },
    needs: [],
  };
  const traffic: Traffic = { through: undefined, nodePorts: false, mesh: false, waypoint: undefined };
  const where = { config: prod, platform: { ready: [], installed: new Set() } } as unknown as TierPlace;
  const egress = (one: WorkloadSpec) => flowsOf([{ spec: one }], {}, traffic, where)[0]?.egress;

  it("reaches the agent that gives it its role, and AWS's APIs; every other workload does not", () => {
    const permissions = [{ actions: ["s3:GetObject"], resources: ["arn:aws:s3:::uploads/*"] }];
    assert.deepEqual(egress({ ...spec, permissions }), [
      { cidrs: ["169.254.170.23/32"], port: 80 },
      { cidrs: ["0.0.0.0/0"], port: 443 },
    ]);
    assert.deepEqual(egress(spec), []);
  });
});

describe("the workloads of all five systems, read from their objects", () => {
  let region: Region;
  let made: readonly Made[];
  before(async () => {
    region = await inRegion();
    made = [...region.objects("Deployment"), ...region.objects("Rollout")].map((object) => read(region, object));
  });
  const the = (id: string): Made => made.find((each) => each.id === id) ?? assert.fail(`no ${id}`);

  it("are these fourteen, one of them an Argo Rollout", () => {
    assert.deepEqual(made.map(({ id }) => id).sort(), WORKLOADS);
    assert.deepEqual(
      made.filter(({ isRollout }) => isRollout).map(({ id }) => id),
      ["tracks/rest-api"],
    );
  });

  for (const id of WORKLOADS)
    it(`${id} is hardened, spread, drained and exchanged without a gap`, () => {
      const { name, pod, container, strategy, isRollout } = the(id);
      assert.deepEqual([pod.serviceAccountName, pod.automountServiceAccountToken], [name, false]);
      assert.equal(pod.securityContext["runAsNonRoot"], true);
      assert.deepEqual(pod.securityContext["seccompProfile"], { type: "RuntimeDefault" });
      assert.deepEqual(container.securityContext, {
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        runAsNonRoot: true,
        capabilities: { drop: ["ALL"] },
      });
      assert.equal(pod.terminationGracePeriodSeconds, 40);
      assert.deepEqual(container.lifecycle, { preStop: { sleep: { seconds: 10 } } });
      assert.deepEqual(
        pod.topologySpreadConstraints,
        ["topology.kubernetes.io/zone", "kubernetes.io/hostname"].map((topologyKey) => ({
          topologyKey,
          maxSkew: 1,
          whenUnsatisfiable: "ScheduleAnyway",
          labelSelector: { matchLabels: { "app.kubernetes.io/name": name } },
          matchLabelKeys: [isRollout ? "rollouts-pod-template-hash" : "pod-template-hash"],
        })),
      );
      // blue-green starts all of the new version beside the old one
      if (!isRollout)
        assert.deepEqual(strategy, { type: "RollingUpdate", rollingUpdate: { maxSurge: "25%", maxUnavailable: 0 } });
    });

  it("are restarted when they are not well, and left out while they cannot serve", () => {
    for (const { id, container } of made) {
      const paths = [container.startupProbe, container.livenessProbe, container.readinessProbe].map(
        ({ httpGet }) => httpGet.path,
      );
      assert.deepEqual(paths, ["/health", "/health", "/ready"], id);
    }
  });

  it("let sophia's take 40 s to start, at sizes of its three templates", () => {
    const sizes: Readonly<Record<string, readonly string[]>> = {
      chat: ["250m", "512Mi", "1", "1Gi"],
      inference: ["500m", "2Gi", "2", "4Gi"],
      "assistant-api": ["125m", "128Mi", "500m", "256Mi"],
    };
    for (const [name, size] of Object.entries(sizes)) {
      const { startupProbe, resources } = the(`sophia/${name}`).container;
      assert.equal(startupProbe.periodSeconds * startupProbe.failureThreshold, 40);
      const { requests, limits } = resources;
      assert.deepEqual([requests["cpu"], requests["memory"], limits["cpu"], limits["memory"]], size);
    }
  });

  it("scale in the ranges of their systems", () => {
    const ranges = region.objects("HorizontalPodAutoscaler").flatMap(({ metadata, spec }) => {
      const target = spec["scaleTargetRef"] as { name: string };
      if (!WORKLOADS.includes(`${metadata.namespace}/${target.name}`)) return [];
      const metrics = spec["metrics"] as readonly { resource: { target: { averageUtilization: number } } }[];
      const percents = metrics.map(({ resource }) => resource.target.averageUtilization);
      return [[`${metadata.namespace}/${target.name}`, spec["minReplicas"], spec["maxReplicas"], ...percents]];
    });
    assert.deepEqual(ranges.sort(), [
      ["finai-nexus/backend", 5, 20, 70, 80],
      ["finai-nexus/frontend", 2, 15, 70],
      ["flowx/worker", 1, 10, 70, 80],
    ]);
    const { least, most } = the("tracks/data-transformer");
    assert.deepEqual([least, most], [4, 8]);
  });

  it("keep at least one replica while a node is drained, wherever somebody waits for the answer", () => {
    const waitedFor = new Set(
      region.systems.flatMap(({ name, workloads }) =>
        workloads
          .filter((each) => each.exposure?.public === true || workloads.some(({ calls }) => calls?.includes(each.name)))
          .map((each) => `${name}/${each.name}`),
      ),
    );
    assert.ok(waitedFor.has("sophia/inference") && waitedFor.has("flowx/orchestrator"));
    for (const { id, namespace, name, least } of made) {
      const { spec } = region.named("PodDisruptionBudget", namespace, name);
      assert.deepEqual([spec["maxUnavailable"], spec["unhealthyPodEvictionPolicy"]], ["25%", "AlwaysAllow"]);
      // rounded up, as the disruption controller does
      if (waitedFor.has(id)) assert.ok(least - Math.ceil(least * 0.25) >= 1, `${id} has ${least}`);
    }
  });

  it("fit the quota of their namespace while all of them are rolled out at their most, and nothing more does", () => {
    for (const { name: namespace } of region.systems) {
      const own = made.filter((each) => each.namespace === namespace);
      const hard = region.named("ResourceQuota", namespace, "quota").spec["hard"] as Record<string, string>;
      const sum = (amount: (container: Container) => number): number =>
        own.reduce((total, each) => total + amount(each.container) * pods(each), 0);
      assert.equal(
        Number(hard["pods"]),
        sum(() => 1),
      );
      for (const kind of ["requests", "limits"] as const) {
        const cpu = sum(({ resources }) => parseCpu(resources[kind]["cpu"] ?? ""));
        assert.equal(parseCpu(hard[`${kind}.cpu`] ?? ""), cpu, `${namespace} ${kind}`);
        const memory = sum(({ resources }) => parseMemory(resources[kind]["memory"]));
        assert.equal(parseMemory(hard[`${kind}.memory`]), memory, `${namespace} ${kind}`);
      }
      const gpus = sum(({ resources }) => Number(resources.limits["nvidia.com/gpu"] ?? 0));
      assert.equal(Number(hard["requests.nvidia.com/gpu"] ?? 0), gpus);
      const [{ max }] = region.named("LimitRange", namespace, "limits").spec["limits"] as [{ max: { cpu: string } }];
      assert.equal(
        parseCpu(max.cpu),
        Math.max(...own.map(({ container }) => parseCpu(container.resources.limits["cpu"] ?? ""))),
      );
    }
  });

  it("have GPU nodes for both replicas of the inference, and for a third while it is exchanged", () => {
    const { least } = the("sophia/inference");
    const { spec } = region.objects("NodePool").find(({ metadata }) => metadata.name === "gpu") ?? assert.fail();
    const limits = spec["limits"] as Record<string, string>;
    assert.equal(least, 2);
    assert.ok(Number(limits["nvidia.com/gpu"]) >= pods(the("sophia/inference")));
  });

  it("run in namespaces of the restricted Pod Security standard", () => {
    for (const { name } of region.systems) {
      const { metadata } = region.objects("Namespace").find((each) => each.metadata.name === name) ?? assert.fail();
      const { labels } = metadata as unknown as { labels: Record<string, string> };
      for (const mode of ["enforce", "audit", "warn"])
        assert.equal(labels[`pod-security.kubernetes.io/${mode}`], "restricted");
    }
  });

  it("have a role each at AWS, which may do nothing", () => {
    const associations = region.resources.filter(
      ({ type, name }) => type.endsWith(":PodIdentityAssociation") && name.startsWith("us-west-2-"),
    );
    const own = associations.filter(({ inputs }) =>
      WORKLOADS.includes(`${String(inputs["namespace"])}/${String(inputs["serviceAccount"])}`),
    );
    assert.deepEqual(
      own.map(({ inputs }) => `${String(inputs["namespace"])}/${String(inputs["serviceAccount"])}`).sort(),
      WORKLOADS,
    );
    const roles = new Set(own.map(({ inputs }) => String(inputs["roleArn"])));
    assert.equal(roles.size, WORKLOADS.length);
    const names = [...roles].map((arn) => arn.slice(arn.lastIndexOf(":") + 1));
    const policies = region.resources.filter(
      ({ type, inputs }) => /:Role(Policy|PolicyAttachment)$/.test(type) && names.includes(String(inputs["role"])),
    );
    assert.deepEqual(policies, []);
    for (const name of names) {
      const role = region.resources.find((each) => each.type.endsWith(":Role") && each.name === name);
      assert.match(String(role?.inputs["assumeRolePolicy"]), /"pods\.eks\.amazonaws\.com"/);
    }
  });

  it("let sophia's chat reach the two that it calls, by the addresses that it is given, and not the other way round", () => {
    const policies = region.objects("NetworkPolicy") as unknown as readonly NetworkPolicy[];
    const pod = (name: string): PodGroup => ({ namespace: "sophia", labels: { "app.kubernetes.io/name": name } });
    for (const name of ["inference", "assistant-api"]) {
      assert.equal(isAllowed(policies, { from: pod("chat"), to: pod(name), port: 8000 }), true);
      assert.equal(isAllowed(policies, { from: pod(name), to: pod("chat"), port: 8000 }), false);
    }
    const variables = the("sophia/chat").container.env.filter(({ name }) => name.endsWith("_URL"));
    assert.deepEqual(variables.map(({ name, value }) => [name, value]).sort(), [
      ["ASSISTANT_API_URL", "http://assistant-api:8000"],
      ["INFERENCE_URL", "http://inference:8000"],
    ]);
  });

  it("tell the edge by their readiness whether a region can serve", () => {
    const monitors = region.resources.filter(({ type }) => type.endsWith(":LoadBalancerMonitor"));
    assert.deepEqual(
      monitors.map(({ inputs }) => inputs["path"]),
      region.systems.map(() => "/ready"),
    );
  });
});

function read(region: Region, { metadata: { namespace, name }, spec }: KubernetesObject): Made {
  const { spec: pod } = spec["template"] as { spec: Pod };
  const scaled = (kind: string): Readonly<Record<string, unknown>> | undefined =>
    region.objects(kind).find(({ metadata }) => metadata.namespace === namespace && metadata.name === name)?.spec;
  const cpu = scaled("HorizontalPodAutoscaler");
  const queue = scaled("ScaledObject");
  return {
    id: `${namespace}/${name}`,
    namespace,
    name,
    isRollout: region
      .objects("Rollout")
      .some(({ metadata }) => metadata.name === name && metadata.namespace === namespace),
    strategy: spec["strategy"],
    pod,
    container: pod.containers[0],
    least: Number(cpu?.["minReplicas"] ?? queue?.["minReplicaCount"] ?? spec["replicas"]),
    most: Number(cpu?.["maxReplicas"] ?? queue?.["maxReplicaCount"] ?? spec["replicas"]),
  };
}

/** At most, while a new version comes in. */
function pods({ isRollout, most }: Made): number {
  return isRollout ? 2 * most : most + Math.ceil(most * 0.25);
}
