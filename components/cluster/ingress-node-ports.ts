import * as aws from "@pulumi/aws";
import type { ComponentResource } from "@pulumi/pulumi";
import { autoNamed } from "@groundwork/lib/names";
import type { HealthCheck } from "../workload/spec.ts";
import { BALANCER_NAME_LIMIT } from "./ingress-gateway.ts";
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
  /**
   * Number of the host, from 0: the balancer's rules of one host lie together, where those of another that comes or goes
   * move none of them. A rule cannot take another's place, so one that moved would be refused.
   */
  readonly band: number;
}

/** Rules that one host may have. */
const BAND = 100;

/** How much of each path's requests a gateway gets. */
export interface GatewayShare {
  readonly group: aws.lb.TargetGroup;
  /** 0 to 100. */
  readonly percent: number;
}

/** How long a node that leaves keeps its open connections: longer than any request should take, and than a pod's grace period. */
const DRAIN_SECONDS = 60;

/** The nodes, at the port of one service. */
export function createTargetGroup(
  name: string,
  { name: route, nodePort, health }: Route,
  cluster: RegionalCluster,
  parent: ComponentResource,
): aws.lb.TargetGroup {
  const group = new aws.lb.TargetGroup(
    autoNamed(`${cluster.region}-${route}`, BALANCER_NAME_LIMIT),
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

/** A rule for each path; where there is a gateway it takes the rest of the requests. */
export function createRules(
  name: string,
  routes: readonly Route[],
  targets: readonly aws.lb.TargetGroup[],
  listener: aws.lb.Listener,
  gateway: GatewayShare | undefined,
  parent: ComponentResource,
): void {
  for (const rule of rulesOf(routes)) {
    const target = targets[routes.indexOf(rule.route)];
    if (target === undefined) continue;
    new aws.lb.ListenerRule(
      `${name}-${rule.name}`,
      {
        listenerArn: listener.arn,
        priority: rule.priority,
        conditions: [{ hostHeader: { values: [rule.route.host] } }, { pathPattern: { values: rule.paths } }],
        actions: [forward(target, gateway)],
      },
      { parent },
    );
  }
}

function forward(nodes: aws.lb.TargetGroup, gateway: GatewayShare | undefined): aws.types.input.lb.ListenerRuleAction {
  if (gateway === undefined) return { type: "forward", targetGroupArn: nodes.arn };
  return {
    type: "forward",
    forward: {
      targetGroups: [
        { arn: nodes.arn, weight: 100 - gateway.percent },
        { arn: gateway.group.arn, weight: gateway.percent },
      ],
    },
  };
}

export interface RoutingRule {
  readonly name: string;
  readonly route: Route;
  /** Patterns; `*` stands for any number of characters. */
  readonly paths: string[];
  /** The lower comes first. */
  readonly priority: number;
}

/** The rules in the order in which the balancer tries them: whole paths, then prefixes from long to short. */
export function rulesOf(routes: readonly Route[]): RoutingRule[] {
  const bands = [...new Set(routes.map(({ band }) => band))].sort((a, b) => a - b);
  return bands.flatMap((band) =>
    rulesOfHost(routes.filter((route) => route.band === band)).map((rule, index) => ({
      ...rule,
      priority: band * BAND + index + 1,
    })),
  );
}

function rulesOfHost(routes: readonly Route[]): Omit<RoutingRule, "priority">[] {
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
