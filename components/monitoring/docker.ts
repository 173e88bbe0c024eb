import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { BadInput } from "@groundwork/lib/errors";
import type { Memory, Size } from "@groundwork/lib/quantity";
import { parseMemory, toMebibytes } from "@groundwork/lib/quantity";
import { IMAGES } from "../images.ts";
import type { ContainerCheck } from "../workload/hardened.ts";
import { hardenedContainer, LOOPBACK } from "../workload/hardened.ts";
import { engineImage } from "../workload/image.ts";
import type { Endpoint } from "../workload/spec.ts";
import { SECRETS_FOLDER } from "../workload/spec.ts";
import type { AlertmanagerConfig, AlertTimes, EmailRoute, SlackRoute, WebhookRoute } from "./alertmanager.ts";
import { alertmanagerFlags, renderAlertmanager } from "./alertmanager.ts";
import type { EngineAccess } from "./exporters.ts";
import { containerExporter, NOBODY, nodeExporter } from "./exporters.ts";
import type { Exporter, ScrapeTarget } from "./prometheus.ts";
import { prometheusFlags, renderPrometheus } from "./prometheus.ts";
import type { MonitoredSystem } from "./rules/groups.ts";
import { ruleGroups } from "./rules/groups.ts";
import { renderRules } from "./rules/render.ts";

/** A target whose hosts are known when its component is made. */
export type MonitoredTarget = Omit<ScrapeTarget, "hosts" | "through"> & {
  readonly hosts: readonly pulumi.Input<string>[];
  readonly through?: Omit<Exporter, "host"> & { readonly host: pulumi.Input<string> };
};

/** Who is told of alerts; secrets go into files that only Alertmanager reads. */
export interface Receivers {
  readonly slack?: Omit<SlackRoute, "apiUrlFile"> & {
    /** Address of the incoming webhook; whoever has it can post. */
    readonly apiUrl: pulumi.Input<string>;
  };
  readonly email?: Omit<EmailRoute, "login"> & {
    readonly login?: { readonly username: string; readonly password: pulumi.Input<string> };
  };
  readonly webhook?: WebhookRoute;
  readonly heartbeat?: WebhookRoute;
  readonly times?: Partial<AlertTimes>;
}

export interface MonitoringSizes {
  readonly prometheus: Size;
  readonly alertmanager: Size;
  readonly nodeExporter: Size;
  readonly containerExporter: Size;
}

export interface DockerMonitoringArgs {
  readonly system: string;
  /** All networks on which it finds its targets. */
  readonly networks: readonly docker.Network[];
  /** What is scraped beside Prometheus, Alertmanager and the exporters of this component. */
  readonly targets: readonly MonitoredTarget[];
  /** What the system has: decides which rules apply, and its watchers `node` and `containers` which exporters run here. */
  readonly rules: MonitoredSystem;
  /** How the exporter of the watcher `containers` gets at the engine; that watcher needs it. */
  readonly engine?: EngineAccess;
  /** Default: nobody is told; alerts are seen on the page of Prometheus and in Grafana. */
  readonly receivers?: Receivers;
  /** Prometheus's port on the host. */
  readonly hostPort: number;
  /** Alertmanager's port on the host, for its page with silences; default: none. */
  readonly alertmanagerHostPort?: number;
  /** Whether the volumes with samples and silences refuse deletion. */
  readonly protect: boolean;
  /** Default {@link DEFAULT_SIZES}. */
  readonly sizes?: Partial<MonitoringSizes>;
  /** Samples are kept for these days, and up to this much disk. Default 15 days, as Prometheus's own, and 4Gi. */
  readonly retention?: { readonly days?: number; readonly size?: Memory };
  /** Where people read `docs/runbooks`, e.g. the folder's address in the team's forge; default the path in this repository. */
  readonly runbooks?: string;
}

/** For some hundred containers; a million series need about 3 GiB. https://prometheus.io/docs/prometheus/latest/storage/ */
export const DEFAULT_SIZES: MonitoringSizes = {
  prometheus: { cpu: 0.5, memory: "512Mi" },
  alertmanager: { cpu: 0.1, memory: "64Mi" },
  nodeExporter: { cpu: 0.1, memory: "64Mi" },
  containerExporter: { cpu: 0.2, memory: "128Mi" },
};

