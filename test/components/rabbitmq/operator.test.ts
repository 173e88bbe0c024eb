import assert from "node:assert/strict";
import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { expand, isUnexpanded } from "@groundwork/lib/expanders/expand";
import { OperatorRabbitmq } from "../../../components/rabbitmq/operator.ts";
import type { OperatorRabbitmqArgs } from "../../../components/rabbitmq/operator.ts";
import type { RabbitmqClusterSpec } from "../../../components/rabbitmq/operator-kinds.ts";
import { rabbitmqPromotion } from "../../../components/rabbitmq/promotion.ts";
import { rabbitmqConnection } from "../../../components/rabbitmq/spec.ts";
import { registered } from "../../helpers/mocks.ts";
import type { Registered } from "../../helpers/mocks.ts";

const CANARY = "canary-of-rabbitmq";
const ARGS: OperatorRabbitmqArgs = {
  system: "tracks",
  spec: {
    vhost: "tracks",
    size: { cpu: 2, memory: "2Gi" },
    topology: { queues: [{ name: "tracks.raw", maxLength: 1000 }] },
  },
  clients: [{ namespace: "tracks", labels: {} }],
  monitoring: "monitoring",
  protect: true,
};
const OUTPUTS = {
  "pulumi:providers:kubernetes": () => ({}),
  "random:index/randomPassword:RandomPassword": () => ({ result: CANARY }),
  ...Object.fromEntries(
    [
      "kubernetes:core/v1:Namespace",
      "kubernetes:core/v1:ResourceQuota",
      "kubernetes:core/v1:LimitRange",
      "kubernetes:core/v1:Secret",
      "kubernetes:networking.k8s.io/v1:NetworkPolicy",
      "kubernetes:policy/v1:PodDisruptionBudget",
      "kubernetes:apps/v1:Deployment",
      "kubernetes:rabbitmq.com/v1beta1:RabbitmqCluster",
      "kubernetes:cert-manager.io/v1:Certificate",
      "kubernetes:monitoring.coreos.com/v1:ServiceMonitor",
    ].map((type) => [type, () => ({})]),
  ),
  "kubernetes:core/v1:ConfigMap": (inputs: Record<string, unknown>, name: string) => ({
    metadata: { ...(inputs.metadata as object), name: `${name}-1234567` },
  }),
};

async function deployed(changes: Partial<OperatorRabbitmqArgs> = {}) {
  const tiers: OperatorRabbitmq[] = [];
  const resources = await registered(() => {
    const providers = [new kubernetes.Provider("cluster", {})];
    tiers.push(new OperatorRabbitmq("us-west-2-tracks-rabbitmq", { ...ARGS, ...changes }, { providers }));
  }, OUTPUTS);
  const [tier] = tiers;
  assert.ok(tier);
  return { tier, resources };
}

const ofKind = (resources: readonly Registered[], kind: string) =>
  resources.filter(({ type }) => type.endsWith(`:${kind}`));
const clusterOf = (resources: readonly Registered[]) =>
  ofKind(resources, "RabbitmqCluster")[0]?.inputs.spec as RabbitmqClusterSpec;
const value = <T>(output: pulumi.Output<T>) => new Promise<T>((resolve) => output.apply(resolve));

