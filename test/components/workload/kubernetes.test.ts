import assert from "node:assert/strict";
import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { describe, it } from "mocha";
import { SPOT_TAINT } from "../../../components/cluster/node-pools.ts";
import { KubernetesWorkload } from "../../../components/workload/deployment.ts";
import type { KubernetesWorkloadArgs } from "../../../components/workload/deployment.ts";
import type { WorkloadSpec } from "../../../components/workload/spec.ts";
import { assertBadInput } from "../../helpers/bad-input.ts";
import { registered } from "../../helpers/mocks.ts";
import type { Outputs, Registered } from "../../helpers/mocks.ts";

const CANARY = "amqp-canary-5e1f";
const spec: WorkloadSpec = {
  name: "api",
  ports: [{ name: "http", containerPort: 8000 }],
  environment: {},
  secrets: {},
  resources: { requests: { cpu: 1, memory: "1Gi" }, limits: { cpu: 1, memory: "1Gi" } },
  replicas: 3,
  health: { path: "/health", port: 8000, interval: 10, timeout: 3, retries: 3, startPeriod: 20 },
  needs: [],
};

const nothing = () => ({});
const OUTPUTS: Outputs = Object.fromEntries(
  [
    "core/v1:ServiceAccount",
    "core/v1:Secret",
    "core/v1:Service",
    "apps/v1:Deployment",
    "autoscaling/v2:HorizontalPodAutoscaler",
    "policy/v1:PodDisruptionBudget",
    "argoproj.io/v1alpha1:Rollout",
    "argoproj.io/v1alpha1:AnalysisTemplate",
    "keda.sh/v1alpha1:ScaledObject",
    "keda.sh/v1alpha1:TriggerAuthentication",
    "monitoring.coreos.com/v1:ServiceMonitor",
  ].map((type) => [`kubernetes:${type}`, nothing]),
);

async function made(args: Partial<KubernetesWorkloadArgs>): Promise<readonly Registered[]> {
  return registered(() => {
    const provider = new kubernetes.Provider("cluster", { kubeconfig: "{}" });
    const common = { system: "shop", spec, connections: [], namespace: "shop", image: "shop/api:1" };
    new KubernetesWorkload("shop-api", { ...common, ...args }, { providers: [provider] });
  }, OUTPUTS);
}

const kinds = (resources: readonly Registered[]) =>
  resources
    .map(({ type }) => /:(\w+)$/.exec(type)?.[1] ?? "")
    .filter((kind) => kind in KINDS)
    .sort();
const KINDS = { Deployment: 1, Rollout: 1, HorizontalPodAutoscaler: 1, ScaledObject: 1, ServiceMonitor: 1 };
const the = (resources: readonly Registered[], kind: string, name?: string) => {
  const found = resources.find((each) => each.type.endsWith(`:${kind}`) && (name === undefined || each.name === name));
  assert.ok(found, `no ${kind} ${name ?? ""}`);
  return found.inputs as { spec: Record<string, unknown>; metadata: { name: string; labels: Record<string, string> } };
};

