import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Region, drain } from "../../../scripts/rehearsal/control-planes/index.ts";
import type { Api } from "../../../scripts/rehearsal/control-planes/api.ts";
import { ApiError, type KubernetesObject } from "../../../scripts/rehearsal/control-planes/client.ts";
import { declareKinds, kindsOf } from "../../../scripts/rehearsal/control-planes/custom-kinds.ts";
import { failuresOf } from "../../../scripts/rehearsal/control-planes/refusals.ts";
import { awaitGone, awaitReady, pendingPods } from "../../../scripts/rehearsal/control-planes/rollout.ts";
import { temporaryFolder } from "../../helpers/folder.ts";
import { deployment, namespace, object, openRegion, podSpec, until } from "./planes.ts";

const NAMESPACES = { spec: "namespaced", shop: "limited" };

async function refusal(perform: Promise<unknown>): Promise<ApiError> {
  try {
    await perform;
  } catch (error) {
    assert.ok(error instanceof ApiError, String(error));
    return error;
  }
  return assert.fail("the API server took it");
}

describe("a region with a real control plane", () => {
  let region: Region;
  let api: Api;

  // before the folder goes, in which it writes
  after(() => region.remove());
  const folder = join(temporaryFolder(), "region #1");

  before(async () => {
    region = await openRegion(folder, 4);
    api = await region.api();
    await api.apply(namespace(NAMESPACES.spec));
    await api.apply(namespace(NAMESPACES.shop, { "pod-security.kubernetes.io/enforce": "restricted" }));
    const hard = { "requests.cpu": "2", "requests.memory": "2Gi", pods: "10" };
    await awaitReady(api, await api.apply(object("v1", "ResourceQuota", NAMESPACES.shop, "quota", { spec: { hard } })));
    const limits = [{ type: "Container", max: { cpu: "1", memory: "1Gi" } }];
    await api.apply(object("v1", "LimitRange", NAMESPACES.shop, "limits", { spec: { limits } }));
  });

  const pod = (name: string, spec: Readonly<Record<string, unknown>>) =>
    api.apply(object("v1", "Pod", NAMESPACES.shop, name, { spec }));

  it("has nodes with what their instance type leaves to pods, labelled as EKS labels them", async () => {
    const [node] = await api.client.list("/api/v1/nodes");
    const { labels } = node?.metadata as { labels?: Record<string, string> };
    assert.equal(labels?.["node.kubernetes.io/instance-type"], "m7i.xlarge");
    assert.equal(labels["eks.amazonaws.com/nodegroup"], "nodes");
    assert.equal(labels["kubernetes.io/arch"], "amd64");
    const { allocatable } = node?.["status"] as { allocatable: Record<string, string> };
    assert.deepEqual({ cpu: allocatable["cpu"], pods: allocatable["pods"] }, { cpu: "3920m", pods: "58" });
  });

  it("refuses a pod that is over the quota, the limit range or what Pod Security allows", async () => {
    await pod("first", podSpec({ cpu: "900m", memory: "1Gi" }));
    await pod("second", podSpec({ cpu: "900m", memory: "512Mi" }));
    const over = await refusal(pod("third", podSpec({ cpu: "900m", memory: "64Mi" })));
    assert.match(
      over.message,
      /exceeded quota: quota, requested: requests.cpu=900m, used: requests.cpu=1800m, limited/,
    );
    const large = await refusal(pod("large", podSpec({ cpu: "1500m", memory: "64Mi" })));
    assert.match(large.message, /maximum cpu usage per Container is 1, but limit is 1500m/);
    const { securityContext: _, ...spec } = podSpec();
    const root = await refusal(pod("root", spec));
    assert.match(root.message, /violates PodSecurity "restricted:latest": runAsNonRoot != true/);
    for (const error of [over, large, root]) assert.equal(error.status, 403);
  });

  it("tells of a Deployment over the quota that its pods are refused", async () => {
    const applied = await api.apply(deployment(NAMESPACES.shop, "greedy", 4, podSpec({ cpu: "800m", memory: "64Mi" })));
    const { notReady = "" } = await awaitReady(api, { ...applied, metadata: applied.metadata });
    assert.match(notReady, /Deployment limited\/greedy is not ready .*exceeded quota: quota/);
    await awaitGone(api, applied);
  });

  it("names the property that the schema does not have", async () => {
    const wrong = deployment(NAMESPACES.spec, "wrong", 1, {
      ...podSpec(),
      containers: [{ name: "app", image: "a", replicass: 3 }],
    });
    const error = await refusal(api.apply(wrong, { dryRun: true }));
    const [failure] = failuresOf(error, wrong, "us-west-2");
    assert.equal(failure?.path, "spec.template.spec.containers[0].replicass");
    assert.match(failure.reason, /field not declared in schema: the API server of us-west-2 refuses Deployment/);
    const invalid = deployment(NAMESPACES.spec, "wrong", -1);
    const [other] = failuresOf(await refusal(api.apply(invalid, { dryRun: true })), invalid, "us-west-2");
    assert.equal(other?.path, "spec.replicas");
  });

  it("scales by its metrics, up and down", async () => {
    const workload = "backend";
    await api.apply(deployment(NAMESPACES.spec, workload, undefined));
    const target = { type: "Utilization", averageUtilization: 70 };
    await api.apply(
      object("autoscaling/v2", "HorizontalPodAutoscaler", NAMESPACES.spec, workload, {
        spec: {
          minReplicas: 3,
          maxReplicas: 20,
          scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: workload },
          metrics: [{ type: "Resource", resource: { name: "cpu", target } }],
          // the default of 5 minutes is for load that comes back
          behavior: {
            scaleDown: { stabilizationWindowSeconds: 0, policies: [{ type: "Percent", value: 100, periodSeconds: 1 }] },
            scaleUp: { policies: [{ type: "Percent", value: 400, periodSeconds: 1 }] },
          },
        },
      }),
    );
    const path = `/apis/autoscaling/v2/namespaces/${NAMESPACES.spec}/horizontalpodautoscalers/${workload}`;
    const reaches = (count: number) =>
      until(async () => {
        const { status } = (await api.client.get(path)) as KubernetesObject & {
          status?: { currentReplicas?: number; conditions?: readonly { type: string; status: string }[] };
        };
        const active = status?.conditions?.some(({ type, status: is }) => type === "ScalingActive" && is === "True");
        return status?.currentReplicas === count && active === true ? true : undefined;
      }, `scaling to ${count}`);
    await reaches(3);
    region.loads.set(`${NAMESPACES.spec}/${workload}`, { cores: 1.4 });
    await reaches(20);
    region.loads.set(`${NAMESPACES.spec}/${workload}`, { cores: 0.1 });
    await reaches(3);
    region.loads.clear();
  });

  it("holds a drain while a disruption budget says so", async () => {
    const applied = await api.apply(deployment(NAMESPACES.spec, "guarded", 1));
    await awaitReady(api, applied);
    const selector = { matchLabels: { app: "guarded" } };
    const budget = object("policy/v1", "PodDisruptionBudget", NAMESPACES.spec, "guarded", {
      spec: { minAvailable: 1, selector },
    });
    await api.apply(budget);
    const [guarded] = await api.client.list(`/api/v1/namespaces/${NAMESPACES.spec}/pods`, {
      labelSelector: "app=guarded",
    });
    const { nodeName } = guarded?.["spec"] as { nodeName: string };
    const held = await until(async () => {
      const found = await drain(api.client, nodeName, 0);
      return found.length > 0 ? found : undefined;
    }, "a refused eviction");
    assert.deepEqual(
      held.map(({ name }) => name),
      [guarded?.metadata.name],
    );
    assert.match(held[0]?.reason ?? "", /The disruption budget guarded needs 1 healthy pods and has 1 currently/);
    await awaitGone(api, budget);
    assert.deepEqual(await drain(api.client, nodeName), []);
    await api.client.merge(`/api/v1/nodes/${nodeName}`, { spec: { unschedulable: false } });
  });

  it("leaves pending what fits nowhere, and makes a node for it where a node pool allows one", async () => {
    const applied = await api.apply(deployment(NAMESPACES.spec, "large", 1, podSpec({ cpu: "6", memory: "8Gi" })));
    const [pending] = await until(async () => {
      const pods = await pendingPods(api, NAMESPACES.spec);
      return pods.some(({ reason }) => reason.includes("Insufficient cpu")) ? pods : undefined;
    }, "the scheduler's refusal");
    assert.match(pending?.reason ?? "", /0\/4 nodes are available: 4 Insufficient cpu/);
    assert.ok((await declareKinds(api, kindsOf("karpenter"))).includes("nodepools.karpenter.sh"));
    const requirements = [
      { key: "karpenter.k8s.aws/instance-category", operator: "In", values: ["m"] },
      { key: "kubernetes.io/arch", operator: "In", values: ["amd64"] },
      { key: "karpenter.k8s.aws/instance-generation", operator: "Gt", values: ["6"] },
    ];
    await api.apply({
      apiVersion: "karpenter.sh/v1",
      kind: "NodePool",
      metadata: { name: "general" },
      spec: { template: { spec: { requirements } }, limits: { cpu: "16" } },
    });
    const ready = await awaitReady(api, applied);
    assert.equal(ready.notReady, undefined);
    const [node] = await api.client.list("/api/v1/nodes", { labelSelector: "karpenter.sh/nodepool=general" });
    const labels = node?.metadata["labels"] as Record<string, string>;
    assert.match(labels["node.kubernetes.io/instance-type"] ?? "", /^m[78]\w*\.2xlarge$/);
    // 16 cores are the pool's limit, 8 are used
    await api.client.merge(`/apis/apps/v1/namespaces/${NAMESPACES.spec}/deployments/large`, { spec: { replicas: 4 } });
    const still = await until(async () => {
      const nodes = await api.client.list("/api/v1/nodes", { labelSelector: "karpenter.sh/nodepool=general" });
      const pods = await pendingPods(api, NAMESPACES.spec);
      return nodes.length === 2 && pods.length === 2 ? pods : undefined;
    }, "the pool's limit");
    assert.match(still[0]?.reason ?? "", /Insufficient cpu/);
    await awaitGone(api, applied);
  });

  it("gives claims their volumes and balancers their addresses", async () => {
    await api.apply({
      apiVersion: "storage.k8s.io/v1",
      kind: "StorageClass",
      metadata: { name: "gp3" },
      provisioner: "ebs.csi.aws.com",
      volumeBindingMode: "WaitForFirstConsumer",
    });
    const labels = { app: "store" };
    const applied = await api.apply(
      object("apps/v1", "StatefulSet", NAMESPACES.spec, "store", {
        spec: {
          serviceName: "store",
          replicas: 2,
          selector: { matchLabels: labels },
          template: { metadata: { labels }, spec: podSpec() },
          volumeClaimTemplates: [
            {
              metadata: { name: "data" },
              spec: {
                storageClassName: "gp3",
                accessModes: ["ReadWriteOnce"],
                resources: { requests: { storage: "1Gi" } },
              },
            },
          ],
        },
      }),
    );
    assert.equal((await awaitReady(api, applied)).notReady, undefined);
    const service = await api.apply(
      object("v1", "Service", NAMESPACES.spec, "store", {
        spec: { type: "LoadBalancer", selector: labels, ports: [{ port: 80 }] },
      }),
    );
    const { object: balanced } = await awaitReady(api, service);
    assert.match(JSON.stringify(balanced["status"]), /\.elb\.us-west-2\.amazonaws\.com/);
  });

  it("returns after it was lost, with everything that it knew and no secret in its files", async () => {
    const canary = "canary-4fe21b";
    await api.apply(object("v1", "Secret", NAMESPACES.spec, "token", { stringData: { token: canary } }));
    await region.lose();
    assert.equal(region.isLost, true);
    await assert.rejects(region.api());
    const files = globSync(`${folder}/{etcd,processes}/**`, { withFileTypes: true }).filter((file) => file.isFile());
    assert.ok(files.length > 5);
    for (const file of files) {
      const text = readFileSync(join(file.parentPath, file.name), "latin1");
      assert.ok(!text.includes(canary) && !text.includes(Buffer.from(canary).toString("base64")), file.name);
    }
    await region.recover();
    api = await region.api();
    const secret = await api.client.get(`/api/v1/namespaces/${NAMESPACES.spec}/secrets/token`);
    assert.equal((secret["data"] as Record<string, string>)["token"], Buffer.from(canary).toString("base64"));
  });
});
