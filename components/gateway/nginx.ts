import { BadInput } from "@groundwork/lib/errors";

/** A group of servers that nginx balances over. */
export interface NginxUpstream {
  /** Host name; where a resolver is set, every address behind it is a server. */
  readonly host: string;
  readonly port: number;
}

/** Requests whose path begins with `path` go to `upstream`; the longest path wins. */
export interface NginxRoute {
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
}

/** Path of the gateway's own health check; it asks nobody. */
export const GATEWAY_HEALTH = "/.gateway/health";

/**
 * Renders nginx.conf. Directives: https://nginx.org/en/docs/http/ngx_http_upstream_module.html (least_conn, keepalive,
 * resolve), https://nginx.org/en/docs/http/ngx_http_proxy_module.html, https://nginx.org/en/docs/http/ngx_http_gzip_module.html.
 * Everything that nginx writes goes to /tmp or to the container's own output.
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
      ...Object.entries(config.upstreams).flatMap(([name, upstream]) =>
        section(`upstream ${name}`, upstreamLines(name, upstream, config)),
      ),
      ...section("server", server(config)),
    ]),
  ]);
}

type Line = string | readonly Line[];

function section(head: string, lines: readonly Line[]): Line[] {
  return [`${head} {`, lines, "}"];
}

function block(depth: number, lines: readonly Line[]): string {
  return lines
    .map((line) => (typeof line === "string" ? `${"  ".repeat(depth)}${line}\n` : block(depth + 1, line)))
    .join("");
}

function http({ resolver, maxBody = "10m" }: NginxConfig): string[] {
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
    `server ${host}:${port} max_fails=3 fail_timeout=10s${resolve};`,
    `keepalive ${keepAlive};`,
  ];
}

function server({ listen, routes }: NginxConfig): Line[] {
  return [
    `listen ${listen};`,
    ...section(`location = ${GATEWAY_HEALTH}`, ["access_log off;", "default_type text/plain;", 'return 200 "ok\\n";']),
    ...routes.flatMap((route) => section(`location ${route.path}`, [`proxy_pass http://${route.upstream};`])),
  ];
}

/** Nothing that is written into the file may end a directive. */
function check({ listen, upstreams, routes, workers }: NginxConfig): void {
  refuseUnless(
    Number.isInteger(listen) && listen > 1023 && listen < 65_536,
    "listen",
    listen,
    "a port from 1024 to 65535",
  );
  refuseUnless(Number.isInteger(workers) && workers > 0, "workers", workers, "a whole number above 0");
  for (const [name, { host, port }] of Object.entries(upstreams)) {
    refuseUnless(/^[a-z0-9][a-z0-9_-]*$/.test(name), "upstreams", name, "names of lower case letters, digits, - and _");
    refuseUnless(/^[a-z0-9][a-z0-9.-]*$/.test(host), `upstreams.${name}.host`, host, "a host name or IPv4 address");
    refuseUnless(
      Number.isInteger(port) && port > 0 && port < 65_536,
      `upstreams.${name}.port`,
      port,
      "a port from 1 to 65535",
    );
  }
  for (const { path, upstream } of routes) {
    refuseUnless(/^\/[\w./-]*$/.test(path), "routes.path", path, "a path of letters, digits, / . _ and -");
    refuseUnless(
      Object.hasOwn(upstreams, upstream),
      "routes.upstream",
      upstream,
      `one of ${Object.keys(upstreams).join(", ")}`,
    );
  }
  const paths = routes.map((route) => route.path);
  const repeated = paths.find((path, index) => paths.indexOf(path) !== index);
  refuseUnless(repeated === undefined, "routes.path", repeated, "each path once");
}

function refuseUnless(isRight: boolean, key: string, value: unknown, expected: string): void {
  if (!isRight) throw new BadInput(`gateway: ${key} is ${JSON.stringify(value)}; write ${expected}.`);
}
