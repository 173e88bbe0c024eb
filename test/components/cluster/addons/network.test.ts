import * as aws from "@pulumi/aws";
import { PodMonitor } from "@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1";
import * as kubernetes from "@pulumi/kubernetes";
import { isAllowed } from "@groundwork/lib/reachability";
import type { NetworkPolicy, PodGroup, Side } from "@groundwork/lib/reachability";
import assert from "node:assert/strict";
import { CATALOG } from "../../../../components/cluster/addons/catalog.ts";
import { chooseAddons } from "../../../../components/cluster/addons/choose.ts";
import { ClusterAddons } from "../../../../components/cluster/addons/install.ts";
import type { AddonName } from "../../../../components/cluster/addons/names.ts";
import { registered } from "../../../helpers/mocks.ts";
import type { Outputs, Registered } from "../../../helpers/mocks.ts";
import { contextWith } from "./context.ts";

const nothing = () => ({});
const OUTPUTS: Outputs = {
  ...Object.fromEntries(
    [
      ...["core/v1:Namespace", "core/v1:ResourceQuota", "core/v1:LimitRange", "core/v1:Secret", "helm.sh/v3:Release"],
      ...["networking.k8s.io/v1:NetworkPolicy", "monitoring.coreos.com/v1:PodMonitor"],
      ...["monitoring.coreos.com/v1:PrometheusRule", "storage.k8s.io/v1:StorageClass"],
      ...["cert-manager.io/v1:Certificate", "cert-manager.io/v1:ClusterIssuer"],
      "external-secrets.io/v1:ClusterSecretStore",
    ].map((kind) => [`kubernetes:${kind}`, nothing]),
  ),
  "aws:iam/role:Role": (_inputs, name) => ({ name, arn: `arn:aws:iam::123456789012:role/${name}` }),
  "aws:iam/rolePolicy:RolePolicy": nothing,
  "aws:iam/rolePolicyAttachment:RolePolicyAttachment": nothing,
  "aws:eks/podIdentityAssociation:PodIdentityAssociation": nothing,
  "random:index/randomPassword:RandomPassword": () => ({ result: "drawn" }),
};

async function install(names: readonly AddonName[]): Promise<readonly Registered[]> {
  const { installed: _, replicas: __, ...cluster } = contextWith();
  return registered(() => {
    const providers = [
      new aws.Provider("west", { region: "us-west-2" }),
      new kubernetes.Provider("west-kubernetes", { kubeconfig: "{}" }),
    ];
    new ClusterAddons("west", { ...cluster, addons: chooseAddons({}, names) }, { providers });
  }, OUTPUTS);
}

const policiesOf = (resources: readonly Registered[]) =>
  resources
    .filter(({ type }) => type.endsWith(":NetworkPolicy"))
    .map(({ inputs }) => inputs as unknown as NetworkPolicy);

const named = (namespace: string, name: string): PodGroup => ({
  namespace,
  labels: { "app.kubernetes.io/name": name },
});
const app = (namespace: string, name: string): PodGroup => ({ namespace, labels: { app: name } });
const part = (name: string): PodGroup => ({
  namespace: "cert-manager",
  labels: { "app.kubernetes.io/component": name },
});

const prometheus = named("monitoring", "prometheus");
const alertmanager = named("monitoring", "alertmanager");
const grafana = named("monitoring", "grafana");
const keda = { namespace: "keda", labels: { app: "keda-operator", "app.kubernetes.io/name": "keda-operator" } };
const kedaMetrics = app("keda", "keda-operator-metrics-apiserver");
const postgres = named("cnpg-system", "cloudnative-pg");
const barman = named("cnpg-system", "plugin-barman-cloud");
const rollouts = named("argo-rollouts", "argo-rollouts");
const velero = named("velero", "velero");
const collector = named("observability", "opentelemetry-collector");
const workload = named("finai-nexus", "backend");
const stranger = named("shop", "web");
const apiServer: Side = { address: "10.0.20.4" };
const node: Side = { address: "10.0.130.9" };
const internet: Side = { address: "93.184.216.34" };

