import type * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { BadInput } from "@groundwork/lib/errors";
import type { Size } from "@groundwork/lib/quantity";
import { IMAGES } from "../images.ts";
import { engineImage } from "../workload/image.ts";
import type { Endpoint } from "../workload/spec.ts";
import type { ReplicaSetPlan } from "./caretaker.ts";
import type { DockerMongodbArgs } from "./docker.ts";
import { mongodbSecrets, published } from "./docker.ts";
import { mongodbExporter } from "./exporter.ts";
import type { Secrets } from "./server.ts";
import { administrator, DATA, exporterUser, KEY_FILE, mongodbServer, systemUser } from "./server.ts";
import type { ClusterRole } from "./settings.ts";
import { MONGODB_PORT, mongodConfiguration, mongosConfiguration } from "./settings.ts";
import type { Mongodb, MongodbAdministrator, MongodbSpec } from "./spec.ts";

export interface DockerMongodbClusterArgs extends DockerMongodbArgs {
  /** Replica sets that share the data; default 3. */
  readonly shards?: number;
  /** Servers of each shard. Default 1: on one engine more of them survive the loss of a process only. */
  readonly membersPerShard?: number;
  /** Default 1, for the same reason. */
  readonly configServers?: number;
  /** Default 1. All are found under the cluster's name. */
  readonly routers?: number;
}

/** Of a config server and of a router: neither holds the data. */
export const CONFIG_SERVER_SIZE: Size = { cpu: 0.25, memory: "512Mi" };
export const ROUTER_SIZE: Size = { cpu: 0.5, memory: "256Mi" };

/** Of a replica set. https://www.mongodb.com/docs/manual/reference/limits/#mongodb-limit-Number-of-Voting-Members-of-a-Replica-Set */
const MOST_MEMBERS = 7;

interface Common {
  readonly system: string;
  readonly image: pulumi.Input<string>;
  readonly networks: readonly docker.Network[];
  readonly secrets: Secrets;
  readonly protect: boolean;
}

/** A sharded MongoDB on one Docker Engine, with config servers and routers, and the balancer on. */
export class DockerMongodbCluster extends pulumi.ComponentResource implements Mongodb {
  /** The routers, in turn. */
  readonly endpoint: Endpoint;
  readonly mode = "sharded";
  readonly database: string;
  readonly user: string;
  readonly secret: pulumi.Output<string>;
  readonly administrator: MongodbAdministrator;
  readonly metrics?: Endpoint;
  /** Host names of all servers, the first router's first. The exporter is asked for each: `/scrape?target=mongodb://<host>:27017`. */
  readonly nodes: readonly string[];

  constructor(name: string, args: DockerMongodbClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    super("groundwork:mongodb:DockerMongodbCluster", name, {}, opts);
    const { system, spec, networks, protect } = args;
    const shape = shapeOf(args);
    const image = engineImage(`${name}-image`, IMAGES.mongodb, { parent: this });
    const secrets = mongodbSecrets(name, this);
    this.database = spec.database;
    this.user = spec.database;
    this.secret = secrets.user;
    this.administrator = { user: administrator.user, secret: secrets.administrator };
    this.endpoint = { host: pulumi.output(name), port: MONGODB_PORT };
    const common: Common = { system, image: image.imageId, networks, secrets, protect };
    const configured = { ...spec, size: CONFIG_SERVER_SIZE };
    const configServers = replicaSet(`${name}-config`, configured, shape.configServers, "configsvr", common, this);
    const shards = numbered(`${name}-shard`, shape.shards).map((shard) =>
      replicaSet(shard, spec, shape.membersPerShard, "shardsvr", common, this),
    );
    const routers = numbered(`${name}-router`, shape.routers);
    makeRouters(name, routers, { ...args, configServers, shards }, common, this);
    this.nodes = [routers, configServers.hosts, ...shards.map(({ hosts }) => hosts)].flat();
    const exporter = mongodbExporter(name, { ...args, nodes: this.nodes, secret: secrets.exporter }, this);
    if (exporter !== undefined) this.metrics = exporter;
    this.registerOutputs({});
  }
}

function shapeOf({ shards = 3, membersPerShard = 1, configServers = 1, routers = 1 }: DockerMongodbClusterArgs) {
  const shape = { shards, membersPerShard, configServers, routers };
  for (const [key, value] of Object.entries(shape)) {
    const most = ["membersPerShard", "configServers"].includes(key) ? MOST_MEMBERS : Infinity;
    if (!Number.isInteger(value) || value < 1 || value > most)
      throw new BadInput(
        `mongodb: ${key} is ${value}; write a whole number of 1 or more${most === Infinity ? "" : `, at most ${most}`}.`,
      );
  }
  return shape;
}

function numbered(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}-${index}`);
}

interface ReplicaSet {
  readonly hosts: readonly string[];
  /** As `addShard` and `configDB` write it. */
  readonly address: string;
}

/** The servers of one replica set; the first looks after it. */
function replicaSet(
  name: string,
  spec: MongodbSpec,
  count: number,
  role: ClusterRole,
  common: Common,
  parent: pulumi.Resource,
): ReplicaSet {
  const hosts = numbered(name, count);
  const members = hosts.map((host) => `${host}:${MONGODB_PORT}`);
  const configuration = mongodConfiguration(spec, name, { data: DATA, keyFile: KEY_FILE }, role);
  const plan: ReplicaSetPlan = { kind: "replica set", name, members, configServers: role === "configsvr" };
  const part = role === "configsvr" ? "mongodb-config" : "mongodb";
  for (const [index, host] of hosts.entries()) {
    const caretaker = index === 0 ? { caretaker: { plan, administrator, users: [exporterUser] } } : {};
    const server = { ...common, ...caretaker, part, program: "mongod", limits: spec.size, configuration } as const;
    mongodbServer(host, server, parent);
  }
  return { hosts, address: `${name}/${members.join(",")}` };
}

interface RoutersArgs {
  readonly spec: MongodbSpec;
  readonly configServers: ReplicaSet;
  readonly shards: readonly ReplicaSet[];
  /** Of the first router. */
  readonly hostPort?: number;
}

function makeRouters(
  name: string,
  hosts: readonly string[],
  { spec, configServers, shards, hostPort }: RoutersArgs,
  { protect: _, ...common }: Common,
  parent: pulumi.Resource,
): void {
  const configuration = mongosConfiguration(spec, configServers.address, KEY_FILE);
  const plan = { kind: "router", shards: shards.map(({ address }) => address) } as const;
  for (const [index, host] of hosts.entries()) {
    const first = {
      caretaker: { plan, administrator, users: [systemUser(spec.database)] },
      ...published(hostPort),
    };
    const server = {
      ...common,
      ...(index === 0 ? first : {}),
      part: "mongodb-router",
      program: "mongos",
      configuration,
    } as const;
    mongodbServer(host, { ...server, limits: ROUTER_SIZE, aliases: [name] }, parent);
  }
}
