import type { Line } from "./syntax.ts";
import { block, refuseUnless, refuseUnlessOpenPort, refuseUnlessPort, section } from "./syntax.ts";

/** The two sets of replicas of a workload that is released blue-green. */
export type Colour = "blue" | "green";
export const COLOURS: readonly Colour[] = ["blue", "green"];

/** The name of one colour of a workload, under which it is also found on its networks. */
export const colourName = (workload: string, colour: Colour): string => `${workload}-${colour}`;

/** An nginx in front of both colours of one workload, which sends each request to the one that is live at that moment. */
export interface SwitchConfig {
  /** Ports of the workload; the switch listens on the same. */
  readonly ports: readonly number[];
  /** Where a replica says that it is well. */
  readonly health: { readonly port: number; readonly path: string };
  /** The name behind which the replicas of each colour are found; one that nobody has is no error. */
  readonly hosts: Readonly<Record<Colour, string>>;
  /** Blocks of addresses of the gateways in front, whose word about the client is passed on; others speak for themselves. */
  readonly gateways: readonly string[];
  /** DNS server that is asked for the replicas again and again. */
  readonly resolver: string;
  /** Worker processes. */
  readonly workers: number;
}

/** Which of the two is live is read at every request: no process starts, stops or reloads, so that no connection is cut. */
export const MARKER_FOLDER = "/var/tmp";
/** There while green is live. */
export const MARKER = `${MARKER_FOLDER}/green`;
/** Port of the switch's own health (`/health`), and of whether a colour answers through it (`/blue`, `/green`). */
export const SWITCH_CHECKS = 9180;

/**
 * Below the 5 s after which the servers of Node and uvicorn close an idle connection: whoever closes first loses no request.
 * https://nodejs.org/docs/latest-v24.x/api/http.html#serverkeepalivetimeout https://www.uvicorn.org/settings/#timeouts
 */
const IDLE_SECONDS = 4;

/**
 * Renders the switch's nginx.conf. It adds nothing of its own, neither headers nor compression nor a log: the gateway has
 * done that. `if` tests for a file once a request: https://nginx.org/en/docs/http/ngx_http_rewrite_module.html#if. A group of
 * servers may be named by a variable: https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_pass
 */
export function renderSwitch(config: SwitchConfig): string {
  check(config);
  const { ports, health, hosts, resolver, workers } = config;
  const reached = [...new Set([...ports, health.port])];
  return block(0, [
    `worker_processes ${workers};`,
    "pid /tmp/nginx.pid;",
    "error_log stderr warn;",
    ...section("events", ["worker_connections 4096;"]),
    ...section("http", [
      ...http(resolver),
      ...clientHeaders(config),
      ...reached.flatMap((port) =>
        COLOURS.flatMap((colour) =>
          section(`upstream ${group(colour, port)}`, [
            `zone ${group(colour, port)} 64k;`,
            "least_conn;",
            `server ${hosts[colour]}:${port} max_fails=3 fail_timeout=10s resolve;`,
            "keepalive 32;",
            `keepalive_timeout ${IDLE_SECONDS}s;`,
          ]),
        ),
      ),
      ...ports.flatMap((port) => section("server", forwarding(port))),
      ...section("server", checks(health)),
    ]),
  ]);
}

const group = (colour: Colour, port: number): string => `${colour}-${port}`;

function http(resolver: string): Line[] {
  return [
    ...["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((name) => `${name}_temp_path /tmp/${name};`),
    "access_log off;",
    "server_tokens off;",
    // longer than the gateway keeps an idle connection (60 s), so that the gateway and never the switch closes it
    "keepalive_timeout 65s;",
    // the gateway has its limit, and has read the whole body already
    "client_max_body_size 0;",
    "proxy_request_buffering off;",
    "proxy_max_temp_file_size 0;",
    "proxy_http_version 1.1;",
    "proxy_connect_timeout 2s;",
    // the gateway waits for 60 s, and is the one to say so
    "proxy_read_timeout 65s;",
    "proxy_next_upstream error timeout http_502 http_503;",
    "proxy_next_upstream_tries 2;",
    `resolver ${resolver} valid=5s ipv6=off;`,
  ];
}

/** What the gateway says of the client is passed on as it is; another workload that calls is a client itself. */
function clientHeaders({ gateways }: SwitchConfig): Line[] {
  return [
    ...section("geo $is_gateway", ["default 0;", ...gateways.map((cidr) => `${cidr} 1;`)]),
    ...section("map $is_gateway $client_address", ["1 $http_x_real_ip;", "default $remote_addr;"]),
    ...section("map $is_gateway $client_chain", ["1 $http_x_forwarded_for;", "default $remote_addr;"]),
    ...section("map $is_gateway $client_scheme", ["1 $http_x_forwarded_proto;", "default $scheme;"]),
    'proxy_set_header Connection "";',
    "proxy_set_header Host $http_host;",
    "proxy_set_header X-Real-IP $client_address;",
    "proxy_set_header X-Forwarded-For $client_chain;",
    "proxy_set_header X-Forwarded-Proto $client_scheme;",
  ];
}

function forwarding(port: number): Line[] {
  return [
    `listen ${port};`,
    `set $live ${group("blue", port)};`,
    ...section(`if (-f ${MARKER})`, [`set $live ${group("green", port)};`]),
    ...section("location /", ["proxy_pass http://$live;"]),
  ];
}

function checks({ port, path }: SwitchConfig["health"]): Line[] {
  return [
    `listen ${SWITCH_CHECKS};`,
    ...section("location = /health", ["default_type text/plain;", 'return 200 "ok\\n";']),
    ...COLOURS.flatMap((colour) =>
      section(`location = /${colour}`, [`proxy_pass http://${group(colour, port)}${path};`]),
    ),
    ...section("location /", ["return 404;"]),
  ];
}

/** Nothing that is written into the file may end a directive. */
function check({ ports, health, hosts, gateways, resolver, workers }: SwitchConfig): void {
  refuseUnless(ports.length > 0, "ports", ports, "at least one port");
  for (const port of ports) {
    refuseUnlessOpenPort("ports", port);
    refuseUnless(port !== SWITCH_CHECKS, "ports", port, `another port than ${SWITCH_CHECKS}, which the switch has`);
  }
  refuseUnlessPort("health.port", health.port);
  refuseUnless(/^\/[\w./-]*$/.test(health.path), "health.path", health.path, "a path of letters, digits, / . _ and -");
  for (const colour of COLOURS)
    refuseUnless(
      /^[a-z0-9][a-z0-9._-]*$/.test(hosts[colour]),
      `hosts.${colour}`,
      hosts[colour],
      "a host name or IPv4 address",
    );
  for (const cidr of gateways)
    refuseUnless(/^[0-9a-f.:]+(\/\d{1,3})?$/.test(cidr), "gateways", cidr, "addresses or CIDR blocks");
  refuseUnless(/^[0-9.]+(:\d+)?$/.test(resolver), "resolver", resolver, "an IPv4 address");
  refuseUnless(Number.isInteger(workers) && workers > 0, "workers", workers, "a whole number above 0");
}
