import assert from "node:assert/strict";
import { isAllowed } from "@groundwork/lib/reachability";
import type { NetworkPolicy, PodGroup } from "@groundwork/lib/reachability";
import fc from "fast-check";

const pod = (namespace: string, name: string): PodGroup => ({ namespace, labels: { name }, ports: { http: 8000 } });
const web = pod("shop", "web");
const api = pod("shop", "api");
const other = pod("bank", "api");

const deny: NetworkPolicy = {
  metadata: { namespace: "shop" },
  spec: { podSelector: {}, policyTypes: ["Ingress", "Egress"] },
};
const open = (name: string, spec: Omit<NetworkPolicy["spec"], "podSelector">): NetworkPolicy => ({
  metadata: { namespace: "shop" },
  spec: { podSelector: { matchLabels: { name } }, ...spec },
});
const toApi = open("web", {
  policyTypes: ["Egress"],
  egress: [{ to: [{ podSelector: { matchLabels: { name: "api" } } }], ports: [{ port: 8000 }] }],
});
const fromWeb = open("api", {
  policyTypes: ["Ingress"],
  ingress: [{ from: [{ podSelector: { matchLabels: { name: "web" } } }], ports: [{ protocol: "TCP", port: "http" }] }],
});

describe("who reaches whom under network policies", () => {
  const reaches = (policies: readonly NetworkPolicy[], to: PodGroup | { address: string } = api, port = 8000) =>
    isAllowed(policies, { from: web, to, port });

  it("is everyone without a policy, and nobody under one that names nobody", () => {
    assert.equal(reaches([]), true);
    assert.equal(reaches([deny]), false);
    assert.equal(isAllowed([deny], { from: other, to: api, port: 8000 }), false);
    assert.equal(isAllowed([deny], { from: other, to: pod("bank", "web"), port: 8000 }), true);
  });

  it("takes both sides: one that may leave, and one that lets in", () => {
    assert.equal(reaches([deny, toApi]), false);
    assert.equal(reaches([deny, fromWeb]), false);
    assert.equal(reaches([deny, toApi, fromWeb]), true);
    assert.equal(reaches([deny, toApi, fromWeb], api, 8001), false);
    assert.equal(isAllowed([deny, toApi, fromWeb], { from: api, to: web, port: 8000 }), false);
  });

  it("means the own namespace where none is named", () => {
    const named = open("web", {
      policyTypes: ["Egress"],
      egress: [{ to: [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "bank" } } }] }],
    });
    assert.equal(reaches([deny, toApi], other), false);
    assert.equal(reaches([deny, named], other), true);
  });

  it("knows addresses, exceptions from them, ranges of ports, protocols and expressions", () => {
    const block = open("web", {
      egress: [
        { to: [{ ipBlock: { cidr: "10.0.0.0/16", except: ["10.0.9.0/24"] } }], ports: [{ port: 5000, endPort: 5010 }] },
      ],
    });
    assert.equal(reaches([block], { address: "10.0.1.2" }, 5010), true);
    assert.equal(reaches([block], { address: "10.0.9.2" }, 5010), false);
    assert.equal(reaches([block], { address: "10.1.0.2" }, 5010), false);
    assert.equal(reaches([block], { address: "10.0.1.2" }, 5011), false);
    assert.equal(isAllowed([block], { from: web, to: { address: "10.0.1.2" }, port: 5000, protocol: "UDP" }), false);
    const expressions = open("api", {
      ingress: [{ from: [{ podSelector: { matchExpressions: [{ key: "name", operator: "In", values: ["web"] }] } }] }],
    });
    assert.equal(reaches([expressions]), true);
    assert.equal(isAllowed([expressions], { from: api, to: api, port: 1 }), false);
  });

  it("only grows with a policy more, once everything is denied", () => {
    const policies = fc.subarray([toApi, fromWeb, open("api", { ingress: [{}] }), open("web", { egress: [{}] })]);
    fc.assert(
      fc.property(policies, policies, fc.integer({ min: 7999, max: 8001 }), (some, more, port) => {
        const before = reaches([deny, ...some], api, port);
        assert.ok(!before || reaches([deny, ...some, ...more], api, port));
      }),
    );
  });
});
