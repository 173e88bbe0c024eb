import type { Protection } from "./protection.ts";
import { checkHeaders, checkProtection, headerLines, protectionDeclarations, protectionLines } from "./protection.ts";
import type { Line } from "./syntax.ts";
import { block, refuseUnless, refuseUnlessOpenPort, refuseUnlessPort, section } from "./syntax.ts";
import type { NginxTls } from "./tls.ts";
import { checkTls, hstsHeader, redirectLines, tlsLines } from "./tls.ts";

/** A group of servers that nginx balances over. */
export interface NginxUpstream {
  /** Host name, or several; where a resolver is set, every address behind a name is a server. */
  readonly host: string | readonly string[];
  readonly port: number;
}

/** Requests whose path begins with `path` go to `upstream`; the longest path wins. */
export interface NginxRoute extends Protection {
  readonly path: string;
  /** A key of `upstreams`. */
  readonly upstream: string;
}

/** An nginx that does nothing but forward HTTP. */
export interface NginxConfig {
  /** Port that it listens on inside the container; above 1023, because it is not root. */
  readonly listen: number;
  readonly upstreams: Readonly<Record<string, NginxUpstream>>;
  readonly routes: readonly NginxRoute[];
  /** DNS server that is asked again as names change, so that a replaced replica is found; none: names are read once. */
  readonly resolver?: string;
  /** Worker processes; more than CPUs gains nothing. */
  readonly workers: number;
  /** Idle connections that each worker keeps open to each upstream. Default 32. */
  readonly keepAlive?: number;
  /** Largest request body. Default `10m`. */
  readonly maxBody?: string;
  /** Default: plain HTTP only. With it, the plain port sends everyone to the other. */
  readonly tls?: NginxTls;
  /**
   * Whether the plain port also speaks HTTP/2 to clients that begin with it (no browser does without TLS). Default false;
   * with TLS it is always spoken there. https://nginx.org/en/docs/http/ngx_http_v2_module.html#http2
   */
  readonly http2?: boolean;
  /** Headers added to every answer, e.g. `SECURITY_HEADERS`; HSTS comes with them where there is TLS. Default: none. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Paths that are answered with 404 and everything below them, e.g. `/metrics`, which is for Prometheus alone. Default: none. */
  readonly hidden?: readonly string[];
  /** Blocks of addresses of proxies in front of it, whose X-Forwarded-For is believed; rate limits count clients and not proxies then. Default: none. */
  readonly trustedProxies?: readonly string[];
  /** Port of a page of counters for an exporter ({@link GATEWAY_STATUS}). Default: none. https://nginx.org/en/docs/http/ngx_http_stub_status_module.html */
  readonly status?: number;
}

/** Path of the gateway's own health check; it asks nobody. */
export const GATEWAY_HEALTH = "/.gateway/health";
/** Path of the counters, on a port of their own that is never published. */
export const GATEWAY_STATUS = "/.gateway/status";

/**
 * Renders nginx.conf. Directives: https://nginx.org/en/docs/http/ngx_http_upstream_module.html (least_conn, keepalive,
 * resolve), https://nginx.org/en/docs/http/ngx_http_proxy_module.html, https://nginx.org/en/docs/http/ngx_http_gzip_module.html,
 * https://nginx.org/en/docs/http/ngx_http_realip_module.html. Everything that nginx writes goes to /tmp or to the
 * container's own output. What a configuration does not ask for leaves no line, so that a gateway which is deployed
 * already is not replaced by a release that can do more.
 */
export function renderNginx(config: NginxConfig): string {
  check(config);
  return block(0, [
    `worker_processes ${config.workers};`,
    "pid /tmp/nginx.pid;",
    "error_log stderr warn;",
    ...section("events", ["worker_connections 4096;"]),
    ...section("http", [
      ...http(config),
      ...protectionDeclarations(config.routes),
      ...Object.entries(config.upstreams).flatMap(([name, upstream]) =>
        section(`upstream ${name}`, upstreamLines(name, upstream, config)),
      ),
      ...servers(config),
    ]),
  ]);
}

function http({ resolver, maxBody = "10m", trustedProxies = [] }: NginxConfig): string[] {
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
    (name) => `${name}_temp_path /tmp/${name};`,
  );
  return [
    ...temporary,
    `log_format json escape=json '{"time":"$time_iso8601","method":"$request_method","path":"$uri","status":$status,"bytes":$body_bytes_sent,"seconds":$request_time,"upstream":"$upstream_addr"}';`,
    "access_log /dev/stdout json;",
    "server_tokens off;",
    "sendfile on;",
    "keepalive_timeout 65s;",
    `client_max_body_size ${maxBody};`,
    "gzip on;",
    "gzip_vary on;",
    "gzip_proxied any;",
    "gzip_min_length 1024;",
    "gzip_types application/json application/javascript application/xml text/css text/plain text/csv image/svg+xml;",
    // without HTTP/1.1 and an empty Connection header, nginx closes each upstream connection
    "proxy_http_version 1.1;",
    'proxy_set_header Connection "";',
    "proxy_set_header Host $host;",
    "proxy_set_header X-Real-IP $remote_addr;",
    "proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;",
    "proxy_set_header X-Forwarded-Proto $scheme;",
    "proxy_connect_timeout 2s;",
    "proxy_read_timeout 60s;",
    "proxy_next_upstream error timeout http_502 http_503;",
    "proxy_next_upstream_tries 2;",
    ...(resolver === undefined ? [] : [`resolver ${resolver} valid=5s ipv6=off;`]),
    ...trustedProxies.map((block) => `set_real_ip_from ${block};`),
    ...(trustedProxies.length === 0 ? [] : ["real_ip_header X-Forwarded-For;", "real_ip_recursive on;"]),
  ];
}

