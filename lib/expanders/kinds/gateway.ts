import { expansionOf, workload } from "../build.ts";
import { NOTHING } from "../expansion.ts";
import type { KindExpander } from "../expansion.ts";
import { at, container, count, list, plain, text } from "../read.ts";

/** https://github.com/envoyproxy/gateway/blob/v1.9.1/api/v1alpha1/shared_types.go (defaults of both containers) */
const ENVOY = { requests: { cpu: "100m", memory: "512Mi" } };
const SHUTDOWN_MANAGER = { requests: { cpu: "10m", memory: "32Mi" } };

/**
 * `gateway.envoyproxy.io/EnvoyProxy`: the proxies of the gateway that names it, a Deployment in the controller's own
 * namespace, which is the gateway's where Groundwork writes it.
 */
export const envoyProxy: KindExpander = ({ namespace, name, spec }) => {
  const kubernetes = at(spec, "provider", "kubernetes");
  const deployment = at(kubernetes, "envoyDeployment");
  const patched = list(at(deployment, "patch", "value", "spec", "template", "spec").containers).map(plain);
  const manager = patched.find((each) => each.name === "shutdown-manager");
  return expansionOf(
    workload("Deployment", {
      namespace,
      name: text(deployment.name, `envoy-${namespace}-${name}`),
      replicas: count(at(kubernetes, "envoyHpa").minReplicas, count(deployment.replicas, 1)),
      containers: [
        container("envoy", at(deployment, "container").resources ?? ENVOY),
        container("shutdown-manager", manager?.resources ?? SHUTDOWN_MANAGER),
      ],
      placedBy: deployment.pod,
    }),
  );
};

/** What components/cluster/addons/istio.ts sets in `global.waypoint.resources` of the control plane. */
const WAYPOINT = { requests: { cpu: "100m", memory: "128Mi" }, limits: { cpu: "1", memory: "512Mi" } };

/** As many as components/cluster/mesh-waypoint.ts asks for, in a ConfigMap that the Gateway only names. */
const WAYPOINT_REPLICAS = 2;

/** A Gateway of Istio's class for waypoints is a proxy of its own; one of Envoy Gateway is counted by its EnvoyProxy. */
export const gateway: KindExpander = ({ namespace, name, spec }) =>
  text(spec.gatewayClassName) === "istio-waypoint"
    ? expansionOf(
        workload("Deployment", {
          namespace,
          name,
          replicas: WAYPOINT_REPLICAS,
          containers: [container("istio-proxy", WAYPOINT)],
        }),
      )
    : NOTHING;
