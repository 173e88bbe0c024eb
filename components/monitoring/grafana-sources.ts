import { PROMETHEUS } from "./dashboards/build.ts";

/** Host and port, as Grafana's server sees them. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** What Grafana may ask; a password is the path of the file that holds it. */
export interface Sources {
  readonly prometheus: Address;
  /** Seconds between two scrapes: windows of rates are never shorter than four of them. */
  readonly scrapeInterval: number;
  readonly alertmanager?: Address;
  readonly postgres?: Address & {
    readonly database: string;
    readonly user: string;
    readonly passwordFile: string;
    readonly sslMode: "disable" | "require" | "verify-full";
  };
  readonly redis?: Address & {
    readonly mode: "single" | "cluster";
    readonly tls: boolean;
    readonly passwordFile: string;
  };
  readonly elasticsearch?: Address & { readonly index: string; readonly user: string; readonly passwordFile: string };
  /** Jaeger's query service. */
  readonly traces?: Address;
}

/** One entry of `datasources`. https://grafana.com/docs/grafana/latest/administration/provisioning/#data-sources */
export interface DataSource {
  readonly name: string;
  readonly type: string;
  readonly uid: string;
  readonly access: "proxy";
  readonly url: string;
  readonly isDefault: boolean;
  readonly editable: false;
  readonly user?: string;
  readonly basicAuth?: true;
  readonly basicAuthUser?: string;
  readonly jsonData: Readonly<Record<string, unknown>>;
  readonly secureJsonData?: Readonly<Record<string, string>>;
}

/** Not part of Grafana: it is fetched from its catalogue when Grafana starts for the first time. https://grafana.com/grafana/plugins/redis-datasource/ */
export const REDIS_PLUGIN = { id: "redis-datasource", version: "2.2.0" } as const;

const POSTGRES_VERSION = 1700;

/** The provisioned data sources: who looks at a dashboard cannot change where it asks. */
export function dataSources(sources: Sources): readonly DataSource[] {
  const { prometheus, scrapeInterval, alertmanager, postgres, redis, elasticsearch, traces } = sources;
  return [
    {
      ...common("Prometheus", PROMETHEUS.type, http(prometheus)),
      uid: PROMETHEUS.uid,
      isDefault: true,
      jsonData: { httpMethod: "POST", timeInterval: `${scrapeInterval}s`, prometheusType: "Prometheus" },
    },
    ...(alertmanager === undefined
      ? []
      : [
          { ...common("Alertmanager", "alertmanager", http(alertmanager)), jsonData: { implementation: "prometheus" } },
        ]),
    ...(postgres === undefined ? [] : [postgresSource(postgres)]),
    ...(redis === undefined ? [] : [redisSource(redis)]),
    ...(elasticsearch === undefined ? [] : [elasticsearchSource(elasticsearch)]),
    ...(traces === undefined ? [] : [{ ...common("Jaeger", "jaeger", http(traces)), jsonData: {} }]),
  ];
}

/** https://grafana.com/docs/grafana/latest/datasources/postgres/configure/#provision-the-data-source */
function postgresSource(postgres: NonNullable<Sources["postgres"]>): DataSource {
  return {
    ...common("PostgreSQL", "postgres", `${postgres.host}:${postgres.port}`),
    user: postgres.user,
    jsonData: {
      database: postgres.database,
      sslmode: postgres.sslMode,
      postgresVersion: POSTGRES_VERSION,
      // a dashboard that is left open must not take the services' connections
      maxOpenConns: 4,
      maxIdleConns: 1,
    },
    secureJsonData: { password: fromFile(postgres.passwordFile) },
  };
}

/** https://github.com/RedisGrafana/grafana-redis-datasource#readme; fields: `src/types/` there. */
function redisSource(redis: NonNullable<Sources["redis"]>): DataSource {
  return {
    ...common("Redis", REDIS_PLUGIN.id, `${redis.tls ? "rediss" : "redis"}://${redis.host}:${redis.port}`),
    jsonData: {
      client: redis.mode === "cluster" ? "cluster" : "standalone",
      poolSize: 2,
      timeout: 10,
      tlsAuth: redis.tls,
    },
    secureJsonData: { password: fromFile(redis.passwordFile) },
  };
}

/** https://grafana.com/docs/grafana/latest/datasources/elasticsearch/configure/#provision-the-data-source */
function elasticsearchSource(elasticsearch: NonNullable<Sources["elasticsearch"]>): DataSource {
  return {
    ...common("Logs", "elasticsearch", http(elasticsearch)),
    basicAuth: true,
    basicAuthUser: elasticsearch.user,
    jsonData: {
      index: elasticsearch.index,
      timeField: "@timestamp",
      logMessageField: "message",
      logLevelField: "log.level",
    },
    secureJsonData: { basicAuthPassword: fromFile(elasticsearch.passwordFile) },
  };
}

function common(name: string, type: string, url: string): Omit<DataSource, "jsonData"> {
  return { name, type, uid: name.toLowerCase(), access: "proxy", url, isDefault: false, editable: false };
}

function http({ host, port }: Address): string {
  return `http://${host}:${port}`;
}

/** Grafana puts the file's content here when it reads the configuration. https://grafana.com/docs/grafana/latest/setup-grafana/configure-grafana/#file-provider */
function fromFile(path: string): string {
  return `$__file{${path}}`;
}
