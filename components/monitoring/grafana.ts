import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { Size } from "@groundwork/lib/quantity";
import { BadInput } from "@groundwork/lib/errors";
import { stringify } from "yaml";
import { IMAGES } from "../images.ts";
import type { Postgres } from "../postgres/spec.ts";
import type { Redis } from "../redis/spec.ts";
import { hardenedContainer, LOOPBACK } from "../workload/hardened.ts";
import { engineImage } from "../workload/image.ts";
import { password } from "../workload/password.ts";
import type { Endpoint } from "../workload/spec.ts";
import { SECRETS_FOLDER } from "../workload/spec.ts";
import { renderDashboard } from "./dashboards/build.ts";
import type { DashboardSpec } from "./dashboards/dashboard.ts";
import type { Sources } from "./grafana-sources.ts";
import { dataSources, REDIS_PLUGIN } from "./grafana-sources.ts";

export interface DockerGrafanaArgs {
  /** The system that it belongs to, for labels and as the dashboards' folder. */
  readonly system: string;
  readonly size: Size;
  /** Networks on which it finds what it asks. */
  readonly networks: readonly docker.Network[];
  /** Port of the Docker host at which people reach it. */
  readonly hostPort: number;
  /** Whether the volume with its users and settings refuses deletion. */
  readonly protect: boolean;
  readonly dashboards: readonly DashboardSpec[];
  readonly prometheus: Endpoint;
  /** Seconds between two scrapes of Prometheus. Default 15. */
  readonly scrapeInterval?: number;
  /** Default: none of these. */
  readonly alertmanager?: Endpoint;
  /**
   * Read at its readers' address. Whoever may edit in Grafana may send any SQL as this user, so it should be one that
   * can only SELECT. https://grafana.com/docs/grafana/latest/datasources/postgres/configure/#before-you-begin
   */
  readonly postgres?: Pick<Postgres, "readers" | "database" | "user" | "secret" | "sslMode">;
  /** Needs a plug-in, which the first start fetches from Grafana's catalogue. */
  readonly redis?: Pick<Redis, "endpoint" | "mode" | "tls" | "secret">;
  readonly elasticsearch?: {
    readonly endpoint: Endpoint;
    readonly index: string;
    readonly user: string;
    readonly secret: pulumi.Output<string>;
  };
  /** Jaeger's query service. */
  readonly traces?: Endpoint;
}

const PORT = 3000;
/** `grafana` in the official image, whose folders are open to any group. https://grafana.com/docs/grafana/latest/setup-grafana/configure-docker/ */
const USER = "472:472";
const DATA = "/var/lib/grafana";
const PROVISIONING = "/etc/grafana/provisioning";
const DEFAULT_SCRAPE_INTERVAL = 15;
const FILES = {
  admin: "grafana_admin_password",
  key: "grafana_secret_key",
  postgres: "grafana_postgres_password",
  redis: "grafana_redis_password",
  elasticsearch: "grafana_elasticsearch_password",
} as const;

/** Grafana on one Docker Engine, with its data sources and dashboards given as files: a lost volume loses no dashboard. */
export class DockerGrafana extends pulumi.ComponentResource {
  readonly endpoint: Endpoint;
  /** Where people reach it, as seen from the host. */
  readonly url: string;
  /** Of the user `admin`; a Pulumi secret. It counts at the first start: later it is changed in Grafana. */
  readonly secret: pulumi.Output<string>;

  constructor(name: string, args: DockerGrafanaArgs, opts?: pulumi.ComponentResourceOptions) {
    super("groundwork:monitoring:DockerGrafana", name, {}, opts);
    check(args);
    const image = engineImage(`${name}-image`, IMAGES.grafana, { parent: this });
    const data = new docker.Volume(`${name}-data`, { name: `${name}-data` }, { parent: this, protect: args.protect });
    this.secret = password(`${name}-password`, { parent: this });
    const key = password(`${name}-key`, { parent: this });
    this.endpoint = { host: pulumi.output(name), port: PORT };
    this.url = `http://localhost:${args.hostPort}`;
    hardenedContainer(
      `${name}-container`,
      {
        host: name,
        system: args.system,
        part: "grafana",
        image: image.imageId,
        user: USER,
        environment: grafanaEnvironment(this.url, args.redis !== undefined),
        limits: args.size,
        networks: args.networks,
        ports: [{ internal: PORT, external: args.hostPort, ip: LOOPBACK }],
        check: {
          test: ["CMD", "wget", "-q", "-O", "/dev/null", `http://127.0.0.1:${PORT}/api/health`],
          interval: 30,
          timeout: 5,
          retries: 3,
          // the first start makes its database and may fetch a plug-in
          startPeriod: 90,
        },
        files: { [FILES.admin]: this.secret, [FILES.key]: key, ...passwords(args) },
        configuration: provisioning(args),
        volumes: { [DATA]: data },
        scratch: ["/tmp"],
        stopTimeout: 30,
      },
      { parent: this },
    );
    this.registerOutputs({ url: this.url });
  }
}

