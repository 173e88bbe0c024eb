import type * as docker from "@pulumi/docker";
import * as dockerBuild from "@pulumi/docker-build";
import * as pulumi from "@pulumi/pulumi";
import { join, relative } from "node:path";
import { IMAGES } from "../images.ts";
import { hardenedContainer } from "../workload/hardened.ts";
import { engineImage } from "../workload/image.ts";
import type { Endpoint } from "../workload/spec.ts";
import { SECRETS_FOLDER } from "../workload/spec.ts";
import { EXPORTER, MONGODB_USER } from "./server.ts";
import { MONGODB_PORT } from "./settings.ts";

/** Whether and where Prometheus finds the tier's metrics. */
export interface MonitoredArgs {
  /** Networks that Prometheus is in. The exporter joins them beside the tier's own; default: no exporter runs. */
  readonly monitoredFrom?: readonly docker.Network[];
}

export interface MongodbExporterArgs extends MonitoredArgs {
  readonly system: string;
  readonly networks: readonly docker.Network[];
  /** Host names of all servers; the first is what `/metrics` shows, each is found under `/scrape?target=`. */
  readonly nodes: readonly string[];
  readonly secret: pulumi.Output<string>;
}

/** https://github.com/percona/mongodb_exporter/blob/main/REFERENCE.md */
const PORT = 9216;
const PASSWORD_FILE = `${SECRETS_FOLDER}/mongodb_exporter`;
const REPOSITORY = "groundwork/mongodb-exporter";
const CONTEXT = join(import.meta.dirname, "exporter-image");

/**
 * The password goes into the environment of this one process, and not into the container's, which `docker inspect` shows.
 * https://github.com/percona/mongodb_exporter#multi-target-support
 */
export function exporterCommand(nodes: readonly string[]): string[] {
  const uris = nodes.map((node) => `mongodb://${EXPORTER}:$password@${node}:${MONGODB_PORT}/admin`);
  const lines = [
    `password=$(cat ${PASSWORD_FILE})`,
    `export MONGODB_URI="${uris.join(",")}"`,
    "exec mongodb_exporter --collector.diagnosticdata --collector.replicasetstatus --collector.dbstats",
  ];
  return ["sh", "-c", lines.join(" && ")];
}

/** One exporter for all servers of the tier; undefined where nobody asks for it. */
export function mongodbExporter(
  name: string,
  args: MongodbExporterArgs,
  parent: pulumi.Resource,
): Endpoint | undefined {
  const { system, networks, nodes, secret, monitoredFrom = [] } = args;
  if (monitoredFrom.length === 0) return undefined;
  const host = `${name}-exporter`;
  const image = exporterImage(host, parent);
  hardenedContainer(
    `${host}-container`,
    {
      host,
      system,
      part: "mongodb-exporter",
      image: image.imageId,
      user: MONGODB_USER,
      command: exporterCommand(nodes),
      environment: {},
      limits: { cpu: 0.1, memory: "128Mi" },
      networks: [...new Set([...networks, ...monitoredFrom])],
      check: {
        test: ["CMD", "bash", "-c", `: < /dev/tcp/127.0.0.1/${PORT}`],
        interval: 30,
        timeout: 5,
        retries: 3,
        startPeriod: 20,
      },
      files: { mongodb_exporter: secret },
      stopTimeout: 10,
    },
    { parent },
  );
  return { host: pulumi.output(host), port: PORT };
}

/**
 * The exporter takes its password from an argument or the environment only, and its own image has no shell that could
 * read a file first: hence an image of its own.
 */
function exporterImage(name: string, parent: pulumi.Resource): docker.RemoteImage {
  const versions = [IMAGES.mongodbExporter, IMAGES.mongodb].map((reference) => reference.split(":")[1]);
  const tag = `${REPOSITORY}:${versions.join("-")}`;
  // relative, so that two people with two folders see no difference
  const location = relative(process.cwd(), CONTEXT);
  const built = new dockerBuild.Image(
    `${name}-image`,
    {
      context: { location },
      dockerfile: { location: join(location, "Dockerfile") },
      buildArgs: { EXPORTER: IMAGES.mongodbExporter, DATABASE: IMAGES.mongodb },
      tags: [tag],
      push: false,
      load: true,
    },
    { parent },
  );
  return engineImage(`${name}-local`, tag, { parent, dependsOn: built });
}
