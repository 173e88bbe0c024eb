/** A server as HAProxy sees it. */
export interface ProxiedMember {
  readonly name: string;
  readonly host: string;
  /** Of PostgreSQL. */
  readonly port: number;
  /** Of Patroni's REST interface, which knows who leads. */
  readonly checkPort: number;
}

export interface HaproxySettings {
  readonly members: readonly ProxiedMember[];
  /** Address to listen at; `*` for all. */
  readonly address: string;
  readonly ports: { readonly writer: number; readonly readers: number; readonly status: number };
  /** Connections in all. */
  readonly maxConnections: number;
  /** `address:port` of the name server that is asked again while HAProxy runs; none where members have fixed addresses. */
  readonly nameserver?: string;
}

/** A replica that is a WAL segment behind is not asked. https://patroni.readthedocs.io/en/latest/rest_api.html#health-check-endpoints */
const READABLE = "/replica?lag=16MB";

/**
 * haproxy.cfg (https://docs.haproxy.org/3.2/configuration.html): one port for the member that Patroni calls primary, one
 * for its replicas. Patroni answers 200 to exactly one member's `/primary`, because the answer follows the leader's lock,
 * so two writers cannot be reached at a time. Connections to a member that lost its role are closed: they would wait for a
 * server that is gone, or write to one that has become read-only.
 */
export function haproxyConfig(settings: HaproxySettings): string {
  const { address, ports } = settings;
  return `global
  maxconn ${settings.maxConnections}
  log stdout format raw local0 notice

defaults
  mode tcp
  log global
  retries 2
  option clitcpka
  option srvtcpka
  timeout connect 2s
  timeout check 2s
  timeout client 24h
  timeout server 24h
${resolvers(settings.nameserver)}
frontend writer
  bind ${address}:${ports.writer}
  default_backend primary

frontend readers
  bind ${address}:${ports.readers}
  use_backend replicas if { nbsrv(replicas) gt 0 }
  default_backend primary

frontend status
  bind ${address}:${ports.status}
  mode http
  timeout client 10s
  monitor-uri /health
  http-request use-service prometheus-exporter if { path /metrics }

${backend("primary", "/primary", settings)}
${backend("replicas", READABLE, settings)}`;
}

/** Two failed checks half a second apart take a member out: the rest of the time of a failover is Patroni's. */
function backend(name: string, check: string, { members, nameserver }: HaproxySettings): string {
  const lookups = nameserver === undefined ? "" : " resolvers engine init-addr last,libc,none";
  const servers = members.map(
    ({ name: server, host, port, checkPort }) => `  server ${server} ${host}:${port} check port ${checkPort}\n`,
  );
  return `backend ${name}
  balance leastconn
  option httpchk
  http-check send meth OPTIONS uri ${check}
  http-check expect status 200
  default-server inter 1s fastinter 500ms downinter 1s fall 2 rise 1 on-marked-down shutdown-sessions${lookups}
${servers.join("")}`;
}

/** A container that is started anew may have another address. */
function resolvers(nameserver: string | undefined): string {
  if (nameserver === undefined) return "";
  return `
resolvers engine
  nameserver dns ${nameserver}
  resolve_retries 3
  timeout resolve 1s
  timeout retry 1s
  hold valid 5s
`;
}