/** Settings by environment variable. https://grafana.com/docs/grafana/latest/setup-grafana/configure-grafana/ */
export function grafanaEnvironment(url: string, hasRedis: boolean): Record<string, string> {
  return {
    GF_SERVER_ROOT_URL: url,
    GF_SECURITY_ADMIN_PASSWORD__FILE: `${SECRETS_FOLDER}/${FILES.admin}`,
    // what encrypts data sources' passwords in Grafana's database; the default one is in its source code
    GF_SECURITY_SECRET_KEY__FILE: `${SECRETS_FOLDER}/${FILES.key}`,
    GF_SECURITY_COOKIE_SAMESITE: "strict",
    GF_SECURITY_DISABLE_GRAVATAR: "true",
    GF_AUTH_ANONYMOUS_ENABLED: "false",
    GF_USERS_ALLOW_SIGN_UP: "false",
    GF_SNAPSHOTS_EXTERNAL_ENABLED: "false",
    GF_ANALYTICS_REPORTING_ENABLED: "false",
    GF_ANALYTICS_CHECK_FOR_UPDATES: "false",
    GF_ANALYTICS_CHECK_FOR_PLUGIN_UPDATES: "false",
    GF_NEWS_NEWS_FEED_ENABLED: "false",
    GF_LOG_MODE: "console",
    GF_LOG_CONSOLE_FORMAT: "json",
    ...(hasRedis
      ? { GF_PLUGINS_PREINSTALL_SYNC: `${REDIS_PLUGIN.id}@${REDIS_PLUGIN.version}` }
      : { GF_PLUGINS_PREINSTALL_DISABLED: "true" }),
  };
}

/** `provisioning/datasources`. https://grafana.com/docs/grafana/latest/administration/provisioning/#data-sources */
export function renderSources(sources: Sources): string {
  return stringify({ apiVersion: 1, prune: true, datasources: dataSources(sources) }, { lineWidth: 0 });
}

/** `provisioning/dashboards`. https://grafana.com/docs/grafana/latest/administration/provisioning/#dashboards */
export function renderProvider(folder: string): string {
  const provider = {
    name: "groundwork",
    orgId: 1,
    folder,
    type: "file",
    disableDeletion: true,
    allowUiUpdates: false,
    options: { path: `${PROVISIONING}/dashboards` },
  };
  return stringify({ apiVersion: 1, providers: [provider] }, { lineWidth: 0 });
}

function provisioning(args: DockerGrafanaArgs): Record<string, pulumi.Input<string>> {
  const dashboards = args.dashboards.map(
    (dashboard) => [`${PROVISIONING}/dashboards/${dashboard.uid}.json`, renderDashboard(dashboard)] as const,
  );
  return {
    [`${PROVISIONING}/datasources/groundwork.yaml`]: resolved(args).apply(renderSources),
    [`${PROVISIONING}/dashboards/groundwork.yaml`]: renderProvider(args.system),
    ...Object.fromEntries(dashboards),
  };
}

/** Everything but the passwords, which are named by their files. */
function resolved(args: DockerGrafanaArgs): pulumi.Output<Sources> {
  const { prometheus, scrapeInterval = DEFAULT_SCRAPE_INTERVAL, alertmanager, postgres, redis, traces } = args;
  const { elasticsearch } = args;
  return pulumi
    .all([
      address(prometheus),
      address(alertmanager),
      address(postgres?.readers),
      address(redis?.endpoint),
      address(elasticsearch?.endpoint),
      address(traces),
    ])
    .apply(([metrics, alerts, database, cache, logs, spans]) => {
      if (metrics === undefined) throw new Error("Prometheus has no address");
      return {
        prometheus: metrics,
        scrapeInterval,
        ...(alerts && { alertmanager: alerts }),
        ...(database && postgres && { postgres: { ...database, ...postgresFields(postgres) } }),
        ...(cache && redis && { redis: { ...cache, mode: redis.mode, tls: redis.tls, passwordFile: path("redis") } }),
        ...(logs &&
          elasticsearch && {
            elasticsearch: {
              ...logs,
              index: elasticsearch.index,
              user: elasticsearch.user,
              passwordFile: path("elasticsearch"),
            },
          }),
        ...(spans && { traces: spans }),
      };
    });
}

function postgresFields({ database, user, sslMode }: NonNullable<DockerGrafanaArgs["postgres"]>) {
  return { database, user, sslMode, passwordFile: path("postgres") };
}

function address(endpoint: Endpoint | undefined) {
  return endpoint === undefined
    ? pulumi.output(undefined)
    : endpoint.host.apply((host) => ({ host, port: endpoint.port }));
}

function path(of: keyof typeof FILES): string {
  return `${SECRETS_FOLDER}/${FILES[of]}`;
}

function passwords({ postgres, redis, elasticsearch }: DockerGrafanaArgs): Record<string, pulumi.Output<string>> {
  return {
    ...(postgres && { [FILES.postgres]: postgres.secret }),
    ...(redis && { [FILES.redis]: redis.secret }),
    ...(elasticsearch && { [FILES.elasticsearch]: elasticsearch.secret }),
  };
}

function check({ hostPort, dashboards }: DockerGrafanaArgs): void {
  if (!Number.isInteger(hostPort) || hostPort < 1 || hostPort > 65_535) {
    throw new BadInput(`grafana: hostPort is ${hostPort}; write a port from 1 to 65535.`);
  }
  const uids = dashboards.map(({ uid }) => uid);
  const repeated = uids.find((uid, index) => uids.indexOf(uid) !== index);
  if (repeated !== undefined) throw new BadInput(`grafana: dashboards has uid ${repeated} twice; write each once.`);
}
