import assert from "node:assert/strict";
import { imageReference } from "../../../../policies/framework/images.ts";
import { gatewayTakesTlsOnly } from "../../../../policies/security/kubernetes/gateway-takes-tls-only.ts";
import { imageComesFromAllowedRegistry } from "../../../../policies/security/kubernetes/image-comes-from-allowed-registry.ts";
import { namespaceDeniesTrafficByDefault } from "../../../../policies/security/kubernetes/namespace-denies-traffic-by-default.ts";
import { serviceStaysInside } from "../../../../policies/security/kubernetes/service-stays-inside.ts";
import { workloadIsOutsideDefaultNamespace } from "../../../../policies/security/kubernetes/workload-is-outside-default-namespace.ts";
import { describePolicy } from "../../cases.ts";
import { changed } from "../../fixtures.ts";
import { say, UNKNOWN } from "../../harness.ts";
import { deployment, inShop, namespace, workloads } from "../../kubernetes-fixtures.ts";

const deny = inShop("networking.k8s.io/v1:NetworkPolicy", "default-deny", {
  spec: { podSelector: {}, policyTypes: ["Ingress", "Egress"] },
});
const flow = inShop("networking.k8s.io/v1:NetworkPolicy", "web", {
  spec: { podSelector: { matchLabels: { app: "web" } }, policyTypes: ["Ingress"], ingress: [{}] },
});
const everywhere = { ipBlock: { cidr: "0.0.0.0/0" } };
const release = {
  type: "kubernetes:helm.sh/v3:Release",
  name: "tool",
  props: { chart: "tool", namespace: "tools" },
};

describePolicy({
  policy: namespaceDeniesTrafficByDefault,
  compliant: [namespace, deployment, deny, { ...flow, name: "flow" }],
  passes: [
    { path: "default-deny/spec/podSelector", value: { matchLabels: {} } },
    { path: "default-deny/spec/egress", value: [{ ports: [{ port: 53 }] }] },
    { path: "default-deny/spec/egress", value: [{ to: [everywhere], ports: [{ port: 443 }] }] },
    { path: "default-deny/spec/egress", value: [{ to: [{ ipBlock: { cidr: "0.0.0.0/0", except: ["10.0.0.0/8"] } }] }] },
    { path: "default-deny/spec/ingress", value: [{ from: [{ podSelector: {} }] }] },
    { path: "web/metadata/namespace", value: "kube-system" },
  ],
  breaks: [
    {
      path: "default-deny/spec/policyTypes",
      value: ["Ingress"],
      says: /^Namespace shop has pods and no NetworkPolicy that denies Egress by default; add one with podSelector \{\} and policyTypes \["Egress"\]\.$/,
    },
    {
      path: "default-deny/spec/podSelector",
      value: { matchLabels: { app: "db" } },
      says: /denies Ingress and Egress by default/,
    },
    { path: "default-deny/spec/policyTypes", value: undefined, says: /denies Egress by default/ },
    { path: "default-deny/metadata/namespace", value: "other", says: /Namespace shop has pods/ },
    {
      path: "default-deny/spec/ingress",
      value: [{}],
      says: /^NetworkPolicy default-deny allows all traffic of namespace shop \(Ingress\); name the peers or take the empty rule away\.$/,
    },
    { path: "default-deny/spec/ingress", value: [{ from: [] }], says: /allows all traffic .*\(Ingress\)/ },
    { path: "default-deny/spec/ingress", value: [{ from: [], ports: [] }], says: /allows all traffic .*\(Ingress\)/ },
    { path: "default-deny/spec/egress", value: [{ to: [everywhere] }], says: /allows all traffic .*\(Egress\)/ },
    {
      path: "default-deny/spec/egress",
      value: [{ to: [{ podSelector: {} }, { ipBlock: { cidr: "::/0" } }] }],
      says: /allows all traffic .*\(Egress\)/,
    },
  ],
  undecided: ["default-deny/spec/podSelector", "default-deny/spec/policyTypes"],
});

