import assert from "node:assert/strict";
import fc from "fast-check";
import { kubernetesQuantity } from "@groundwork/lib/kubernetes-quantity";
import { effectiveLimits, effectiveRequests, hpaRange, podsOf } from "@groundwork/lib/pods";
import type { PodContainer } from "@groundwork/lib/pods";

const GI = 2 ** 30;
const container = (name: string, cpu: string, memory: string) => ({
  name,
  image: "registry.k8s.io/pause:3.10",
  resources: { requests: { cpu, memory }, limits: { memory } },
});

describe("pods of a resource", () => {
  it("multiplies nothing and reads the template of a Deployment", () => {
    const pods = podsOf("kubernetes:apps/v1:Deployment", {
      spec: { replicas: 5, template: { spec: { containers: [container("api", "500m", "1Gi")] } } },
    });
    assert.deepEqual(pods, {
      replicas: 5,
      containers: [
        {
          name: "api",
          image: "registry.k8s.io/pause:3.10",
          requests: { cpu: 0.5, memory: GI },
          limits: { memory: GI },
          kind: "container",
        },
      ],
    });
  });

  it("knows every kind that makes pods, and nothing else", () => {
    const template = { spec: { containers: [container("a", "1", "1Gi")] } };
    assert.equal(podsOf("kubernetes:core/v1:Pod", template)?.replicas, 1);
    assert.equal(podsOf("kubernetes:apps/v1:StatefulSet", { spec: { template } })?.replicas, 1);
    assert.equal(podsOf("kubernetes:apps/v1:ReplicaSet", { spec: { replicas: 0, template } })?.replicas, 0);
    assert.equal(podsOf("kubernetes:apps/v1:DaemonSet", { spec: { template } })?.replicas, undefined);
    assert.equal(
      podsOf("kubernetes:batch/v1:Job", { spec: { parallelism: 4, completions: 2, template } })?.replicas,
      2,
    );
    const cron = podsOf("kubernetes:batch/v1:CronJob", { spec: { jobTemplate: { spec: { template } } } });
    assert.equal(cron?.replicas, 1);
    assert.equal(cron.containers[0]?.requests.cpu, 1);
    assert.equal(podsOf("kubernetes:core/v1:Service", { spec: {} }), undefined);
    assert.equal(podsOf("aws:ec2/instance:Instance", {}), undefined);
  });

  it("reads Docker containers in MiB and cores, Swarm services in bytes and billionths", () => {
    const docker = podsOf("docker:index/container:Container", {
      name: "postgres",
      image: "postgres:17",
      memory: 6144,
      memoryReservation: 1024,
      cpus: "4",
    });
    assert.deepEqual(docker?.containers[0]?.limits, { cpu: 4, memory: 6 * GI });
    assert.deepEqual(docker?.containers[0]?.requests, { memory: GI });
    const service = podsOf("docker:index/service:Service", {
      name: "chat",
      mode: { replicated: { replicas: 3 } },
      taskSpec: {
        containerSpec: { image: "chat:1" },
        resources: { limits: { nanoCpus: 1_500_000_000, memoryBytes: GI }, reservation: { memoryBytes: GI / 2 } },
      },
    });
    assert.equal(service?.replicas, 3);
    assert.deepEqual(service.containers[0]?.limits, { cpu: 1.5, memory: GI });
    assert.deepEqual(service.containers[0]?.requests, { memory: GI / 2 });
    assert.equal(podsOf("docker:index/service:Service", { mode: { global: true }, taskSpec: {} })?.replicas, undefined);
  });

  it("survives values that are missing or not known yet", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        for (const kind of ["core/v1:Pod", "apps/v1:Deployment", "batch/v1:Job", "batch/v1:CronJob"]) {
          const pods = podsOf(`kubernetes:${kind}`, { spec: value, metadata: value });
          assert.ok(pods && pods.containers.length >= 0);
        }
        podsOf("docker:index/container:Container", { memory: value, cpus: value });
        hpaRange({ spec: value });
      }),
    );
  });
});

