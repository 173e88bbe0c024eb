import { BadInput } from "@groundwork/lib/errors";
import { stringify } from "yaml";
import type { TierName } from "../workload/spec.ts";

/** Something that serves metrics; becomes one job. */
export interface ScrapeTarget {
  /** Job and label `part`: the workload, tier or exporter. A lower-case DNS label, each once. */
  readonly part: string;
  /** Label `tier`, where it is one. */
  readonly tier?: TierName;
  /** Names on the networks that Prometheus joins. */
  readonly hosts: readonly string[];
  readonly port: number;
  /** Default `/metrics`. */
  readonly path?: string;
  /**
   * `static` expects every host to be there, and one that is not is down. `dns` asks for the addresses behind each name
   * again and again: for parts whose number of replicas changes. Default `static`.
   */
  readonly discovery?: "static" | "dns";
  /** An exporter that is asked for each of `hosts` in turn, as `?target=<scheme>host:port`. Default: they are asked themselves. */
  readonly through?: Exporter;
  /** Its series carry the container labels of cAdvisor, from which `system` and `part` are taken; those of others are dropped. */
  readonly ofContainers?: boolean;
}

/** The multi-target pattern. https://prometheus.io/docs/guides/multi-target-exporter/ */
export interface Exporter {
  readonly host: string;
  readonly port: number;
  /** `/scrape` of redis_exporter, `/probe` of blackbox_exporter. */
  readonly path: string;
  /** What stands before host and port in `target`, e.g. `redis://`. */
  readonly scheme: string;
  /** Default: none. */
  readonly parameters?: Readonly<Record<string, string>>;
}

export interface PrometheusConfig {
  /** Label `system` of every series and alert. */
  readonly system: string;
  readonly targets: readonly ScrapeTarget[];
  /** Absolute path of the rule file. */
  readonly ruleFile: string;
  /** `host:port`; without one, alerts are only seen on Prometheus's own page. */
  readonly alertmanager?: string;
  /** Seconds between two scrapes, and between two evaluations of the rules. Default 15, as Prometheus's own example. */
  readonly interval?: number;
}

const DEFAULT_INTERVAL = 15;
/** How often the addresses behind a name are asked for; a new replica is seen this late. */
const DNS_REFRESH = "15s";

/** Renders prometheus.yml. https://prometheus.io/docs/prometheus/latest/configuration/configuration/ */
export function renderPrometheus(config: PrometheusConfig): string {
  check(config);
  const interval = `${config.interval ?? DEFAULT_INTERVAL}s`;
  return stringify(
    {
      global: {
        scrape_interval: interval,
        evaluation_interval: interval,
        external_labels: { system: config.system },
      },
      rule_files: [config.ruleFile],
      ...(config.alertmanager !== undefined && {
        alerting: { alertmanagers: [{ static_configs: [{ targets: [config.alertmanager] }] }] },
      }),
      scrape_configs: config.targets.map((target) => scrapeConfig(target, config.system)),
    },
    { lineWidth: 0 },
  );
}

/** Where Prometheus keeps what it measures, and for how long. */
export interface PrometheusStorage {
  /** Absolute path of the folder. */
  readonly folder: string;
  /** Days after which samples go. */
  readonly days: number;
  /** MiB; the oldest samples go when it is reached, so that metrics cannot fill the disk. */
  readonly size: number;
}

/**
 * Flags of the server. Retention has a place in the file since 3.x, which 2.x refuses; the flags are deprecated there and
 * still obeyed. https://prometheus.io/docs/prometheus/latest/command-line/prometheus/
 */
export function prometheusFlags(
  configFile: string,
  { folder, days, size }: PrometheusStorage,
  listen: string,
): string[] {
  return [
    `--config.file=${configFile}`,
    `--storage.tsdb.path=${folder}`,
    `--storage.tsdb.retention.time=${days}d`,
    `--storage.tsdb.retention.size=${size}MB`,
    `--web.listen-address=${listen}`,
  ];
}

