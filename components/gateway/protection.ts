import type { RateLimit } from "../workload/spec.ts";
import type { Line } from "./syntax.ts";
import { refuseUnless, section } from "./syntax.ts";

/** What of a route is about who may ask, and how often. */
export interface Protection {
  /** Requests of one client address; the others get 429. Default: none. */
  readonly rateLimit?: RateLimit;
  /**
   * Whether a request needs a bearer token. Default false. Open-source nginx cannot verify a JWT (`auth_jwt` is part of
   * the commercial subscription, https://nginx.org/en/docs/http/ngx_http_auth_jwt_module.html): the gateway turns away
   * who brings none, and hands the token over as it came; the service checks signature, expiry and roles.
   */
  readonly bearer?: boolean;
}

interface Protected extends Protection {
  readonly upstream: string;
}

/**
 * Headers that make browsers stricter with whatever a service answers. No Content-Security-Policy: only the
 * application knows what it loads. https://owasp.org/www-project-secure-headers/
 */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  "X-Content-Type-Options": "nosniff",
  "X-Frame-Options": "DENY",
  "Referrer-Policy": "strict-origin-when-cross-origin",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
};

/** Bytes for addresses: one megabyte holds about 16 thousand. https://nginx.org/en/docs/http/ngx_http_limit_req_module.html */
const ADDRESSES = "1m";

/** Outside of servers: who has sent how much, and whether a token came with the request. */
export function protectionDeclarations(routes: readonly Protected[]): Line[] {
  const limited = routes.filter(({ rateLimit }) => rateLimit !== undefined);
  return [
    ...limited.map(
      ({ upstream, rateLimit }) =>
        `limit_req_zone $binary_remote_addr zone=limit_${upstream}:${ADDRESSES} rate=${rate(rateLimit)};`,
    ),
    ...(limited.length === 0 ? [] : ["limit_req_status 429;", "limit_req_log_level warn;"]),
    ...(routes.some(({ bearer }) => bearer) ? bearerMaps() : []),
  ];
}

/** nginx reads whole numbers only, a second or a minute. */
function rate(limit: RateLimit | undefined): string {
  const perSecond = limit?.requestsPerSecond ?? 0;
  return Number.isInteger(perSecond) ? `${perSecond}r/s` : `${Math.round(perSecond * 60)}r/m`;
}

/** The challenge belongs to the gateway's own 401 alone: where a service answered, `$upstream_status` is not empty. */
function bearerMaps(): Line[] {
  return [
    ...section("map $http_authorization $without_token", ["default 1;", '"~*^bearer +[^ ]" 0;']),
    ...section('map "$upstream_status:$status" $challenge', ['default "";', '":401" Bearer;']),
  ];
}

/** Inside the route's location. */
export function protectionLines({ upstream, rateLimit, bearer = false }: Protected): Line[] {
  return [
    ...(bearer ? section("if ($without_token)", ["return 401;"]) : []),
    ...(rateLimit === undefined ? [] : [`limit_req zone=limit_${upstream}${burst(rateLimit)};`]),
  ];
}

/** nginx knows no burst of 0; nodelay: what is above the rate and within the burst is answered at once, not held back. */
function burst(limit: RateLimit): string {
  return limit.burst === 0 ? "" : ` burst=${limit.burst} nodelay`;
}

/** Inside a server; a service's own header of the same name is dropped, so that none is sent twice. */
export function headerLines(headers: Readonly<Record<string, string>>, routes: readonly Protected[]): string[] {
  const names = Object.keys(headers);
  return [
    ...names.map((name) => `proxy_hide_header ${name};`),
    ...names.map((name) => `add_header ${name} "${headers[name] ?? ""}" always;`),
    ...(routes.some(({ bearer }) => bearer) ? ["add_header WWW-Authenticate $challenge always;"] : []),
  ];
}

export function checkProtection(routes: readonly Protected[]): void {
  const zones = routes.filter(({ rateLimit }) => rateLimit !== undefined).map(({ upstream }) => upstream);
  const repeated = zones.find((zone, index) => zones.indexOf(zone) !== index);
  refuseUnless(repeated === undefined, "routes.rateLimit", repeated, "a rate limit on one route of each upstream");
  for (const { upstream, rateLimit } of routes) {
    if (rateLimit === undefined) continue;
    const { requestsPerSecond, burst } = rateLimit;
    const perMinute = requestsPerSecond * 60;
    refuseUnless(
      Number.isInteger(perMinute) && perMinute > 0,
      `${upstream}.rateLimit.requestsPerSecond`,
      requestsPerSecond,
      "a number above 0 that is a whole number of requests a minute",
    );
    refuseUnless(Number.isInteger(burst) && burst >= 0, `${upstream}.rateLimit.burst`, burst, "a whole number");
  }
}

export function checkHeaders(headers: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(headers)) {
    refuseUnless(/^[A-Za-z][A-Za-z0-9-]*$/.test(name), "headers", name, "header names of letters, digits and -");
    refuseUnless(/^[^"\\$\r\n]+$/.test(value), `headers.${name}`, value, "one line without quotes, \\ and $");
  }
}