describe("namespace-denies-traffic-by-default", () => {
  it("only advises on a namespace of another stack, which may have its policies there", () => {
    const found = [
      ...say(namespaceDeniesTrafficByDefault, [deployment]),
      ...say(namespaceDeniesTrafficByDefault, [release]),
    ];
    assert.equal(found.length, 2);
    for (const line of found)
      assert.match(line, /^advisory: Namespace (shop|tools) has pods and no NetworkPolicy in this stack that denies/);
  });

  it("is undecided while whom a rule lets through is not known", () => {
    for (const rule of [UNKNOWN, { from: UNKNOWN }, { from: [UNKNOWN] }, { ports: UNKNOWN }]) {
      const open = changed("default-deny/spec/ingress", [rule], [deny]);
      const found = say(namespaceDeniesTrafficByDefault, [namespace, deployment, ...open]);
      assert.equal(found.length, 1, JSON.stringify(rule));
      assert.match(found[0] ?? "", /^advisory: Undecided until up: spec\.ingress\[0\]/);
    }
  });

  it("sees the namespace of a Helm release, whose pods are hidden", () => {
    const making = changed("tool/createNamespace", true, [release]);
    assert.match(say(namespaceDeniesTrafficByDefault, making)[0] ?? "", /^mandatory: Namespace tools has pods/);
    const inTools = changed("default-deny/metadata/namespace", "tools", [deny]);
    assert.deepEqual(say(namespaceDeniesTrafficByDefault, [release, ...inTools]), []);
  });

  it("sees the namespace of pods that a custom resource hides", () => {
    const broker = inShop("rabbitmq.com/v1beta1:RabbitmqCluster", "queue", { spec: { replicas: 3 } });
    const found = say(namespaceDeniesTrafficByDefault, [broker, namespace]);
    assert.match(found[0] ?? "", /^mandatory: Namespace shop has pods/);
    assert.deepEqual(say(namespaceDeniesTrafficByDefault, [broker, deny]), []);
  });

  it("finds the namespace of an object by what its metadata comes from while its name is not known", () => {
    const made = changed("shop/metadata/name", UNKNOWN, [namespace]);
    const inside = [deployment, deny].map((fake) => ({ ...fake, from: { metadata: ["shop"] } }));
    const open = inside.flatMap((fake) => changed(`${fake.name}/metadata/namespace`, UNKNOWN, [fake]));
    assert.deepEqual(say(namespaceDeniesTrafficByDefault, [...made, ...open]), []);
    assert.equal(say(namespaceDeniesTrafficByDefault, [...made, ...open.slice(0, 1)]).length, 1);
  });
});

describePolicy({
  policy: serviceStaysInside,
  compliant: [inShop("core/v1:Service", "api", { spec: { type: "ClusterIP", ports: [{ port: 80 }] } })],
  config: { exposed: ["edge"] },
  passes: [{ path: "api/spec/type", value: undefined }],
  breaks: [
    {
      path: "api/spec/type",
      value: "LoadBalancer",
      says: /^Service api is of the type LoadBalancer and reached from outside; set spec\.type to "ClusterIP"\.$/,
    },
    { path: "api/spec/type", value: "NodePort", says: /of the type NodePort/ },
    {
      path: "api/spec/externalIPs",
      value: ["203.0.113.7"],
      says: /takes traffic of external addresses; take spec\.externalIPs away/,
    },
  ],
  undecided: ["api/spec/type", "api/spec/externalIPs"],
});

describe("service-stays-inside", () => {
  it("passes internal balancers and Services that are named", () => {
    const balancer = inShop("core/v1:Service", "edge", { spec: { type: "LoadBalancer" } });
    assert.deepEqual(say(serviceStaysInside, [balancer], { exposed: ["edge"] }), []);
    const internal = { "service.beta.kubernetes.io/aws-load-balancer-scheme": "internal" };
    assert.deepEqual(say(serviceStaysInside, changed("edge/metadata/annotations", internal, [balancer])), []);
  });
});

const gateway = inShop("gateway.networking.k8s.io/v1:Gateway", "edge", {
  spec: { listeners: [{ name: "any", port: 443, protocol: "HTTPS", tls: { certificateRefs: [{ name: "tls" }] } }] },
});
const ingress = inShop("networking.k8s.io/v1:Ingress", "site", {
  spec: { tls: [{ hosts: ["a"], secretName: "tls" }] },
});