describe("RabbitMQ by its operator", () => {
  it("has the interface of every RabbitMQ, so that workloads see no difference", async () => {
    const { tier } = await deployed();
    assert.equal(await value(tier.endpoint.host), "rabbitmq.tracks-rabbitmq.svc");
    const { environment, secrets } = rabbitmqConnection(tier);
    assert.equal(environment.RABBITMQ_PORT, "5672");
    assert.equal(environment.RABBITMQ_VHOST, "tracks");
    assert.equal("RABBITMQ_TLS" in environment, false);
    assert.equal(await pulumi.isSecret(secrets.RABBITMQ_PASSWORD as pulumi.Output<string>), true);
  });

  it("is three nodes over the zones with quorum queues, sized by what they may use", async () => {
    const cluster = clusterOf((await deployed()).resources);
    assert.equal(cluster.replicas, 3);
    assert.deepEqual(cluster.resources.requests, cluster.resources.limits);
    assert.match(cluster.rabbitmq.additionalConfig, /^default_queue_type = quorum$/m);
    assert.match(cluster.rabbitmq.additionalConfig, /^vm_memory_high_watermark\.absolute = 1228MiB$/m);
    const pod = cluster.override.statefulSet.spec.template.spec;
    assert.equal(pod.topologySpreadConstraints.length, 2);
    assert.ok([...pod.containers, ...pod.initContainers].every((each) => "capabilities" in each.securityContext));
  });

  it("keeps a majority through a drain", async () => {
    const [budget] = ofKind((await deployed()).resources, "PodDisruptionBudget");
    assert.equal((budget?.inputs.spec as { maxUnavailable: number }).maxUnavailable, 1);
  });

  it("gets its queues by the same definitions as on Docker, from a pod that may do nothing else", async () => {
    const { resources } = await deployed();
    const [files] = ofKind(resources, "ConfigMap");
    const data = files?.inputs.data as Record<string, string>;
    const { queues } = JSON.parse(data["definitions.json"] ?? "") as { queues: { name: string }[] };
    assert.deepEqual(
      queues.map(({ name }) => name),
      ["tracks.raw", "tracks.raw.dead"],
    );
    assert.match(data["define.sh"] ?? "", /\/api\/definitions\/tracks/);
    const [definer] = ofKind(resources, "Deployment");
    assert.ok(JSON.stringify(definer?.inputs).includes('"readOnlyRootFilesystem":true'));
    assert.equal(
      ofKind((await deployed({ spec: { ...ARGS.spec, topology: { queues: [] } } })).resources, "Deployment").length,
      1,
    );
    const { topology: _, ...without } = ARGS.spec;
    assert.equal(ofKind((await deployed({ spec: without })).resources, "Deployment").length, 0);
  });

  it("takes TLS with a certificate of cert-manager, and then opens no plain port to clients", async () => {
    const { tier, resources } = await deployed({ tls: { issuer: "internal", issuerKind: "ClusterIssuer" } });
    assert.equal(tier.endpoint.port, 5671);
    assert.equal(rabbitmqConnection(tier).environment.RABBITMQ_TLS, "true");
    assert.equal(clusterOf(resources).tls?.secretName, "rabbitmq-tls");
    assert.equal(ofKind(resources, "Certificate").length, 1);
    const nodes = ofKind(resources, "NetworkPolicy").find(
      ({ inputs }) => (inputs.metadata as { name: string }).name === "nodes-flows",
    );
    const { ingress } = nodes?.inputs.spec as { ingress: { from: unknown; ports: { port: number }[] }[] };
    const fromClients = ingress.filter(({ from }) => JSON.stringify(from).includes('"tracks"'));
    assert.deepEqual(
      fromClients.flatMap(({ ports }) => ports.map(({ port }) => port)),
      [5671],
    );
  });

  it("has a namespace of its own whose quota is what its pods come to", async () => {
    const { resources } = await deployed();
    const { hard } = ofKind(resources, "ResourceQuota")[0]?.inputs.spec as { hard: Record<string, string> };
    // three nodes and the definer, and one more of each
    assert.equal(hard.pods, "6");
    const [cluster] = ofKind(resources, "RabbitmqCluster");
    assert.ok(cluster);
    const expansion = expand(cluster.type, cluster.inputs);
    assert.ok(expansion && !isUnexpanded(expansion));
    assert.equal(expansion.workloads[0]?.pods.replicas, 3);
    assert.deepEqual(
      expansion.claims.map(({ count, bytes }) => [count, bytes]),
      [[3, 10 * 2 ** 30]],
    );
  });

  it("keeps the password to the secret", async () => {
    const { resources } = await deployed();
    const leaking = resources.filter(({ inputs }) => JSON.stringify(inputs).includes(CANARY));
    assert.deepEqual(
      leaking.map(({ type }) => type),
      ["kubernetes:core/v1:Secret"],
    );
  });

  it("refuses a number of nodes of which no majority can be told", async () => {
    await assert.rejects(deployed({ nodes: 2 }), /nodes is 2; write an odd number such as 3/);
  });
});

describe("promotion of RabbitMQ", () => {
  it("promotes nothing: queues are a region's own, and what is lost is said", () => {
    const [serve, afterwards] = rabbitmqPromotion({ system: "tracks", from: "us-west-2", to: "us-east-1" });
    assert.match(serve?.loses ?? "", /waits on its volumes/);
    assert.match(afterwards?.what ?? "", /When us-west-2 is back/);
    const planned = rabbitmqPromotion({ system: "tracks", from: "us-west-2", to: "us-east-1", planned: true });
    assert.deepEqual(
      planned.map(({ loses }) => loses),
      ["nothing"],
    );
    assert.throws(() => rabbitmqPromotion({ system: "tracks", from: "a", to: "a" }), /write another region/);
  });
});
