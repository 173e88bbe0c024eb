import * as aws from "@pulumi/aws";
import * as kubernetes from "@pulumi/kubernetes";
import type { ComponentResource, Input, Resource } from "@pulumi/pulumi";
import { autoNamed } from "@groundwork/lib/names";
import { openPorts } from "./ingress-network.ts";
import type { RegionalCluster } from "./regional-cluster.ts";

/** A gateway inside the cluster, to whose pods the balancer sends requests by HTTPS. */
export interface GatewayTarget {
  readonly namespace: string;
  /** Its Kubernetes Service. */
  readonly service: string;
  /** The Service's port for HTTPS. */
  readonly port: number;
  /** The port of the pods behind it, e.g. 10443 for Envoy Gateway's 443. */
  readonly targetPort: number;
  /** What tells that a pod can take requests; it must answer whatever the host name is. */
  readonly health: { readonly protocol: "HTTP" | "HTTPS"; readonly port: number; readonly path: string };
  /** What must stand before: the gateway, and aws-load-balancer-controller, whose resource binds it. */
  readonly after: readonly Resource[];
}

/** Names of balancers and target groups. https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html */
export const BALANCER_NAME_LIMIT = 32;

/** How long a pod that leaves keeps its open connections: longer than any request should take. */
const DRAIN_SECONDS = 60;
/** Seconds; a pod that does not answer twice gets no more requests. */
const HEALTH = { interval: 10, timeout: 5, healthyThreshold: 2, unhealthyThreshold: 2 };

/** The gateway's pods as targets of their own, kept up to date by the aws-load-balancer-controller. */
export function createGatewayTarget(
  name: string,
  target: GatewayTarget,
  cluster: RegionalCluster,
  balancerGroupId: Input<string>,
  parent: ComponentResource,
): aws.lb.TargetGroup {
  const { health, targetPort } = target;
  const open = (use: string, what: string, port: number) => {
    const names = { egress: `to-${use}`, ingress: `${use}-from-balancer`, what };
    openPorts(name, names, { from: port, to: port }, cluster, balancerGroupId, parent);
  };
  open("gateway", "Gateway", targetPort);
  if (health.port !== targetPort) open("gateway-health", "Health of the gateway", health.port);
  const group = new aws.lb.TargetGroup(
    autoNamed(`${cluster.region}-gateway`, BALANCER_NAME_LIMIT),
    {
      vpcId: cluster.network.vpcId,
      targetType: "ip",
      protocol: "HTTPS",
      port: targetPort,
      deregistrationDelay: DRAIN_SECONDS,
      healthCheck: {
        protocol: health.protocol,
        path: health.path,
        port: health.port === targetPort ? "traffic-port" : String(health.port),
        matcher: "200",
        ...HEALTH,
      },
      tags: { Name: `${name}-gateway` },
    },
    { parent },
  );
  new kubernetes.apiextensions.CustomResource(
    `${name}-gateway`,
    {
      apiVersion: "elbv2.k8s.aws/v1beta1",
      kind: "TargetGroupBinding",
      metadata: { name: target.service, namespace: target.namespace },
      spec: {
        targetGroupARN: group.arn,
        targetType: "ip",
        serviceRef: { name: target.service, port: target.port },
      },
    },
    { parent, provider: cluster.kubernetes, dependsOn: [...target.after] },
  );
  return group;
}