const PROMETHEUS_PORT = 9090;
const ALERTMANAGER_PORT = 9093;
const RULES = "/etc/prometheus/rules.yml";
const PROMETHEUS_CONFIG = "/etc/prometheus/prometheus.yml";
const ALERTMANAGER_CONFIG = "/etc/alertmanager/alertmanager.yml";
/** Both are the images' own, so that a new volume belongs to nobody. */
const PROMETHEUS_DATA = "/prometheus";
const ALERTMANAGER_DATA = "/alertmanager";
const SLACK_FILE = "slack_api_url";
const MAIL_FILE = "smtp_password";

/** Prometheus with its rules, Alertmanager and the exporters of host and containers, for one system on one Docker Engine. */
export class DockerMonitoring extends pulumi.ComponentResource {
  /** Prometheus, for Grafana and for who asks from the same networks. */
  readonly endpoint: Endpoint;
  readonly alertmanager: Endpoint;
  /** Prometheus's page, as seen from the host. */
  readonly url: string;

  constructor(name: string, args: DockerMonitoringArgs, opts?: pulumi.ComponentResourceOptions) {
    super("groundwork:monitoring:DockerMonitoring", name, {}, opts);
    const prometheus = `${name}-prometheus`;
    const alertmanager = `${name}-alertmanager`;
    this.endpoint = { host: pulumi.output(prometheus), port: PROMETHEUS_PORT };
    this.alertmanager = { host: pulumi.output(alertmanager), port: ALERTMANAGER_PORT };
    this.url = `http://localhost:${args.hostPort}`;
    const exporters = this.exporters(name, args);
    const notifier = this.alertmanagerContainer(alertmanager, args);
    this.prometheusContainer(prometheus, args, [...ownTargets(alertmanager), ...exporters], alertmanager, notifier);
    this.registerOutputs({ url: this.url });
  }

  private exporters(name: string, { system, networks, rules, sizes, engine }: DockerMonitoringArgs): ScrapeTarget[] {
    const all = { ...DEFAULT_SIZES, ...sizes };
    const common = { system, networks };
    const targets: ScrapeTarget[] = [];
    if (rules.watchers.includes("node")) {
      targets.push(nodeExporter(`${name}-node-exporter`, { ...common, size: all.nodeExporter }, this));
    }
    if (rules.watchers.includes("containers")) {
      const size = all.containerExporter;
      const own = { ...common, size, engine: engineAccess(name, engine) };
      targets.push(containerExporter(`${name}-cadvisor`, own, this));
    }
    return targets;
  }

  private alertmanagerContainer(name: string, args: DockerMonitoringArgs): docker.Container {
    const { receivers = {}, alertmanagerHostPort: external } = args;
    return this.server(name, args, {
      part: "alertmanager",
      image: IMAGES.alertmanager,
      command: alertmanagerFlags(ALERTMANAGER_CONFIG, ALERTMANAGER_DATA, `:${ALERTMANAGER_PORT}`),
      port: ALERTMANAGER_PORT,
      external,
      data: ALERTMANAGER_DATA,
      configuration: { [ALERTMANAGER_CONFIG]: renderAlertmanager(routing(receivers)) },
      files: secretFiles(receivers),
      size: args.sizes?.alertmanager ?? DEFAULT_SIZES.alertmanager,
      after: [],
    });
  }

  private prometheusContainer(
    name: string,
    args: DockerMonitoringArgs,
    own: readonly ScrapeTarget[],
    alertmanager: string,
    notifier: docker.Container,
  ): void {
    const { system, retention = {}, runbooks = "docs/runbooks" } = args;
    const storage = {
      folder: PROMETHEUS_DATA,
      days: retention.days ?? 15,
      size: toMebibytes(parseMemory(retention.size ?? "4Gi", "retention.size")),
    };
    const rendered = pulumi.output(args.targets).apply((targets) =>
      renderPrometheus({
        system,
        targets: [...own, ...(targets as readonly ScrapeTarget[])],
        ruleFile: RULES,
        alertmanager: `${alertmanager}:${ALERTMANAGER_PORT}`,
      }),
    );
    this.server(name, args, {
      part: "prometheus",
      image: IMAGES.prometheus,
      command: prometheusFlags(PROMETHEUS_CONFIG, storage, `:${PROMETHEUS_PORT}`),
      port: PROMETHEUS_PORT,
      external: args.hostPort,
      data: PROMETHEUS_DATA,
      configuration: {
        [PROMETHEUS_CONFIG]: rendered,
        [RULES]: renderRules(ruleGroups(args.rules), { base: runbooks }),
      },
      files: {},
      size: args.sizes?.prometheus ?? DEFAULT_SIZES.prometheus,
      after: [notifier],
    });
  }