describe("what one pod asks for", () => {
  const kinds = fc.constantFrom("container", "init", "sidecar");
  const made = fc.array(
    fc.record({ kind: kinds, cpu: fc.integer({ min: 0, max: 64_000 }) }).map(({ kind, cpu }): PodContainer => ({
      name: "x",
      image: "x",
      kind,
      requests: { cpu },
      limits: {},
    })),
    { minLength: 1 },
  );

  it("is at least what runs together and at least each init container, and never more than all of them", () => {
    fc.assert(
      fc.property(made, (unordered) => {
        const containers = [
          ...unordered.filter((each) => each.kind !== "container"),
          ...unordered.filter((each) => each.kind === "container"),
        ];
        const total = effectiveRequests({ replicas: 1, containers }).cpu ?? 0;
        const sum = (some: readonly PodContainer[]) => some.reduce((all, each) => all + (each.requests.cpu ?? 0), 0);
        assert.ok(total >= sum(containers.filter((each) => each.kind !== "init")));
        assert.ok(total >= Math.max(...containers.map((each) => each.requests.cpu ?? 0)));
        assert.ok(total <= sum(containers));
      }),
    );
  });

  it("is max(sum of containers, largest init container)", () => {
    const pods = podsOf("kubernetes:core/v1:Pod", {
      spec: {
        initContainers: [container("migrate", "3", "128Mi")],
        containers: [container("a", "1", "1Gi"), container("b", "500m", "1Gi")],
      },
    });
    assert.ok(pods);
    assert.deepEqual(effectiveRequests(pods), { cpu: 3, memory: 2 * GI });
    assert.deepEqual(effectiveLimits(pods), { memory: 2 * GI });
  });

  it("takes the limit where no request is written, and the pod's own resources before its containers'", () => {
    const limited = podsOf("kubernetes:core/v1:Pod", {
      spec: { containers: [{ name: "a", image: "a", resources: { limits: { cpu: "2" } } }] },
    });
    assert.ok(limited);
    assert.deepEqual(effectiveRequests(limited), { cpu: 2 });
    const own = podsOf("kubernetes:core/v1:Pod", {
      spec: { resources: { requests: { cpu: "4" } }, containers: [container("a", "1", "1Gi")] },
    });
    assert.ok(own);
    assert.deepEqual(effectiveRequests(own), { cpu: 4, memory: GI });
  });
});

describe("the range of an autoscaler", () => {
  it("has a minimum of 1 where none is written", () => {
    const inputs = {
      metadata: { namespace: "nexus" },
      spec: { maxReplicas: 20, scaleTargetRef: { kind: "Deployment", name: "backend" } },
    };
    assert.deepEqual(hpaRange(inputs), {
      min: 1,
      max: 20,
      target: { kind: "Deployment", name: "backend" },
      namespace: "nexus",
    });
    assert.equal(hpaRange({ spec: { maxReplicas: 3 } }), undefined);
  });
});

describe("Kubernetes quantities", () => {
  it("reads every form that the API server reads", () => {
    const forms: Record<string, number> = {
      "0": 0,
      "100m": 0.1,
      "1.5": 1.5,
      ".5": 0.5,
      "1.": 1,
      "-1": -1,
      "1e3": 1000,
      "1E3": 1000,
      "128974848": 128974848,
      "129M": 129e6,
      "123Mi": 123 * 2 ** 20,
      "1E": 1e18,
      "1Ei": 2 ** 60,
      "250u": 0.00025,
      "1k": 1000,
    };
    for (const [text, amount] of Object.entries(forms)) assert.equal(kubernetesQuantity(text), amount, text);
  });

  it("has no value for what is no quantity", () => {
    for (const text of ["", "1GB", "1 Gi", "Gi", "1,5", "1K", "0x1", "one", null, undefined, {}, NaN])
      assert.equal(kubernetesQuantity(text), undefined);
  });

  it("keeps the order of amounts", () => {
    fc.assert(
      fc.property(fc.nat(1_000_000), fc.nat(1_000_000), (a, b) => {
        const [x, y] = [kubernetesQuantity(`${a}m`) ?? NaN, kubernetesQuantity(`${b}m`) ?? NaN];
        assert.equal(a < b, x < y);
      }),
    );
  });
});
