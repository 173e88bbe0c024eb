import * as aws from "@pulumi/aws";
import { ComponentResource } from "@pulumi/pulumi";
import type { ComponentResourceOptions, Input, Output } from "@pulumi/pulumi";
import { autoNamed } from "@groundwork/lib/names";
import type { HealthCheck } from "../workload/spec.ts";
import { NODE_PORTS } from "./node-ports.ts";
import type { RegionalCluster } from "./regional-cluster.ts";

/** Requests for a host name and a path prefix that go to one service of the cluster. */
export interface Route {
  /** Unique in the region, e.g. `finai-nexus-backend`. */
  readonly name: string;
  readonly host: string;
  /** Path prefix, e.g. `/api`; the longest that fits wins. */
  readonly path: string;
  readonly nodePort: number;
  readonly health: HealthCheck;
  /** Further paths, matched whole, that lead here whatever other prefixes say, e.g. `/health`. */
  readonly exactPaths?: readonly string[];
}

export interface RegionalIngressArgs {
  readonly cluster: RegionalCluster;
  /** ARN of a validated certificate for all hosts, in the cluster's region. */
  readonly certificateArn: Input<string>;
  readonly routes: readonly Route[];
  /** From where requests come: the CDN's addresses. Nobody else reaches the balancer. */
  readonly allowedCidrs: readonly string[];
  /** Whether the balancer refuses deletion. */
  readonly protect: boolean;
}

/**
 * The way into a region: an Application Load Balancer in all zones that ends TLS, adds security headers, sends each path
 * to the nodes' port of its service, checks health and lets connections finish. About US$ 17 a month and traffic.
 * An Application Load Balancer, not a network one, because one host name leads to several services by path.
 */
export class RegionalIngress extends ComponentResource {
  /** DNS name of the balancer. */
  readonly address: Output<string>;

  constructor(name: string, args: RegionalIngressArgs, opts: ComponentResourceOptions) {
    super("groundwork:cluster:RegionalIngress", name, {}, opts);
    const securityGroup = createSecurityGroup(name, args, this);
    const balancer = createBalancer(name, args, securityGroup.id, this);
    const listener = createListener(name, balancer, args.certificateArn, this);
    const targets = args.routes.map((route) => createTargetGroup(name, route, args.cluster, this));
    createRules(name, args.routes, targets, listener, this);
    this.address = balancer.dnsName;
    this.registerOutputs({ address: this.address });
  }
}

function createSecurityGroup(
  name: string,
  { cluster, allowedCidrs }: RegionalIngressArgs,
  parent: ComponentResource,
): aws.ec2.SecurityGroup {
  const group = new aws.ec2.SecurityGroup(
    `${name}-balancer`,
    { description: `Balancer of ${name}`, vpcId: cluster.network.vpcId, tags: { Name: `${name}-balancer` } },
    { parent },
  );
  const allowed = new aws.ec2.ManagedPrefixList(
    `${name}-cdn`,
    {
      addressFamily: "IPv4",
      maxEntries: allowedCidrs.length,
      entries: allowedCidrs.map((cidr) => ({ cidr })),
    },
    { parent },
  );
  new aws.vpc.SecurityGroupIngressRule(
    `${name}-from-cdn`,
    {
      securityGroupId: group.id,
      description: "HTTPS from the CDN",
      ipProtocol: "tcp",
      fromPort: 443,
      toPort: 443,
      prefixListId: allowed.id,
    },
    { parent },
  );
  const nodePorts = { ipProtocol: "tcp", fromPort: NODE_PORTS.from, toPort: NODE_PORTS.to };
  new aws.vpc.SecurityGroupEgressRule(
    `${name}-to-nodes`,
    {
      securityGroupId: group.id,
      description: "Exposed services",
      referencedSecurityGroupId: cluster.securityGroupId,
      ...nodePorts,
    },
    { parent },
  );
  new aws.vpc.SecurityGroupIngressRule(
    `${name}-nodes-from-balancer`,
    {
      securityGroupId: cluster.securityGroupId,
      description: "Exposed services from the balancer",
      referencedSecurityGroupId: group.id,
      ...nodePorts,
    },
    { parent },
  );
  return group;
}

/** Names of balancers and target groups. https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html */
const NAME_LIMIT = 32;

function createBalancer(
  name: string,
  { cluster, protect }: RegionalIngressArgs,
  securityGroupId: Input<string>,
  parent: ComponentResource,
): aws.lb.LoadBalancer {
  return new aws.lb.LoadBalancer(
    autoNamed(name, NAME_LIMIT),
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
  balancer: aws.lb.LoadBalancer,
  certificateArn: Input<string>,
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
      ...SECURITY_HEADERS,
      defaultActions: [
        {
          type: "fixed-response",
          fixedResponse: { contentType: "text/plain", statusCode: "404", messageBody: "no such host" },
        },
      ],
    },
    { parent },
  );
}

/** How long a node that leaves keeps its open connections: longer than any request should take, and than a pod's grace period. */
const DRAIN_SECONDS = 60;

function createTargetGroup(
  name: string,
  { name: route, nodePort, health }: Route,
  cluster: RegionalCluster,
  parent: ComponentResource,
): aws.lb.TargetGroup {
  const group = new aws.lb.TargetGroup(
    autoNamed(`${cluster.region}-${route}`, NAME_LIMIT),
    {
      vpcId: cluster.network.vpcId,
      targetType: "instance",
      protocol: "HTTP",
      port: nodePort,
      deregistrationDelay: DRAIN_SECONDS,
      healthCheck: {
        protocol: "HTTP",
        path: health.path,
        port: "traffic-port",
        matcher: "200",
        interval: health.interval,
        timeout: health.timeout,
        healthyThreshold: 2,
        unhealthyThreshold: health.retries,
      },
      tags: { Name: `${name}-${route}` },
    },
    { parent },
  );
  new aws.autoscaling.Attachment(
    `${name}-${route}`,
    { autoscalingGroupName: cluster.autoscalingGroup, lbTargetGroupArn: group.arn },
    { parent },
  );
  return group;
}

function createRules(
  name: string,
  routes: readonly Route[],
  targets: readonly aws.lb.TargetGroup[],
  listener: aws.lb.Listener,
  parent: ComponentResource,
): void {
  for (const [index, rule] of rulesOf(routes).entries()) {
    const target = targets[routes.indexOf(rule.route)];
    if (target === undefined) continue;
    new aws.lb.ListenerRule(
      `${name}-${rule.name}`,
      {
        listenerArn: listener.arn,
        priority: index + 1,
        conditions: [{ hostHeader: { values: [rule.route.host] } }, { pathPattern: { values: rule.paths } }],
        actions: [{ type: "forward", targetGroupArn: target.arn }],
      },
      { parent },
    );
  }
}

export interface RoutingRule {
  readonly name: string;
  readonly route: Route;
  /** Patterns; `*` stands for any number of characters. */
  readonly paths: string[];
}

/** The rules in the order in which the balancer tries them: whole paths, then prefixes from long to short. */
export function rulesOf(routes: readonly Route[]): RoutingRule[] {
  const exact = routes
    .filter(({ exactPaths = [] }) => exactPaths.length > 0)
    .map((route) => ({ name: `${route.name}-exact`, route, paths: [...(route.exactPaths ?? [])] }));
  const prefixes = [...routes]
    .sort((a, b) => b.path.length - a.path.length || a.name.localeCompare(b.name))
    .map((route) => ({
      name: route.name,
      route,
      paths: route.path === "/" ? ["/*"] : [route.path, `${route.path}/*`],
    }));
  return [...exact, ...prefixes];
}