describe("the network of add-ons", () => {
  let all: readonly Registered[];
  let policies: readonly NetworkPolicy[];
  before(async () => {
    all = await install(CATALOG.map(({ name }) => name));
    policies = policiesOf(all);
  });

  it("is closed in each of their namespaces but for DNS, and each policy has a name of its own", () => {
    const guarded = new Set(
      CATALOG.flatMap((addon) => ("release" in addon && addon.network !== undefined ? [addon.namespace] : [])),
    );
    assert.ok(guarded.size >= 12 && !guarded.has("kube-system"));
    for (const namespace of guarded) {
      const own = policies.filter(({ metadata }) => metadata?.namespace === namespace);
      const names = own.map(({ metadata }) => metadata?.name);
      assert.ok(names.includes("default-deny") && names.includes("dns"), namespace);
      assert.equal(new Set(names).size, names.length, namespace);
      const pod = { namespace, labels: { any: "pod" } };
      assert.ok(!isAllowed(policies, { from: stranger, to: pod, port: 8443 }), namespace);
      assert.ok(!isAllowed(policies, { from: pod, to: internet, port: 25 }), namespace);
      const dns = { namespace: "kube-system", labels: { "k8s-app": "kube-dns" } };
      assert.ok(isAllowed(policies, { from: pod, to: dns, port: 53, protocol: "UDP" }), namespace);
    }
    const others = policies.filter(({ metadata }) => !guarded.has(metadata?.namespace ?? ""));
    assert.deepEqual(others, []);
  });

  const cases: readonly (readonly [what: string, from: Side, to: Side, port: number, isOpen?: boolean])[] = [
    ["cert-manager the API server", part("controller"), apiServer, 443],
    ["cert-manager Let's Encrypt", part("controller"), internet, 443],
    ["the API server cert-manager's webhook", apiServer, part("webhook"), 10_250],
    ["the API server cert-manager's controller on that port", apiServer, part("controller"), 10_250, false],
    ["the internet a webhook", internet, part("webhook"), 10_250, false],
    ["a workload a webhook", workload, part("webhook"), 10_250, false],
    ["Prometheus cert-manager", prometheus, part("cainjector"), 9402],
    ["Grafana cert-manager", grafana, part("controller"), 9402, false],
    [
      "the API server External Secrets' webhook",
      apiServer,
      named("external-secrets", "external-secrets-webhook"),
      10_250,
    ],
    ["External Secrets Pulumi's API", named("external-secrets", "external-secrets"), internet, 443],
    ["the API server KEDA's metrics", apiServer, kedaMetrics, 6443],
    ["the API server KEDA's webhooks", apiServer, app("keda", "keda-admission-webhooks"), 9443],
    ["KEDA's metrics server its operator", kedaMetrics, keda, 9666],
    ["a workload KEDA's operator", workload, keda, 9666, false],
    ["KEDA a queue", keda, named("tracks-rabbitmq", "rabbitmq"), 5672],
    ["KEDA Prometheus", keda, prometheus, 9090],
    ["KEDA a managed broker", keda, { address: "10.0.160.5" }, 5671],
    ["KEDA a database", keda, { address: "10.0.160.5" }, 5432, false],
    ["a rollout's analysis Prometheus", rollouts, prometheus, 9090],
    ["a workload Prometheus", workload, prometheus, 9090, false],
    ["Prometheus a rollout's controller", prometheus, rollouts, 8090],
    ["Prometheus a workload", prometheus, workload, 8000],
    ["Prometheus a kubelet", prometheus, node, 10_250],
    ["Prometheus a node's exporter", prometheus, node, 9100],
    ["Prometheus the internet", prometheus, internet, 80, false],
    ["Prometheus Alertmanager", prometheus, alertmanager, 9093],
    ["Alertmanager a mail server", alertmanager, internet, 587],
    ["Alertmanager its like", alertmanager, alertmanager, 9094],
    ["Grafana Prometheus", grafana, prometheus, 9090],
    ["Grafana a workload", grafana, workload, 8000, false],
    ["Velero S3", velero, internet, 443],
    ["Velero its identity", velero, { address: "169.254.170.23" }, 80],
    ["Prometheus Velero", prometheus, velero, 8085],
    ["PostgreSQL's operator an instance", postgres, named("finai-nexus-postgres", "postgres"), 8000],
    ["PostgreSQL's operator its archiver", postgres, barman, 9090],
    ["a workload the archiver", workload, barman, 9090, false],
    ["the API server PostgreSQL's webhook", apiServer, postgres, 9443],
    ["the API server the archiver", apiServer, barman, 9443, false],
    ["Prometheus PostgreSQL's operator", prometheus, postgres, 8080],
    ["MongoDB's operator a server", named("psmdb-system", "psmdb-operator"), named("x-mongodb", "mongod"), 27_017],
    ["Prometheus MongoDB's operator", prometheus, named("psmdb-system", "psmdb-operator"), 8080],
    ["Prometheus RabbitMQ's operator", prometheus, named("rabbitmq-system", "operator"), 9782],
    ["a workload RabbitMQ's operator", workload, named("rabbitmq-system", "operator"), 9782, false],
    ["a workload the collector", workload, collector, 4317],
    ["the collector where traces go on to", collector, internet, 4317],
    ["Prometheus the collector", prometheus, collector, 8888],
    ["a GPU's plug-in anything", named("nvidia-device-plugin", "nvidia-device-plugin"), apiServer, 443, false],
  ];
  for (const [what, from, to, port, isOpen = true] of cases)
    it(`${isOpen ? "lets" : "does not let"} ${what}`, () =>
      assert.equal(isAllowed(policies, { from, to, port }), isOpen));

  it("lets cert-manager look challenges up where the world will, and nobody else", () => {
    const asked = { to: { address: "1.1.1.1" }, port: 53, protocol: "UDP" };
    assert.ok(isAllowed(policies, { from: part("controller"), ...asked }));
    assert.ok(!isAllowed(policies, { from: part("webhook"), ...asked }));
    assert.ok(!isAllowed(policies, { from: part("controller"), ...asked, to: internet }));
  });

  it("lets Alertmanagers gossip by UDP", () => {
    assert.ok(isAllowed(policies, { from: alertmanager, to: alertmanager, port: 9094, protocol: "UDP" }));
  });

  it("has monitors for what no chart makes one for, as their kind's schema wants them", () => {
    const monitors = all.filter(({ type }) => type.endsWith(":PodMonitor"));
    for (const { inputs } of monitors) new PodMonitor(inputs as never).validate();
    assert.deepEqual(
      monitors
        .map(({ inputs }) => inputs["metadata"] as { namespace: string; name: string })
        .map(({ namespace, name }) => `${namespace}/${name}`)
        .sort(),
      [
        ...["istio-nodes/istio-cni", "istio-nodes/ztunnel", "istio-system/istiod", "istio-system/waypoints"],
        "psmdb-system/operator",
      ],
    );
  });

  it("opens nothing for metrics where nobody asks for them, and makes no monitor", async () => {
    const resources = await install(["cert-manager", "keda", "istio-base", "istiod", "percona-mongodb-operator"]);
    assert.deepEqual(
      resources.filter(({ type }) => type.includes("monitoring.coreos.com")),
      [],
    );
    const own = policiesOf(resources);
    assert.ok(isAllowed(own, { from: apiServer, to: part("webhook"), port: 10_250 }));
    assert.ok(!isAllowed(own, { from: prometheus, to: part("webhook"), port: 9402 }));
    assert.ok(!isAllowed(own, { from: prometheus, to: keda, port: 8080 }));
  });
});
