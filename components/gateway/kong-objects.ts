import type { IGateway, IGatewayClass, IHTTPRoute } from "@kubernetes-models/gateway-api/gateway.networking.k8s.io/v1";
import { KONG } from "../cluster/addons/kong.ts";
import type { Cors, GatewayRoute } from "./kubernetes-spec.ts";
import { hstsHeader } from "./tls.ts";
import { SECURITY_HEADERS } from "./protection.ts";

const API = "gateway.networking.k8s.io/v1";
export const KONG_API = "configuration.konghq.com/v1";

/** A plugin of Kong's, whose settings are no `spec`. https://developer.konghq.com/kubernetes-ingress-controller/reference/custom-resources/ */
export interface KongPlugin {
  readonly apiVersion: typeof KONG_API;
  readonly kind: "KongPlugin";
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly plugin: "rate-limiting" | "jwt" | "cors" | "response-transformer";
  readonly config: Readonly<Record<string, unknown>>;
}

/** What of a route is Kong's: the path as it came is handed on. */
export type KongRoute = Omit<GatewayRoute, "pods">;

/** Kong's own class, which its controller serves without making proxies for it: they are there. */
export function kongClass(): IGatewayClass {
  return {
    apiVersion: API,
    kind: "GatewayClass",
    metadata: { name: KONG, annotations: { "konghq.com/gatewayclass-unmanaged": "true" } },
    spec: { controllerName: "konghq.com/kic-gateway-controller" },
  };
}

/** Plain HTTP inside the cluster: TLS has ended at the gateway, and the mesh has its own. Routes come from the named namespaces. */
export function kongGateway(namespaces: readonly string[]): IGateway {
  const selector = {
    matchExpressions: [{ key: "kubernetes.io/metadata.name", operator: "In", values: [...namespaces] }],
  };
  return {
    apiVersion: API,
    kind: "Gateway",
    metadata: { name: KONG, namespace: KONG },
    spec: {
      gatewayClassName: KONG,
      listeners: [
        { name: "http", port: 80, protocol: "HTTP", allowedRoutes: { namespaces: { from: "Selector", selector } } },
      ],
    },
  };
}

/** What Kong is told of a route: the plugins stand before the objects that name them. */
export interface KongObjects {
  readonly routes: readonly IHTTPRoute[];
  readonly plugins: readonly KongPlugin[];
}

/** A route and its plugins, in the namespace of its service: a plugin is found nowhere else. */
export function kongRoute(route: KongRoute, jwtIssuer: string | undefined): KongObjects {
  const plugins = pluginsOf(route, jwtIssuer);
  const [headers] = plugins;
  const exact = route.exactPaths.map((value) => ({ path: { type: "Exact", value } as const }));
  return {
    plugins,
    routes: [
      httpRoute(route, `${route.name}-kong`, plugins, [{ path: { type: "PathPrefix", value: route.path } }]),
      // Who asks for health has no token, and must not be turned away by a limit.
      ...(exact.length === 0 || headers === undefined
        ? []
        : [httpRoute(route, `${route.name}-exact-kong`, [headers], exact)]),
    ],
  };
}

type Match = NonNullable<NonNullable<IHTTPRoute["spec"]["rules"]>[number]["matches"]>[number];

function httpRoute(
  { namespace, host, service, port }: KongRoute,
  name: string,
  plugins: readonly KongPlugin[],
  matches: readonly Match[],
): IHTTPRoute {
  return {
    apiVersion: API,
    kind: "HTTPRoute",
    metadata: {
      name,
      namespace,
      annotations: {
        "konghq.com/plugins": plugins.map(({ metadata }) => metadata.name).join(","),
        "konghq.com/strip-path": "false",
        "konghq.com/preserve-host": "true",
      },
    },
    spec: {
      parentRefs: [{ name: KONG, namespace: KONG }],
      hostnames: [host],
      rules: [{ matches: [...matches], backendRefs: [{ name: service, port }] }],
    },
  };
}

function pluginsOf(route: KongRoute, jwtIssuer: string | undefined): readonly KongPlugin[] {
  const { name, namespace, rateLimit, authentication, cors } = route;
  const plugin = (kind: KongPlugin["plugin"], config: KongPlugin["config"]): KongPlugin => ({
    apiVersion: KONG_API,
    kind: "KongPlugin",
    metadata: { name: `${name}-${kind}`, namespace },
    plugin: kind,
    config,
  });
  return [
    plugin("response-transformer", securityHeaders()),
    ...(cors === undefined ? [] : [plugin("cors", corsConfig(cors))]),
    ...(rateLimit === undefined
      ? []
      : [
          // Each proxy counts for itself, by the client's address; a burst is not known, so the rate holds over a minute.
          plugin("rate-limiting", { minute: rateLimit.requestsPerSecond * 60, policy: "local", limit_by: "ip" }),
        ]),
    ...(authentication === undefined || jwtIssuer === undefined ? [] : [plugin("jwt", JWT)]),
  ];
}

/** Only where a bearer token belongs; not in addresses, which end up in logs. Preflights carry none. https://developer.konghq.com/plugins/jwt/reference/ */
const JWT = {
  key_claim_name: "iss",
  claims_to_verify: ["exp"],
  header_names: ["authorization"],
  uri_param_names: [],
  cookie_names: [],
  run_on_preflight: false,
};

/** Put where a service sends its own, added where it sends none. https://developer.konghq.com/plugins/response-transformer/reference/ */
function securityHeaders(): KongPlugin["config"] {
  const headers = Object.entries({ ...SECURITY_HEADERS, ...hstsHeader({}) }).map(([name, value]) => `${name}:${value}`);
  return { replace: { headers }, add: { headers } };
}

/** https://developer.konghq.com/plugins/cors/reference/ */
function corsConfig({ origins, methods, headers, credentials }: Cors): KongPlugin["config"] {
  return {
    origins,
    methods: methods ?? ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"],
    headers: headers ?? ["authorization", "content-type"],
    credentials: credentials ?? false,
    max_age: 7200,
    preflight_continue: false,
  };
}