function scrapeConfig(target: ScrapeTarget, system: string) {
  const { part, tier, path, through } = target;
  const labels = { system, part, ...(tier !== undefined && { tier }) };
  return {
    job_name: part,
    ...(through !== undefined
      ? { metrics_path: through.path, params: parameters(through) }
      : path !== undefined && { metrics_path: path }),
    ...discovery(target, labels),
    ...(target.ofContainers === true && { metric_relabel_configs: ofOwnContainers(system) }),
  };
}

function parameters({ parameters: given = {} }: Exporter) {
  return Object.fromEntries(Object.entries(given).map(([name, value]) => [name, [value]]));
}

function discovery(target: ScrapeTarget, labels: Readonly<Record<string, string>>) {
  const { hosts, port, through } = target;
  const label = Object.entries(labels).map(([name, replacement]) => ({ target_label: name, replacement }));
  if (target.discovery === "dns") {
    return {
      dns_sd_configs: [{ names: [...hosts], type: "A", port, refresh_interval: DNS_REFRESH }],
      relabel_configs: label,
    };
  }
  const scheme = through?.scheme ?? "";
  const addresses = hosts.map((host) => `${scheme}${host}:${port}`);
  return {
    static_configs: [{ targets: addresses, labels }],
    ...(through !== undefined && { relabel_configs: askedThrough(through) }),
  };
}

/** The address goes into `target` and `instance`, and the exporter is asked in its place. */
function askedThrough({ host, port }: Exporter) {
  return [
    { source_labels: ["__address__"], target_label: "__param_target" },
    { source_labels: ["__param_target"], target_label: "instance" },
    { target_label: "__address__", replacement: `${host}:${port}` },
  ];
}

/** As cAdvisor writes the labels that hardenedContainer sets. https://github.com/google/cadvisor/blob/master/metrics/prometheus.go */
const CONTAINER_LABELS = {
  system: "container_label_groundwork_dev_system",
  part: "container_label_groundwork_dev_part",
};

/** One cAdvisor sees every container of the host; two systems on one host must not alert for each other. */
function ofOwnContainers(system: string) {
  return [
    { source_labels: [CONTAINER_LABELS.system], regex: system, action: "keep" },
    { source_labels: [CONTAINER_LABELS.part], target_label: "part" },
    { regex: "container_label_.*|id|image", action: "labeldrop" },
  ];
}

const NAME = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/;
const HOST = /^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$/;

function check({ system, targets, interval = DEFAULT_INTERVAL }: PrometheusConfig): void {
  refuseUnless(NAME.test(system), "system", system, "a lower-case DNS label");
  refuseUnless(Number.isInteger(interval) && interval > 0, "interval", interval, "whole seconds above 0");
  const parts = targets.map(({ part }) => part);
  const repeated = parts.find((part, index) => parts.indexOf(part) !== index);
  refuseUnless(repeated === undefined, "targets", repeated, "each part once");
  for (const { part, hosts, port, discovery: how, through } of targets) {
    refuseUnless(NAME.test(part), "targets.part", part, "a lower-case DNS label");
    refuseUnless(hosts.length > 0, `targets.${part}.hosts`, hosts, "at least one host name");
    for (const host of hosts) refuseUnless(HOST.test(host), `targets.${part}.hosts`, host, "a host name or address");
    refuseUnless(
      Number.isInteger(port) && port > 0 && port < 65_536,
      `targets.${part}.port`,
      port,
      "a port from 1 to 65535",
    );
    refuseUnless(
      how !== "dns" || through === undefined,
      `targets.${part}.discovery`,
      how,
      "static, where it is asked through an exporter",
    );
  }
}

function refuseUnless(isRight: boolean, key: string, value: unknown, expected: string): void {
  if (!isRight) throw new BadInput(`monitoring: ${key} is ${JSON.stringify(value)}; write ${expected}.`);
}
