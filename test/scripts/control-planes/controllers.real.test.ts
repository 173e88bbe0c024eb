import assert from "node:assert/strict";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Api } from "../../../scripts/rehearsal/control-planes/api.ts";
import { declareKinds, kindsOf, letGo } from "../../../scripts/rehearsal/control-planes/custom-kinds.ts";
import type { Region } from "../../../scripts/rehearsal/control-planes/index.ts";
import { autoscalerFor, kedaProblems } from "../../../scripts/rehearsal/control-planes/keda.ts";
import { problemsOf, reportOf } from "../../../scripts/rehearsal/control-planes/report.ts";
import { awaitGone, awaitReady } from "../../../scripts/rehearsal/control-planes/rollout.ts";
import { temporaryFolder } from "../../helpers/folder.ts";
import { deployment, namespace, object, openRegion, podSpec, until } from "./planes.ts";

const NAMESPACE = "tracks";
const NO_WAIT = {
  scaleUp: { policies: [{ type: "Percent", value: 400, periodSeconds: 1 }] },
  scaleDown: { stabilizationWindowSeconds: 0, policies: [{ type: "Percent", value: 100, periodSeconds: 1 }] },
};

describe("what stands in for the controllers of a region", () => {
  let region: Region;
  let api: Api;

  // before the folder goes, in which it writes
  after(() => region.remove());
  const folder = join(temporaryFolder(), "region");

  before(async () => {
    region = await openRegion(folder, 3);
    api = await region.api();
    await api.apply(namespace(NAMESPACE));
    await Promise.all(
      ["keda", "argo-rollouts", "karpenter", "psmdb-operator"].map((chart) => declareKinds(api, kindsOf(chart))),
    );
  });

  const replicasOf = async (apiVersion: string, kind: string, name: string): Promise<number | undefined> => {
    const found = await api.find({ apiVersion, kind, metadata: { name, namespace: NAMESPACE } });
    return (found?.["status"] as { readyReplicas?: number } | undefined)?.readyReplicas;
  };
  const scaledTo = (name: string, count: number) =>
    until(
      async () => ((await replicasOf("apps/v1", "Deployment", name)) === count ? true : undefined),
      `${name} with ${count} replicas`,
    );

  it("scales by what waits in a queue, as KEDA's autoscaler does, and back", async () => {
    await api.apply(deployment(NAMESPACE, "transformer", undefined));
    const authentication = object("keda.sh/v1alpha1", "TriggerAuthentication", NAMESPACE, "queue", {
      spec: { secretTargetRef: [{ parameter: "host", name: "queue", key: "uri" }] },
    });
    const scaled = object("keda.sh/v1alpha1", "ScaledObject", NAMESPACE, "transformer", {
      spec: {
        scaleTargetRef: { name: "transformer" },
        minReplicaCount: 2,
        maxReplicaCount: 6,
        advanced: { horizontalPodAutoscalerConfig: { behavior: NO_WAIT } },
        triggers: [
          {
            type: "rabbitmq",
            metadata: { protocol: "amqp", queueName: "items", mode: "QueueLength", value: "1000" },
            authenticationRef: { name: "queue" },
          },
        ],
      },
    });
    await api.apply(scaled);
    assert.deepEqual(await kedaProblems(api, scaled), [
      "ScaledObject tracks/transformer cannot ask: TriggerAuthentication queue is not there",
    ]);
    await api.apply(authentication);
    assert.match((await kedaProblems(api, scaled))[0] ?? "", /Secret queue is not there/);
    await api.apply(object("v1", "Secret", NAMESPACE, "queue", { stringData: { uri: "amqp://queue" } }));
    assert.deepEqual(await kedaProblems(api, scaled), []);

    await api.apply(autoscalerFor(scaled));
    await scaledTo("transformer", 2);
    region.loads.set(`${NAMESPACE}/transformer`, { waiting: 4500 });
    await scaledTo("transformer", 5);
    region.loads.set(`${NAMESPACE}/transformer`, { waiting: 60_000 });
    await scaledTo("transformer", 6);
    assert.deepEqual(await problemsOf([region]), []);
    const shown = await until(async () => {
      const { autoscalers } = await reportOf([region], 0, new Map());
      return autoscalers[0]?.metrics[0] === "s0-rabbitmq-items 10k / 1k" ? autoscalers : undefined;
    }, "an autoscaler that has counted its 6 replicas");
    const range = { namespace: NAMESPACE, name: "keda-hpa-transformer", workload: "transformer", min: 2, max: 6 };
    const metrics = ["s0-rabbitmq-items 10k / 1k"];
    assert.deepEqual(shown, [{ region: "us-west-2", ...range, replicas: 6, metrics, active: true }]);
    region.loads.set(`${NAMESPACE}/transformer`, { waiting: 0 });
    await scaledTo("transformer", 2);
  });

  it("lets an autoscaler scale a Rollout, whose pods a Deployment stands for", async () => {
    const labels = { app: "api" };
    const rollout = object("argoproj.io/v1alpha1", "Rollout", NAMESPACE, "api", {
      spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: podSpec() } },
    });
    await api.apply(rollout);
    await api.apply(deployment(NAMESPACE, "api", 1));
    await api.apply(
      object("autoscaling/v2", "HorizontalPodAutoscaler", NAMESPACE, "api", {
        spec: {
          minReplicas: 3,
          maxReplicas: 5,
          scaleTargetRef: { apiVersion: "argoproj.io/v1alpha1", kind: "Rollout", name: "api" },
          metrics: [
            { type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 70 } } },
          ],
          behavior: NO_WAIT,
        },
      }),
    );
    await scaledTo("api", 3);
    region.loads.set(`${NAMESPACE}/api`, { share: 1.4 });
    await scaledTo("api", 5);
    const status = await until(async () => {
      const found = ((await api.find(rollout))?.["status"] ?? {}) as Record<string, unknown>;
      return found["phase"] === "Healthy" ? found : undefined;
    }, "a healthy Rollout");
    assert.deepEqual([status["HPAReplicas"], status["selector"]], [5, "app=api"]);
  });

  it("gives a pod that asks for a GPU a machine that has one, within its pool's limit", async () => {
    const requirements = [
      { key: "karpenter.k8s.aws/instance-family", operator: "In", values: ["g6", "g5"] },
      { key: "karpenter.k8s.aws/instance-gpu-count", operator: "In", values: ["1"] },
    ];
    await api.apply({
      apiVersion: "karpenter.sh/v1",
      kind: "NodePool",
      metadata: { name: "gpu" },
      spec: { template: { spec: { requirements } }, limits: { "nvidia.com/gpu": "1" } },
    });
    const wanted = podSpec({ cpu: "1", memory: "4Gi" }, { cpu: "1", memory: "4Gi", "nvidia.com/gpu": "1" });
    const applied = await api.apply(deployment(NAMESPACE, "inference", 1, wanted));
    assert.equal((await awaitReady(api, applied)).notReady, undefined);
    const nodes = () => api.client.list("/api/v1/nodes", { labelSelector: "karpenter.sh/nodepool=gpu" });
    const [node] = await nodes();
    const { allocatable } = node?.["status"] as { allocatable: Record<string, string> };
    const labels = node?.metadata["labels"] as Record<string, string>;
    assert.deepEqual([allocatable["nvidia.com/gpu"], labels["node.kubernetes.io/instance-type"]], ["1", "g6.xlarge"]);
    const path = `/apis/apps/v1/namespaces/${NAMESPACE}/deployments/inference`;
    await api.client.merge(path, { spec: { replicas: 2 } });
    await until(async () => {
      const pods = await api.client.list("/api/v1/pods", { fieldSelector: "status.phase=Pending" });
      return pods.some((pod) => JSON.stringify(pod["status"]).includes("Insufficient nvidia.com/gpu"))
        ? true
        : undefined;
    }, "the pool's limit");
    assert.equal((await nodes()).length, 1);
    await api.client.merge(path, { spec: { replicas: 1 } });
  });

  it("makes no machine for a DaemonSet's pod, which belongs on one that is full, and leaves room for it on new ones", async () => {
    const labels = { app: "agent" };
    const spec = { ...podSpec({ cpu: "3", memory: "1Gi" }), tolerations: [{ operator: "Exists" }] };
    await api.apply(
      object("apps/v1", "DaemonSet", NAMESPACE, "agent", {
        spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
      }),
    );
    // 3.5 of the 3.9 cores of a node: beside it there is no room for an agent
    await api.apply(deployment(NAMESPACE, "large", 4, podSpec({ cpu: "3500m", memory: "1Gi" })));
    const requirements = [{ key: "karpenter.k8s.aws/instance-category", operator: "In", values: ["m"] }];
    await api.apply({
      apiVersion: "karpenter.sh/v1",
      kind: "NodePool",
      metadata: { name: "general" },
      spec: { template: { spec: { requirements } } },
    });
    const pods = async (field: string) =>
      (await api.client.list(`/api/v1/namespaces/${NAMESPACE}/pods`, { fieldSelector: field })).map(
        ({ metadata }) => metadata.name,
      );
    await until(async () => {
      const pending = await pods("status.phase=Pending");
      return pending.some((name) => name.startsWith("large")) ? undefined : true;
    }, "a node for each large pod");
    await sleep(2_000); // the round that made the last one is over
    const before = region.provisioned;
    // as many rounds as would make as many nodes
    await sleep(4_000);
    assert.equal(region.provisioned, before);
    const made = await api.client.list("/api/v1/nodes", { labelSelector: "karpenter.sh/nodepool=general" });
    assert.ok(made.length > 0);
    for (const { metadata } of made) {
      const running = await pods(`spec.nodeName=${metadata.name},status.phase=Running`);
      assert.ok(
        running.some((name) => name.startsWith("agent")),
        metadata.name,
      );
    }
  });

  it("lets a custom resource go whose controller holds it, and names what holds one without a controller", async () => {
    const database = object("psmdb.percona.com/v1", "PerconaServerMongoDB", NAMESPACE, "mongodb", { spec: {} });
    const held = {
      ...database,
      metadata: { ...database.metadata, finalizers: ["percona.com/delete-psmdb-pods-in-order"] },
    };
    await api.apply(held);
    await letGo(api, held);
    await awaitGone(api, held);
    await api.apply(held);
    await assert.rejects(
      awaitGone(api, held, 1_000),
      /PerconaServerMongoDB tracks\/mongodb is still there .*percona.com\/delete-psmdb-pods-in-order holds it/,
    );
  });
});
