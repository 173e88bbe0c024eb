import { BadInput } from "@groundwork/lib/errors";
import { normalized, repeatedIn } from "./kubernetes-order.ts";
import type { Authentication, RateLimit } from "../workload/spec.ts";

/** Whom browsers may let call from pages of another origin. https://developer.mozilla.org/docs/Web/HTTP/Guides/CORS */
export interface Cors {
  /** Origins such as `https://app.example.com`; `https://*.example.com` is all below it. */
  readonly origins: readonly string[];
  /** Default GET, HEAD, POST, PUT, PATCH, DELETE. */
  readonly methods?: readonly string[];
  /** Request headers. Default `authorization` and `content-type`. */
  readonly headers?: readonly string[];
  /** Whether cookies and client certificates may go with it. Default false. */
  readonly credentials?: boolean;
}

/** What the internet reaches of one workload. */
export interface GatewayRoute {
  /** DNS label, unique over all systems, e.g. `finai-nexus-backend`. */
  readonly name: string;
  /** Public host name, e.g. `finai-nexus.example.com`. */
  readonly host: string;
  /** URL path prefix; of several of a host the longest wins. */
  readonly path: string;
  /** Paths that are answered to anybody without limit, whatever other routes say: health checks. */
  readonly exactPaths: readonly string[];
  readonly namespace: string;
  /** Kubernetes Service. */
  readonly service: string;
  /** The Service's port. */
  readonly port: number;
  /** The pods behind it. Default: their `app.kubernetes.io/name` is the Service's name, and their port its port. */
  readonly pods?: { readonly labels: Readonly<Record<string, string>>; readonly port: number };
  /** Default: none. */
  readonly rateLimit?: RateLimit;
  /** With it a request needs a bearer token, which the service verifies. Default: anyone may call. */
  readonly authentication?: Authentication;
  /** Default: pages of no other origin may call. */
  readonly cors?: Cors;
  /** Seconds until a request has been answered in full. Default 120, what Cloudflare waits. https://developers.cloudflare.com/fundamentals/reference/connection-limits/ */
  readonly timeout?: number;
}

const LABEL = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/;
const HOST = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)+$/;
const PATH = /^\/[\w./-]*$/;

/** Of a Gateway's listeners one is for clients that name no host. https://gateway-api.sigs.k8s.io/reference/spec/#gatewayspec */
const HOSTS = 63;

export function checkRoutes(component: string, routes: readonly GatewayRoute[]): void {
  const refuse = (key: string, value: unknown, write: string): never => {
    throw new BadInput(`${component}: ${key} is ${JSON.stringify(value)}; write ${write}.`);
  };
  if (routes.length === 0) refuse("routes", routes, "at least one route");
  for (const { name, host, path, exactPaths, port, timeout = 1 } of routes) {
    if (!LABEL.test(name)) refuse("routes.name", name, "a DNS label");
    if (!HOST.test(host)) refuse(`${name}.host`, host, "a host name in lower case");
    for (const each of [path, ...exactPaths])
      if (!PATH.test(each)) refuse(`${name}.path`, each, "a path of letters, digits, / . _ and -");
    if (!Number.isInteger(port) || port < 1 || port > 65_535) refuse(`${name}.port`, port, "a port from 1 to 65535");
    if (!Number.isInteger(timeout) || timeout < 1) refuse(`${name}.timeout`, timeout, "whole seconds from 1");
  }
  for (const route of routes) checkRate(route, refuse);
  const name = repeatedIn(routes.map((route) => route.name));
  if (name !== undefined) refuse("routes.name", name, "each name once");
  const path = repeatedIn(routes.map(({ host, path: prefix }) => host + normalized(prefix)));
  if (path !== undefined) refuse("routes.path", path, "each path of a host once");
  const hosts = new Set(routes.map(({ host }) => host)).size;
  if (hosts > HOSTS) refuse("routes.host", hosts, `at most ${HOSTS} hosts, or a second gateway`);
}

function checkRate(
  { name, rateLimit }: GatewayRoute,
  refuse: (key: string, value: unknown, write: string) => never,
): void {
  if (rateLimit === undefined) return;
  const perMinute = rateLimit.requestsPerSecond * 60;
  if (!Number.isInteger(perMinute) || perMinute < 1)
    refuse(
      `${name}.rateLimit.requestsPerSecond`,
      rateLimit.requestsPerSecond,
      "a number above 0 that is a whole number of requests a minute",
    );
}
