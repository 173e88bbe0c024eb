import assert from "node:assert/strict";
import { cluster, token } from "./objects.ts";

const RELEASE = token("helm.sh/v3:Release");
const CERTIFICATE = token("cert-manager.io/v1:Certificate");
const NODE_POOL = token("karpenter.sh/v1:NodePool");

const release = (chart: string, rest: object = {}) => ({
  name: "it",
  namespace: "nexus",
  chart,
  version: "1.0.0",
  ...rest,
});
const certificate = (spec: object = { secretName: "tls", issuerRef: { name: "issuer" } }) => ({
  apiVersion: "cert-manager.io/v1",
  kind: "Certificate",
  metadata: { name: "web", namespace: "nexus" },
  spec,
});
const fails = (messages: readonly string[], pattern: RegExp) => assert.match(messages.join("\n"), pattern);

describe("custom resources in a simulated cluster", () => {
  it("need the add-on whose chart declares their kind", () => {
    const made = cluster();
    fails(
      made.refusals(CERTIFICATE, certificate()),
      /^kind: no matches for kind "Certificate" in version "cert-manager.io\/v1": install the add-on cert-manager/,
    );
    made.create(RELEASE, release("oci://quay.io/jetstack/charts/cert-manager"));
    assert.deepEqual(made.refusals(CERTIFICATE, certificate()), []);
  });

  it("are of a kind that the table of kinds has", () => {
    const unheardOf = { apiVersion: "example.com/v1", kind: "Thing", metadata: { name: "a" } };
    fails(cluster().refusals(token("example.com/v1:Thing"), unheardOf), /^kind: .*lib\//);
  });

  it("are held to the schema that kubernetes-models has of their kind", () => {
    const made = cluster();
    made.create(RELEASE, release("cert-manager"));
    fails(
      made.refusals(CERTIFICATE, certificate({ issuerRef: { name: "issuer" } })),
      /^spec\.secretName: it is required/,
    );
    const wrong = certificate({ secretName: 7, issuerRef: { name: "issuer" } });
    fails(made.refusals(CERTIFICATE, wrong), /^spec\.secretName: write a string/);
  });

  it("live in a namespace or not, as their kind does", () => {
    const made = cluster();
    made.create(RELEASE, release("cert-manager"));
    const elsewhere = { ...certificate(), metadata: { name: "web", namespace: "nowhere" } };
    fails(made.refusals(CERTIFICATE, elsewhere), /^metadata\.namespace: namespaces "nowhere" not found/);
    made.create(RELEASE, release("karpenter", { name: "karpenter" }));
    const nodeClassRef = { group: "karpenter.k8s.aws", kind: "EC2NodeClass", name: "default" };
    const requirements = [{ key: "kubernetes.io/arch", operator: "In", values: ["amd64"] }];
    const pool = {
      apiVersion: "karpenter.sh/v1",
      kind: "NodePool",
      metadata: { name: "default" },
      spec: { template: { spec: { nodeClassRef, requirements } } },
    };
    assert.deepEqual(made.refusals(NODE_POOL, pool), []);
    assert.equal(made.create(NODE_POOL, pool).id, "default");
  });
});

describe("a Helm release in a simulated cluster", () => {
  it("is of a chart whose pods are known, with values that it has", () => {
    const made = cluster();
    fails(made.refusals(RELEASE, release("unheard-of")), /^chart: .*no expander/);
    fails(
      made.refusals(RELEASE, release("karpenter", { values: { replica: 3 } })),
      /^values\.replica: .*documents no such value.*replicas/,
    );
    assert.deepEqual(made.refusals(RELEASE, release("karpenter", { values: { replicas: 3 } })), []);
  });

  it("needs its namespace unless it makes it, an exact version, and a name that Helm takes", () => {
    const made = cluster();
    const elsewhere = release("karpenter", { namespace: "nowhere" });
    fails(made.refusals(RELEASE, elsewhere), /^namespace: .*namespaces "nowhere" not found/);
    assert.deepEqual(made.refusals(RELEASE, { ...elsewhere, createNamespace: true }), []);
    fails(made.refusals(RELEASE, release("karpenter", { name: "Not_good" })), /^name: .*at most 53/);
    fails(made.refusals(RELEASE, release("karpenter", { version: "^1" })), /^version: .*exact version/);
  });

  it("is one of its name in a namespace", () => {
    const made = cluster();
    made.create(RELEASE, release("karpenter"));
    fails(made.refusals(RELEASE, release("keda")), /cannot re-use a name that is still in use/);
  });
});
