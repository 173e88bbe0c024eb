import assert from "node:assert/strict";
import { expand, isUnexpanded, RELEASE } from "@groundwork/lib/expanders/expand";
import type { Expansion } from "@groundwork/lib/expanders/expand";

function expanded(type: string, inputs: Readonly<Record<string, unknown>>): Expansion {
  const expansion = expand(type, inputs);
  assert.ok(expansion !== undefined && !isUnexpanded(expansion));
  return expansion;
}

const MEBIBYTE = 2 ** 20;

describe("pods of gateways", () => {
  it("are a controller and the job that makes its certificates", () => {
    const { workloads } = expanded(RELEASE, {
      name: "envoy-gateway",
      namespace: "envoy-gateway-system",
      chart: "oci://docker.io/envoyproxy/gateway-helm",
      values: { deployment: { replicas: 2, pod: { nodeSelector: { pool: "system" } } } },
    });
    assert.deepEqual(
      workloads.map(({ kind, name, pods }) => [kind, name, pods.replicas]),
      [
        ["Deployment", "envoy-gateway", 2],
        ["Job", "envoy-gateway-gateway-helm-certgen", 1],
      ],
    );
    assert.deepEqual(workloads[0]?.nodeSelector, { pool: "system" });
  });

  it("are the proxies of an EnvoyProxy, as few as its autoscaler may run", () => {
    const resources = { requests: { cpu: "500m", memory: "256Mi" }, limits: { cpu: "2", memory: "512Mi" } };
    const manager = { name: "shutdown-manager", resources: { requests: { cpu: "10m", memory: "64Mi" } } };
    const { workloads } = expanded("kubernetes:gateway.envoyproxy.io/v1alpha1:EnvoyProxy", {
      metadata: { name: "gateway", namespace: "envoy-gateway-system" },
      spec: {
        provider: {
          kubernetes: {
            envoyDeployment: {
              name: "gateway",
              container: { resources },
              patch: { value: { spec: { template: { spec: { containers: [manager] } } } } },
            },
            envoyHpa: { minReplicas: 3, maxReplicas: 10 },
          },
        },
      },
    });
    const [proxies] = workloads;
    assert.equal(proxies?.pods.replicas, 3);
    assert.deepEqual(
      proxies.pods.containers.map(({ name, requests }) => [name, (requests.memory ?? 0) / MEBIBYTE]),
      [
        ["envoy", 256],
        ["shutdown-manager", 64],
      ],
    );
  });

  it("have the controller's defaults where an EnvoyProxy says nothing", () => {
    const { workloads } = expanded("kubernetes:gateway.envoyproxy.io/v1alpha1:EnvoyProxy", {
      metadata: { name: "edge", namespace: "envoy-gateway-system" },
      spec: {},
    });
    assert.equal(workloads[0]?.name, "envoy-envoy-gateway-system-edge");
    assert.deepEqual(
      workloads[0].pods.containers.map(({ requests }) => (requests.memory ?? 0) / MEBIBYTE),
      [512, 32],
    );
  });

  it("are two proxies for a waypoint, and none for a gateway whose EnvoyProxy counts them", () => {
    const gateway = (gatewayClassName: string) =>
      expanded("kubernetes:gateway.networking.k8s.io/v1:Gateway", {
        metadata: { name: "waypoint", namespace: "finai-nexus" },
        spec: { gatewayClassName },
      }).workloads;
    const [waypoint] = gateway("istio-waypoint");
    assert.equal(waypoint?.pods.replicas, 2);
    assert.equal(waypoint.pods.containers[0]?.name, "istio-proxy");
    assert.deepEqual(gateway("groundwork"), []);
  });

  it("are none for routes and policies", () => {
    for (const kind of ["v1:HTTPRoute", "v1:GatewayClass", "v1beta1:ReferenceGrant"])
      assert.equal(expand(`kubernetes:gateway.networking.k8s.io/${kind}`, {}), undefined);
    for (const kind of ["BackendTrafficPolicy", "ClientTrafficPolicy", "HTTPRouteFilter", "SecurityPolicy"])
      assert.equal(expand(`kubernetes:gateway.envoyproxy.io/v1alpha1:${kind}`, {}), undefined);
  });
});