describePolicy({
  policy: gatewayTakesTlsOnly,
  compliant: [gateway, ingress],
  passes: [{ path: "edge/spec/listeners/0/protocol", value: "HBONE" }],
  breaks: [
    {
      path: "edge/spec/listeners/0",
      value: { port: 80, protocol: "HTTP" },
      says: /^Gateway edge takes plain HTTP on port 80; set spec\.listeners\[0\]\.protocol to "HTTPS" with a certificate\.$/,
    },
    { path: "site/spec/tls", value: undefined, says: /^Ingress site has no TLS; set spec\.tls/ },
  ],
  undecided: ["edge/spec/listeners/0/protocol", "site/spec/tls"],
});

describe("gateway-takes-tls-only", () => {
  const plain = changed("edge/spec/listeners/0/protocol", "HTTP", [gateway]);
  it("passes those that are named", () => assert.deepEqual(say(gatewayTakesTlsOnly, plain, { plain: ["shop/*"] }), []));
  it("takes the namespace from the provider where the object names none", () => {
    const cluster = { type: "pulumi:providers:kubernetes", name: "in-shop", props: { namespace: "shop" } };
    const silent = changed("edge/metadata/namespace", undefined, plain).map((one) => ({ ...one, provider: "in-shop" }));
    assert.deepEqual(say(gatewayTakesTlsOnly, [cluster, ...silent], { plain: ["shop/edge"] }), []);
    assert.equal(say(gatewayTakesTlsOnly, [cluster, ...silent], { plain: ["default/edge"] }).length, 1);
  });
  it("passes an Ingress whose balancer has the certificate", () => {
    const bare = changed("site/spec/tls", undefined, [ingress]);
    const ports = { "alb.ingress.kubernetes.io/listen-ports": '[{"HTTPS": 443}]' };
    assert.deepEqual(say(gatewayTakesTlsOnly, changed("site/metadata/annotations", ports, bare)), []);
    const certificate = { "alb.ingress.kubernetes.io/certificate-arn": "arn:aws:acm:eu-west-1:1:certificate/a" };
    assert.deepEqual(say(gatewayTakesTlsOnly, changed("site/metadata/annotations", certificate, bare)), []);
  });
});

describePolicy({
  policy: workloadIsOutsideDefaultNamespace,
  compliant: [deployment, ...workloads],
  breaks: [
    {
      path: "web/metadata/namespace",
      value: "default",
      says: /^Deployment web is in the namespace default; set metadata\.namespace to one of its own\.$/,
    },
    { path: "web/metadata/namespace", value: undefined, says: /names no namespace and so is in default/ },
  ],
  undecided: ["web/metadata/namespace"],
});

it("workload-is-outside-default-namespace is undecided while the provider's namespace is not known", () => {
  const provider = { type: "pulumi:providers:kubernetes", name: "k8s", props: { namespace: UNKNOWN } };
  const [bare] = changed("web/metadata/namespace", undefined, [deployment]);
  assert.ok(bare);
  const found = say(workloadIsOutsideDefaultNamespace, [provider, { ...bare, provider: "k8s" }]);
  assert.equal(found.length, 1);
  assert.match(found[0] ?? "", /^advisory: Undecided until up: namespace of the provider/);
});

describePolicy({
  policy: imageComesFromAllowedRegistry,
  compliant: [
    deployment,
    ...workloads,
    { type: "docker:index/remoteImage:RemoteImage", name: "cache", props: { name: "registry.example.com/redis:8" } },
  ],
  config: { registries: ["registry.example.com/*", "docker.io/library/*"] },
  passes: [{ path: "cache/name", value: "nginx:1.30" }],
  breaks: [
    {
      path: "web/spec/template/spec/containers/0/image",
      value: "bitnami/redis:8",
      says: /^Container api of Deployment web runs docker\.io\/bitnami\/redis, which is in none of the registries; change spec\.template\.spec\.containers\[0\]\.image or add it to them\.$/,
    },
    { path: "cache/name", value: "ghcr.io/x/y:1", says: /^RemoteImage cache runs ghcr\.io\/x\/y/ },
  ],
  undecided: ["web/spec/template/spec/containers/0/image", "cache/name"],
});

describe("image references", () => {
  it("name the registry that is meant", () => {
    assert.equal(imageReference("nginx").repository, "docker.io/library/nginx");
    assert.equal(imageReference("grafana/grafana:13").repository, "docker.io/grafana/grafana");
    assert.deepEqual(imageReference("localhost:5000/a/b:1@sha256:ab"), {
      repository: "localhost:5000/a/b",
      tag: "1",
      digest: "sha256:ab",
    });
  });
});