describe("a workload on Kubernetes", () => {
  it("is a Deployment that is rolled, watched only where somebody watches", async () => {
    const bare = await made({});
    assert.deepEqual(kinds(bare), ["Deployment"]);
    const { spec: deployment } = the(bare, "Deployment");
    assert.equal(deployment["replicas"], 3);
    assert.deepEqual(deployment["strategy"], {
      type: "RollingUpdate",
      rollingUpdate: { maxSurge: "25%", maxUnavailable: 0 },
    });
    assert.deepEqual(kinds(await made({ prometheusUrl: "http://prometheus:9090" })), ["Deployment", "ServiceMonitor"]);
  });

  it("is scraped with the labels that the rules go by, and its preview is not", async () => {
    const release = { kind: "blueGreen", keepSeconds: 600, maxErrorRatio: 0.05 } as const;
    const resources = await made({ prometheusUrl: "http://prometheus:9090", release });
    const { endpoints, selector } = the(resources, "ServiceMonitor").spec as {
      endpoints: [{ port: string; path: string; relabelings: { targetLabel: string; replacement: string }[] }];
      selector: { matchLabels: Record<string, string> };
    };
    const { relabelings, port, path } = endpoints[0];
    assert.deepEqual([port, path], ["http", "/metrics"]);
    assert.deepEqual(
      relabelings.map(({ targetLabel, replacement }) => [targetLabel, replacement]),
      [
        ["job", "api"],
        ["system", "shop"],
        ["part", "api"],
      ],
    );
    const services = resources.filter(({ type }) => type.endsWith(":Service"));
    const watched = services.filter(({ inputs }) => {
      const { labels } = inputs["metadata"] as { labels: Record<string, string> };
      return Object.entries(selector.matchLabels).every(([key, value]) => labels[key] === value);
    });
    assert.deepEqual(
      watched.map(({ name }) => name),
      ["shop-api-service"],
    );
    // the Rollout waits for its Services: were they to wait for its pods, neither would ever be there
    for (const { inputs } of services) {
      const { annotations } = inputs["metadata"] as { annotations?: Record<string, string> };
      assert.equal(annotations?.["pulumi.com/skipAwait"], "true");
    }
  });

  it("is an Argo Rollout where the new version comes in beside the old one, and goes back at too many errors", async () => {
    const release = { kind: "blueGreen", keepSeconds: 600, maxErrorRatio: 0.05 } as const;
    const resources = await made({ prometheusUrl: "http://prometheus:9090", release });
    assert.deepEqual(kinds(resources), ["Rollout", "ServiceMonitor"]);
    const { spec: rollout } = the(resources, "Rollout");
    assert.equal(rollout["replicas"], 3);
    assert.deepEqual(rollout["strategy"], {
      blueGreen: {
        activeService: "api",
        previewService: "api-preview",
        autoPromotionEnabled: true,
        scaleDownDelaySeconds: 600,
        postPromotionAnalysis: { templates: [{ templateName: "api-errors" }] },
      },
    });
    const analysis = the(resources, "AnalysisTemplate");
    assert.equal(analysis.metadata.name, "api-errors");
    const [metric] = analysis.spec["metrics"] as [
      { successCondition: string; provider: { prometheus: { query: string } } },
    ];
    assert.equal(metric.successCondition, "result[0] < 0.05");
    assert.match(metric.provider.prometheus.query, /system="shop",part="api",status=~"5\.\."/);
  });

  it("gives a canary its shares one after the other", async () => {
    const steps = [
      { percent: 25, seconds: 300 },
      { percent: 50, seconds: 600 },
    ];
    const release = { kind: "canary", steps, maxErrorRatio: 0.01 } as const;
    const { spec: rollout } = the(await made({ prometheusUrl: "http://p:9090", release }), "Rollout");
    const { canary } = rollout["strategy"] as { canary: { steps: object[]; maxUnavailable: number } };
    assert.deepEqual(canary.steps, [
      { setWeight: 25 },
      { pause: { duration: "300s" } },
      { setWeight: 50 },
      { pause: { duration: "600s" } },
    ]);
    assert.equal(canary.maxUnavailable, 0);
  });

  it("is refused as a release that nobody would watch", async () => {
    const release = { kind: "blueGreen", keepSeconds: 60, maxErrorRatio: 0.05 } as const;
    await assertBadInput(() => made({ release }), "shop-api", "release is blueGreen", "prometheusUrl");
  });

  it("is restarted by its health and left out by its readiness, which is its health where it has no other", async () => {
    const paths = async (health: WorkloadSpec["health"]) => {
      const { spec: deployment } = the(await made({ spec: { ...spec, health } }), "Deployment");
      const { spec: pod } = deployment["template"] as { spec: { containers: Record<string, unknown>[] } };
      return ["startupProbe", "livenessProbe", "readinessProbe"].map(
        (probe) => (pod.containers[0]?.[probe] as { httpGet: { path: string } }).httpGet.path,
      );
    };
    assert.deepEqual(await paths(spec.health), ["/health", "/health", "/health"]);
    assert.deepEqual(await paths({ ...spec.health, readiness: "/ready" }), ["/health", "/health", "/ready"]);
  });

  it("scales by its queue in place of its CPU, and leaves the number of replicas to that", async () => {
    const uri = pulumi.secret(`amqp://shop:${CANARY}@rabbitmq:5672/shop`);
    const queue = { queue: "orders", messagesPerReplica: 500, min: 2, max: 9, uri };
    const resources = await made({ queue });
    assert.deepEqual(kinds(resources), ["Deployment", "ScaledObject"]);
    assert.equal(the(resources, "Deployment").spec["replicas"], undefined);
    const { spec: scaled } = the(resources, "ScaledObject");
    assert.deepEqual([scaled["minReplicaCount"], scaled["maxReplicaCount"]], [2, 9]);
    assert.deepEqual(scaled["scaleTargetRef"], { apiVersion: "apps/v1", kind: "Deployment", name: "api" });
    const [trigger] = scaled["triggers"] as [{ metadata: Record<string, string> }];
    assert.deepEqual(trigger.metadata, { protocol: "amqp", queueName: "orders", mode: "QueueLength", value: "500" });
    const holders = resources.filter(({ inputs }) => JSON.stringify(inputs).includes(CANARY));
    assert.deepEqual(
      holders.map(({ type }) => type),
      ["kubernetes:core/v1:Secret"],
    );
  });

  it("scales a Rollout as it would a Deployment", async () => {
    const release = { kind: "blueGreen", keepSeconds: 60, maxErrorRatio: 0.05 } as const;
    const scaling: WorkloadSpec = { ...spec, replicas: { min: 2, max: 5, cpuPercent: 70 } };
    const resources = await made({ spec: scaling, prometheusUrl: "http://p:9090", release });
    assert.equal(the(resources, "Rollout").spec["replicas"], undefined);
    assert.deepEqual(the(resources, "HorizontalPodAutoscaler").spec["scaleTargetRef"], {
      apiVersion: "argoproj.io/v1alpha1",
      kind: "Rollout",
      name: "api",
    });
  });

  it("bears spot machines only with several pods", async () => {
    const tolerated = async (replicas: number | { min: number; max: number; cpuPercent: number }) => {
      const { spec: deployment } = the(await made({ spec: { ...spec, replicas } }), "Deployment");
      return (deployment["template"] as { spec: Record<string, unknown> }).spec["tolerations"];
    };
    const { key, effect } = SPOT_TAINT;
    const bears = [{ key, operator: "Exists", effect }];
    assert.deepEqual(await tolerated(2), bears);
    assert.deepEqual(await tolerated({ min: 2, max: 4, cpuPercent: 70 }), bears);
    assert.equal(await tolerated(1), undefined);
    assert.equal(await tolerated({ min: 1, max: 4, cpuPercent: 70 }), undefined);
  });

  it("asks for a GPU with enough memory, and frees it before the next pod takes it", async () => {
    const calm = { parallelism: 1, delay: 0, monitor: 1, maxFailureRatio: 0, order: "stop-first" } as const;
    const rollout = {
      update: { ...calm, failureAction: "rollback" },
      rollback: { ...calm, failureAction: "pause" },
    } as const;
    const { spec: deployment } = the(
      await made({ spec: { ...spec, gpu: { count: 1, memory: "4Gi" }, rollout } }),
      "Deployment",
    );
    assert.deepEqual(deployment["strategy"], {
      type: "RollingUpdate",
      rollingUpdate: { maxSurge: 0, maxUnavailable: 1 },
    });
    const { spec: pod } = deployment["template"] as { spec: Record<string, unknown> };
    const [container] = pod["containers"] as [{ resources: { limits: Record<string, string> } }];
    assert.equal(container.resources.limits["nvidia.com/gpu"], "1");
    assert.deepEqual(pod["tolerations"], [{ key: "nvidia.com/gpu", operator: "Exists", effect: "NoSchedule" }]);
    assert.match(JSON.stringify(pod["affinity"]), /instance-gpu-memory","operator":"Gt","values":\["4095"\]/);
  });
});