  private server(name: string, { system, networks, protect }: DockerMonitoringArgs, own: Server): docker.Container {
    const image = engineImage(`${name}-image`, own.image, { parent: this });
    const data = new docker.Volume(`${name}-data`, { name: `${name}-data` }, { parent: this, protect });
    return hardenedContainer(
      `${name}-container`,
      {
        host: name,
        system,
        part: own.part,
        image: image.imageId,
        user: NOBODY,
        command: [...own.command],
        environment: {},
        limits: own.size,
        networks,
        ports: own.external === undefined ? [] : [{ internal: own.port, external: own.external, ip: LOOPBACK }],
        check: healthy(own.port),
        files: own.files,
        configuration: own.configuration,
        volumes: { [own.data]: data },
        stopTimeout: 30,
      },
      { parent: this, dependsOn: [...own.after] },
    );
  }
}

interface Server {
  readonly part: string;
  readonly image: string;
  readonly command: readonly string[];
  readonly port: number;
  readonly external: number | undefined;
  /** Where its volume is mounted. */
  readonly data: string;
  readonly configuration: Readonly<Record<string, pulumi.Input<string>>>;
  readonly files: Readonly<Record<string, pulumi.Input<string>>>;
  readonly size: Size;
  readonly after: readonly pulumi.Resource[];
}

/** Both servers have the same path. https://prometheus.io/docs/prometheus/latest/management_api/ */
function healthy(port: number): ContainerCheck {
  const url = `http://127.0.0.1:${port}/-/healthy`;
  const test = ["CMD", "wget", "-q", "-T", "5", "-O", "/dev/null", url];
  return { test, interval: 30, timeout: 10, retries: 3, startPeriod: 30 };
}

/** The watchman is watched too. */
function ownTargets(alertmanager: string): ScrapeTarget[] {
  return [
    { part: "prometheus", hosts: ["localhost"], port: PROMETHEUS_PORT },
    { part: "alertmanager", hosts: [alertmanager], port: ALERTMANAGER_PORT },
  ];
}

function routing({ slack, email, webhook, heartbeat, times }: Receivers): AlertmanagerConfig {
  return {
    ...(slack !== undefined && { slack: { channel: slack.channel, apiUrlFile: `${SECRETS_FOLDER}/${SLACK_FILE}` } }),
    ...(email !== undefined && { email: mail(email) }),
    ...(webhook !== undefined && { webhook }),
    ...(heartbeat !== undefined && { heartbeat }),
    ...(times !== undefined && { times }),
  };
}

function mail({ login, ...route }: NonNullable<Receivers["email"]>): EmailRoute {
  if (login === undefined) return route;
  return { ...route, login: { username: login.username, passwordFile: `${SECRETS_FOLDER}/${MAIL_FILE}` } };
}

function secretFiles({ slack, email }: Receivers): Record<string, pulumi.Output<string>> {
  return {
    ...(slack !== undefined && { [SLACK_FILE]: pulumi.secret(slack.apiUrl) }),
    ...(email?.login !== undefined && { [MAIL_FILE]: pulumi.secret(email.login.password) }),
  };
}

function engineAccess(name: string, engine: EngineAccess | undefined): EngineAccess {
  if (engine === undefined) {
    throw new BadInput(
      `${name}: engine is absent; write { imageStore: "classic", group } or { imageStore: "containerd" }, for the watcher "containers".`,
    );
  }
  if (engine.imageStore === "classic" && !(Number.isInteger(engine.group) && engine.group >= 0)) {
    throw new BadInput(
      `${name}: engine.group is ${engine.group}; write the group id that owns the engine's socket, which "stat -c %g /var/run/docker.sock" tells.`,
    );
  }
  return engine;
}