function upstreamLines(
  name: string,
  { host, port }: NginxUpstream,
  { resolver, keepAlive = 32 }: NginxConfig,
): string[] {
  const resolve = resolver === undefined ? "" : " resolve";
  return [
    `zone ${name} 64k;`,
    "least_conn;",
    ...hosts({ host, port }).map((each) => `server ${each}:${port} max_fails=3 fail_timeout=10s${resolve};`),
    `keepalive ${keepAlive};`,
  ];
}

function hosts({ host }: NginxUpstream): readonly string[] {
  return typeof host === "string" ? [host] : host;
}

function servers(config: NginxConfig): Line[] {
  const { listen, tls, status, http2 = false } = config;
  const plain = [`listen ${listen};`, ...(http2 ? ["http2 on;"] : []), ...health()];
  return [
    ...(tls === undefined
      ? section("server", [...plain, ...site(config)])
      : [
          ...section("server", [...plain, ...redirectLines(tls)]),
          ...section("server", [...tlsLines(tls), ...health(), ...site(config)]),
        ]),
    ...(status === undefined ? [] : section("server", statusLines(status))),
  ];
}

function health(): Line[] {
  return section(`location = ${GATEWAY_HEALTH}`, [
    "access_log off;",
    "default_type text/plain;",
    'return 200 "ok\\n";',
  ]);
}

function site({ routes, headers, hidden = [], tls }: NginxConfig): Line[] {
  return [
    ...headerLines(headers === undefined ? {} : { ...headers, ...hstsHeader(tls) }, routes),
    ...hidden.flatMap((path) => [
      ...section(`location = ${path}`, ["return 404;"]),
      ...section(`location ^~ ${path}/`, ["return 404;"]),
    ]),
    ...routes.flatMap((route) =>
      section(`location ${route.path}`, [...protectionLines(route), `proxy_pass http://${route.upstream};`]),
    ),
  ];
}

function statusLines(port: number): Line[] {
  return [
    `listen ${port};`,
    ...section(`location = ${GATEWAY_STATUS}`, ["access_log off;", "stub_status;"]),
    ...section("location /", ["return 404;"]),
  ];
}

/** Nothing that is written into the file may end a directive. */
function check(config: NginxConfig): void {
  const { listen, routes, workers, tls, headers, status } = config;
  refuseUnlessOpenPort("listen", listen);
  refuseUnless(Number.isInteger(workers) && workers > 0, "workers", workers, "a whole number above 0");
  if (tls !== undefined) checkTls(tls, listen);
  if (headers !== undefined) checkHeaders(headers);
  if (status !== undefined) checkStatus(status, [listen, ...(tls === undefined ? [] : [tls.listen])]);
  checkUpstreams(config);
  checkPaths(config);
  checkProtection(routes);
}

function checkStatus(status: number, taken: readonly number[]): void {
  refuseUnlessOpenPort("status", status);
  refuseUnless(!taken.includes(status), "status", status, `another port than ${taken.join(" and ")}`);
}

function checkUpstreams({ upstreams, trustedProxies = [] }: NginxConfig): void {
  for (const [name, upstream] of Object.entries(upstreams)) {
    refuseUnless(/^[a-z0-9][a-z0-9_-]*$/.test(name), "upstreams", name, "names of lower case letters, digits, - and _");
    refuseUnless(hosts(upstream).length > 0, `upstreams.${name}.host`, upstream.host, "at least one host");
    for (const host of hosts(upstream)) {
      refuseUnless(/^[a-z0-9][a-z0-9.-]*$/.test(host), `upstreams.${name}.host`, host, "a host name or IPv4 address");
    }
    refuseUnlessPort(`upstreams.${name}.port`, upstream.port);
  }
  for (const block of trustedProxies) {
    refuseUnless(/^[0-9a-f.:]+(\/\d{1,3})?$/.test(block), "trustedProxies", block, "addresses or CIDR blocks");
  }
}

function checkPaths({ upstreams, routes, hidden = [] }: NginxConfig): void {
  for (const { path, upstream } of routes) {
    refuseUnless(/^\/[\w./-]*$/.test(path), "routes.path", path, "a path of letters, digits, / . _ and -");
    refuseUnless(
      Object.hasOwn(upstreams, upstream),
      "routes.upstream",
      upstream,
      `one of ${Object.keys(upstreams).join(", ")}`,
    );
  }
  for (const path of hidden) refuseUnless(/^(\/[\w.-]+)+$/.test(path), "hidden", path, "a path like /metrics");
  const paths = [...routes.map((route) => route.path), ...hidden];
  const repeated = paths.find((path, index) => paths.indexOf(path) !== index);
  refuseUnless(repeated === undefined, "routes.path", repeated, "each path once");
}
