import * as aws from "@pulumi/aws";
import { ComponentResource } from "@pulumi/pulumi";
import type { ComponentResourceOptions, Input, Output, Resource } from "@pulumi/pulumi";
import { BadInput } from "@groundwork/lib/errors";
import { autoNamed } from "@groundwork/lib/names";
import { BALANCER_NAME_LIMIT, createGatewayTarget } from "./ingress-gateway.ts";
import type { GatewayTarget } from "./ingress-gateway.ts";
import { createSecurityGroup } from "./ingress-network.ts";
import { createRules, createTargetGroup } from "./ingress-node-ports.ts";
import type { Route } from "./ingress-node-ports.ts";
import type { RegionalCluster } from "./regional-cluster.ts";

/**
 * Where the balancer sends requests: to the services' ports on the nodes, or to a gateway inside the cluster.
 * A stack with traffic moves in steps, none of which has a gap: `nodePortPercent` 100, then less, then 0, then none.
 */
export type IngressBackend =
  | "nodePorts"
  | {
      readonly targetGroupBinding: GatewayTarget;
      /** Per cent of each path's requests that still go to the nodes' ports. Absent: no ports, no rules, the gateway alone. */
      readonly nodePortPercent?: number;
    };

/** Who may speak to the balancer at all. */
export interface ClientVerification {
  /** ARN of the trust store. */
  readonly trustStoreArn: Input<string>;
  /** What must have happened before a certificate is asked for: that clients show one. */
  readonly after: Resource;
}

export interface RegionalIngressArgs {
  readonly cluster: RegionalCluster;
  /** ARN of a validated certificate for all hosts, in the cluster's region. */
  readonly certificateArn: Input<string>;
  /** ARN of one with an elliptic curve's key, which clients get that understand it. Default: there is only the other. */
  readonly ecdsaCertificateArn?: Input<string>;
  readonly routes: readonly Route[];
  /** From where requests come: the CDN's addresses. Nobody else reaches the balancer. */
  readonly allowedCidrs: readonly string[];
  /** Default: clients show no certificate. */
  readonly clients?: ClientVerification;
  /** Default `nodePorts`. */
  readonly backend?: IngressBackend;
  /** Whether the balancer refuses deletion. */
  readonly protect: boolean;
}

/**
 * The way into a region: an Application Load Balancer in all zones that ends TLS, asks for the CDN's client certificate,
 * adds security headers, sends requests to the gateway or each path to the nodes' port of its service, checks health and
 * lets connections finish. About US$ 17 a month and traffic. An Application Load Balancer, not a network one, because it
 * verifies client certificates, and because one host name leads to several services by path.
 */
export class RegionalIngress extends ComponentResource {
  /** DNS name of the balancer. */
  readonly address: Output<string>;

  constructor(name: string, args: RegionalIngressArgs, opts: ComponentResourceOptions) {
    const { binding, nodePortPercent } = planned(name, args.backend ?? "nodePorts");
    super("groundwork:cluster:RegionalIngress", name, {}, opts);
    const toNodePorts = nodePortPercent !== undefined;
    const securityGroup = createSecurityGroup(name, { ...args, toNodePorts }, this);
    const balancer = createBalancer(name, args, securityGroup.id, this);
    const gateway = binding && createGatewayTarget(name, binding, args.cluster, securityGroup.id, this);
    const listener = createListener(name, args, balancer, gateway, this);
    addCertificate(name, args.ecdsaCertificateArn, listener, this);
    if (toNodePorts) {
      const targets = args.routes.map((route) => createTargetGroup(name, route, args.cluster, this));
      const share = gateway && { group: gateway, percent: 100 - nodePortPercent };
      createRules(name, args.routes, targets, listener, share, this);
    }
    this.address = balancer.dnsName;
    this.registerOutputs({ address: this.address });
  }
}

interface Planned {
  readonly binding: GatewayTarget | undefined;
  /** Undefined: nothing goes to the nodes' ports any more. */
  readonly nodePortPercent: number | undefined;
}

function planned(name: string, backend: IngressBackend): Planned {
  if (backend === "nodePorts") return { binding: undefined, nodePortPercent: 100 };
  const { targetGroupBinding: binding, nodePortPercent } = backend;
  if (
    nodePortPercent !== undefined &&
    !(Number.isInteger(nodePortPercent) && nodePortPercent >= 0 && nodePortPercent <= 100)
  )
    throw new BadInput(
      `${name}: nodePortPercent is ${nodePortPercent}; write a whole number from 0 to 100, or leave it out.`,
    );
  return { binding, nodePortPercent };
}

function createBalancer(
  name: string,
  { cluster, protect }: RegionalIngressArgs,
  securityGroupId: Input<string>,
  parent: ComponentResource,
): aws.lb.LoadBalancer {
  return new aws.lb.LoadBalancer(
    autoNamed(name, BALANCER_NAME_LIMIT),
    {
      loadBalancerType: "application",
      internal: false,
      subnets: cluster.network.subnets.public.map(({ id }) => id),
      securityGroups: [securityGroupId],
      enableCrossZoneLoadBalancing: true,
      dropInvalidHeaderFields: true,
      enableDeletionProtection: protect,
      tags: { Name: name },
    },
    // The address is public: without the way out there is no way in.
    { parent, dependsOn: [...cluster.network.routes] },
  );
}

/** TLS 1.3 and 1.2 with forward secrecy. https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html */
const TLS_POLICY = "ELBSecurityPolicy-TLS13-1-2-2021-06";

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/application/header-modification.html */
const SECURITY_HEADERS = {
  routingHttpResponseStrictTransportSecurityHeaderValue: "max-age=31536000; includeSubDomains",
  routingHttpResponseXContentTypeOptionsHeaderValue: "nosniff",
  routingHttpResponseXFrameOptionsHeaderValue: "DENY",
  routingHttpResponseServerEnabled: false,
};

function createListener(
  name: string,
  { certificateArn, clients }: RegionalIngressArgs,
  balancer: aws.lb.LoadBalancer,
  gateway: aws.lb.TargetGroup | undefined,
  parent: ComponentResource,
): aws.lb.Listener {
  return new aws.lb.Listener(
    `${name}-https`,
    {
      loadBalancerArn: balancer.arn,
      port: 443,
      protocol: "HTTPS",
      sslPolicy: TLS_POLICY,
      certificateArn,
      ...(clients && { mutualAuthentication: { mode: "verify", trustStoreArn: clients.trustStoreArn } }),
      ...SECURITY_HEADERS,
      defaultActions: [gateway === undefined ? NO_SUCH_HOST : { type: "forward", targetGroupArn: gateway.arn }],
    },
    { parent, ...(clients && { dependsOn: [clients.after] }) },
  );
}

const NO_SUCH_HOST = {
  type: "fixed-response",
  fixedResponse: { contentType: "text/plain", statusCode: "404", messageBody: "no such host" },
};

/** Of two certificates for a name, a balancer takes the one with the better key that the client understands. https://docs.aws.amazon.com/elasticloadbalancing/latest/application/https-listener-certificates.html */
function addCertificate(
  name: string,
  certificateArn: Input<string> | undefined,
  listener: aws.lb.Listener,
  parent: ComponentResource,
): void {
  if (certificateArn === undefined) return;
  new aws.lb.ListenerCertificate(`${name}-ecdsa`, { listenerArn: listener.arn, certificateArn }, { parent });
}
