import type * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { IMAGES } from "../images.ts";
import { hardenedContainer } from "../workload/hardened.ts";
import { engineImage } from "../workload/image.ts";
import type { Endpoint } from "../workload/spec.ts";
import { SECRETS_FOLDER } from "../workload/spec.ts";
import { REDIS_PORT } from "./node.ts";

/** Whether and where Prometheus finds the tier's metrics. */
export interface MonitoredArgs {
  /** Networks that Prometheus is in. The exporter joins them beside the tier's own; default: no exporter runs. */
  readonly monitoredFrom?: readonly docker.Network[];
}

export interface RedisExporterArgs extends MonitoredArgs {
  readonly system: string;
  readonly networks: readonly docker.Network[];
  /** Host names of the servers; the first one is what `/metrics` shows. */
  readonly nodes: readonly string[];
  readonly secret: pulumi.Output<string>;
}

/** https://github.com/oliver006/redis_exporter/blob/master/README.md#command-line-flags (web.listen-address) */
const PORT = 9121;
/** https://github.com/oliver006/redis_exporter/blob/master/docker/Dockerfile */
const USER = "59000:59000";
const PASSWORDS_FILE = "redis_passwords.json";

/** As the exporter and `/scrape?target=` name a server. */
export function redisTarget(node: string): string {
  return `redis://${node}:${REDIS_PORT}`;
}

/** Passwords by server, as `--redis.password-file` wants them. https://github.com/oliver006/redis_exporter/blob/master/contrib/sample-pwd-file.json */
export function passwordMap(targets: readonly string[], secret: string): string {
  return JSON.stringify(Object.fromEntries(targets.map((target) => [target, secret])));
}

/** https://github.com/oliver006/redis_exporter/blob/master/README.md#command-line-flags */
export function exporterEnvironment(target: string, passwordsFile: string): Record<string, string> {
  return {
    REDIS_ADDR: target,
    REDIS_PASSWORD_FILE: passwordsFile,
    REDIS_EXPORTER_INCL_SYSTEM_METRICS: "true",
  };
}

/** One exporter for all servers of the tier; undefined where nobody asks for it. */
export function redisExporter(name: string, args: RedisExporterArgs, parent: pulumi.Resource): Endpoint | undefined {
  const { system, networks, nodes, secret, monitoredFrom = [] } = args;
  const [first] = nodes;
  if (first === undefined || monitoredFrom.length === 0) return undefined;
  const host = `${name}-exporter`;
  const image = engineImage(`${host}-image`, IMAGES.redisExporter, { parent });
  hardenedContainer(
    `${host}-container`,
    {
      host,
      system,
      part: "redis-exporter",
      image: image.imageId,
      user: USER,
      environment: exporterEnvironment(redisTarget(first), `${SECRETS_FOLDER}/${PASSWORDS_FILE}`),
      limits: { cpu: 0.1, memory: "64Mi" },
      networks: [...new Set([...networks, ...monitoredFrom])],
      check: {
        test: ["CMD", "wget", "-q", "-O", "/dev/null", `http://127.0.0.1:${PORT}/health`],
        interval: 30,
        timeout: 5,
        retries: 3,
        startPeriod: 10,
      },
      files: { [PASSWORDS_FILE]: secret.apply((value) => passwordMap(nodes.map(redisTarget), value)) },
      stopTimeout: 10,
    },
    { parent },
  );
  return { host: pulumi.output(host), port: PORT };
}
