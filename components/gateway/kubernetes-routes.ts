import type { IHTTPRoute } from "@kubernetes-models/gateway-api/gateway.networking.k8s.io/v1";
import type { IReferenceGrant } from "@kubernetes-models/gateway-api/gateway.networking.k8s.io/v1beta1";
import type { HTTPRouteFilter } from "./envoy-kinds.ts";
import { ENVOY_API, ENVOY_GROUP } from "./envoy-kinds.ts";
import { inOrder } from "./kubernetes-order.ts";
import type { GatewayRoute } from "./kubernetes-spec.ts";

const API = "gateway.networking.k8s.io/v1";
const GRANT_API = "gateway.networking.k8s.io/v1beta1";

/** Filters that answer by themselves; every route may name them. */
export const UNAUTHORIZED = "without-token";
export const HIDDEN = "hidden";

const DEFAULT_TIMEOUT = 120;

/** RE2, for the whole value: the same that the Docker gateway asks for. */
const BEARER = "(?i)bearer +[^ ].*";

type Rule = NonNullable<IHTTPRoute["spec"]["rules"]>[number];

/** An HTTPRoute and what holds for it alone. */
export interface PlannedRoute {
  readonly name: string;
  readonly route: IHTTPRoute;
  /** Whose limits and origins hold here; none for answers of the gateway's own and health checks. */
  readonly policies?: Pick<GatewayRoute, "rateLimit" | "cors">;
}

/**
 * All routes of a gateway, each an object of its own, so that limits and origins can be its own. They live beside the
 * gateway and reach into the systems' namespaces by grants: who may write in a system's namespace cannot claim a host.
 */
export function planRoutes(
  gateway: { readonly name: string; readonly namespace: string },
  routes: readonly GatewayRoute[],
  hidden: readonly string[],
): readonly PlannedRoute[] {
  const ordered = inOrder(routes);
  const routeTo = (name: string, host: string, rules: readonly Rule[]): IHTTPRoute => ({
    apiVersion: API,
    kind: "HTTPRoute",
    metadata: { name, namespace: gateway.namespace },
    spec: { parentRefs: [{ name: gateway.name }], hostnames: [host], rules: [...rules] },
  });
  const hosts = [...new Set(ordered.map(({ host }) => host))];
  return [
    ...hosts
      .filter(() => hidden.length > 0)
      .map((host) => ({ name: hiddenName(host), route: routeTo(hiddenName(host), host, hidden.map(hiddenRule)) })),
    ...ordered.flatMap((route) => [
      ...(route.exactPaths.length === 0
        ? []
        : [
            {
              name: `${route.name}-exact`,
              route: routeTo(`${route.name}-exact`, route.host, [exactRule(route)]),
              policies: {},
            },
          ]),
      { name: route.name, route: routeTo(route.name, route.host, prefixRules(route)), policies: route },
    ]),
  ];
}

function hiddenName(host: string): string {
  return `${host.replaceAll(".", "-")}-hidden`;
}

function hiddenRule(path: string): Rule {
  return { matches: [{ path: { type: "PathPrefix", value: path } }], filters: [answeredBy(HIDDEN)] };
}

/** An exact path goes before every prefix. */
function exactRule(route: GatewayRoute): Rule {
  return {
    matches: route.exactPaths.map((value) => ({ path: { type: "Exact", value } })),
    ...towards(route),
  };
}

/** A rule that asks for one header more goes before the one with the same path: what is left over came without a token. */
function prefixRules(route: GatewayRoute): Rule[] {
  const path = { type: "PathPrefix", value: route.path } as const;
  if (route.authentication === undefined) return [{ matches: [{ path }], ...towards(route) }];
  return [
    {
      matches: [{ path, headers: [{ type: "RegularExpression", name: "authorization", value: BEARER }] }],
      ...towards(route),
    },
    {
      matches: [{ path }],
      filters: [
        answeredBy(UNAUTHORIZED),
        {
          type: "ResponseHeaderModifier",
          responseHeaderModifier: { set: [{ name: "WWW-Authenticate", value: "Bearer" }] },
        },
      ],
    },
  ];
}

function answeredBy(name: string): NonNullable<Rule["filters"]>[number] {
  return { type: "ExtensionRef", extensionRef: { group: ENVOY_GROUP, kind: "HTTPRouteFilter", name } };
}

function towards({ service, namespace, port, timeout = DEFAULT_TIMEOUT }: GatewayRoute): Omit<Rule, "matches"> {
  return { backendRefs: [{ name: service, namespace, port }], timeouts: { request: `${timeout}s` } };
}

/** What the gateway says by itself: 401 where a token is missing, 404 where something is not for the internet. */
export function ownAnswers(): Readonly<Record<string, HTTPRouteFilter>> {
  const answer = (statusCode: number, inline: string): HTTPRouteFilter => ({
    apiVersion: ENVOY_API,
    kind: "HTTPRouteFilter",
    spec: { directResponse: { statusCode, contentType: "application/json", body: { type: "Inline", inline } } },
  });
  return {
    [UNAUTHORIZED]: answer(401, '{"error":"a bearer token is needed"}'),
    [HIDDEN]: answer(404, '{"error":"not found"}'),
  };
}

/** Each system names the Services that the gateway's routes may reach, and no other. */
export function referenceGrants(
  gateway: { readonly name: string; readonly namespace: string },
  routes: readonly GatewayRoute[],
): readonly IReferenceGrant[] {
  const namespaces = [...new Set(inOrder(routes).map(({ namespace }) => namespace))];
  return namespaces.map((namespace) => {
    const services = new Set(routes.filter((route) => route.namespace === namespace).map(({ service }) => service));
    return {
      apiVersion: GRANT_API,
      kind: "ReferenceGrant",
      metadata: { name: gateway.name, namespace },
      spec: {
        from: [{ group: "gateway.networking.k8s.io", kind: "HTTPRoute", namespace: gateway.namespace }],
        to: [...services].sort().map((name) => ({ group: "", kind: "Service", name })),
      },
    };
  });
}
