import type * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { BadInput } from "@groundwork/lib/errors";
import { IMAGES } from "../images.ts";
import { hardenedContainer } from "../workload/hardened.ts";
import { engineImage } from "../workload/image.ts";
import { password } from "../workload/password.ts";
import type { Endpoint } from "../workload/spec.ts";
import { SECRETS_FOLDER } from "../workload/spec.ts";
import type { DockerTierArgs } from "../workload/tier.ts";
import type { MonitoredArgs } from "./exporter.ts";
import { redisExporter, redisTarget } from "./exporter.ts";
import { clusterFormer } from "./former.ts";
import { PASSWORD_FILE, REDIS_PORT, REDIS_USER, redisNode } from "./node.ts";
import { clusterSettings, redisSettings } from "./settings.ts";
import type { Redis, RedisSpec } from "./spec.ts";
import { CLUSTER_STARTER } from "./starter.ts";

export interface DockerRedisClusterArgs extends DockerTierArgs<RedisSpec>, MonitoredArgs {
  /** Servers that share the keys; default 3, the least that can agree on a failover. https://valkey.io/topics/cluster-tutorial/ */
  readonly primaries?: number;
  /** Default 1. */
  readonly replicasPerPrimary?: number;
}

const LEAST_PRIMARIES = 3;
const FORMER_SCRIPT = "/etc/groundwork/form-cluster.sh";

/**
 * A Valkey cluster on one Docker Engine: `spec.size` is that of each server. It survives the loss of a server's process,
 * not of the engine. A small container beside it forms it and, after a restart of the engine, forms it again.
 */
export class DockerRedisCluster extends pulumi.ComponentResource implements Redis {
  /** One of the servers; clients learn the others from it. */
  readonly endpoint: Endpoint;
  readonly mode = "cluster";
  readonly tls = false;
  readonly secret: pulumi.Output<string>;
  readonly metrics?: Endpoint;
  /** Host names of all servers. */
  readonly nodes: readonly string[];
  /** What to ask the exporter for, one for each server: `http://<metrics>/scrape?target=<this>`. https://github.com/oliver006/redis_exporter#prometheus-configuration-to-scrape-multiple-redis-hosts */
  readonly scrapeTargets: readonly string[];

  constructor(name: string, args: DockerRedisClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    super("groundwork:redis:DockerRedisCluster", name, {}, opts);
    const { primaries, count } = shape(args);
    const settings = redisSettings(args.spec);
    const image = engineImage(`${name}-image`, IMAGES.valkey, { parent: this });
    this.secret = password(`${name}-password`, { parent: this });
    this.nodes = Array.from({ length: count }, (_, index) => `${name}-${index}`);
    this.scrapeTargets = this.nodes.map(redisTarget);
    this.endpoint = { host: pulumi.output(`${name}-0`), port: REDIS_PORT };
    const common = { ...args, image: image.imageId, secret: this.secret };
    const servers = this.nodes.map((node) => clusterNode(node, { ...common, settings }, this));
    former(name, { ...common, nodes: this.nodes, primaries, servers }, this);
    const exporter = redisExporter(name, { ...args, nodes: this.nodes, secret: this.secret }, this);
    if (exporter !== undefined) this.metrics = exporter;
    this.registerOutputs({});
  }
}

function shape({ primaries = LEAST_PRIMARIES, replicasPerPrimary = 1, hostPort }: DockerRedisClusterArgs) {
  if (hostPort !== undefined)
    throw new BadInput(
      `redis: hostPort is ${hostPort}, but a cluster sends its clients on to servers that the host cannot reach; leave it out or use a single server.`,
    );
  if (!Number.isInteger(primaries) || primaries < LEAST_PRIMARIES)
    throw new BadInput(
      `redis: primaries is ${primaries}; write a whole number of ${LEAST_PRIMARIES} or more, or use DockerRedis for a single server.`,
    );
  if (!Number.isInteger(replicasPerPrimary) || replicasPerPrimary < 0)
    throw new BadInput(`redis: replicasPerPrimary is ${replicasPerPrimary}; write a whole number of 0 or more.`);
  return { primaries, count: primaries * (1 + replicasPerPrimary) };
}

interface Common extends DockerRedisClusterArgs {
  readonly image: pulumi.Input<string>;
  readonly secret: pulumi.Output<string>;
}

function clusterNode(
  node: string,
  args: Common & { readonly settings: Readonly<Record<string, string>> },
  parent: pulumi.Resource,
): docker.Container {
  const settings = { ...args.settings, ...clusterSettings(node) };
  // replicas log in to their primary with the same password
  const secretLines = (secret: string) => `masterauth ${secret}\n`;
  return redisNode(node, { ...args, settings, secretLines, starter: CLUSTER_STARTER }, parent);
}

interface FormerContainerArgs extends Common {
  readonly nodes: readonly string[];
  readonly primaries: number;
  readonly servers: readonly docker.Container[];
}

function former(name: string, args: FormerContainerArgs, parent: pulumi.Resource): void {
  const script = clusterFormer({
    nodes: args.nodes.map((node) => `${node}:${REDIS_PORT}`),
    primaries: args.primaries,
    client: "valkey-cli",
    passwordFile: `${SECRETS_FOLDER}/${PASSWORD_FILE}`,
  });
  hardenedContainer(
    `${name}-former`,
    {
      host: `${name}-former`,
      system: args.system,
      part: "redis-former",
      image: args.image,
      user: REDIS_USER,
      command: ["sh", FORMER_SCRIPT],
      environment: {},
      limits: { cpu: 0.1, memory: "64Mi" },
      networks: args.networks,
      check: { test: ["CMD", "sh", FORMER_SCRIPT, "check"], interval: 30, timeout: 30, retries: 3, startPeriod: 60 },
      files: { [PASSWORD_FILE]: args.secret },
      configuration: { [FORMER_SCRIPT]: script },
      init: true,
      stopTimeout: 10,
    },
    { parent, dependsOn: [...args.servers] },
  );
}
