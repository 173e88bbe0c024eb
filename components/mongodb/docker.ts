import * as pulumi from "@pulumi/pulumi";
import { IMAGES } from "../images.ts";
import { engineImage } from "../workload/image.ts";
import { password } from "../workload/password.ts";
import type { Endpoint } from "../workload/spec.ts";
import type { DockerTierArgs } from "../workload/tier.ts";
import type { MonitoredArgs } from "./exporter.ts";
import { mongodbExporter } from "./exporter.ts";
import type { Secrets } from "./server.ts";
import { administrator, DATA, exporterUser, KEY_FILE, mongodbServer, systemUser } from "./server.ts";
import { MONGODB_PORT, mongodConfiguration } from "./settings.ts";
import type { Mongodb, MongodbAdministrator, MongodbSpec } from "./spec.ts";

export interface DockerMongodbArgs extends DockerTierArgs<MongodbSpec>, MonitoredArgs {}

const REPLICA_SET = "rs";

/** One MongoDB server on one Docker Engine: a replica set of one, so that transactions and change streams work. */
export class DockerMongodb extends pulumi.ComponentResource implements Mongodb {
  readonly endpoint: Endpoint;
  readonly mode = "single";
  readonly database: string;
  readonly user: string;
  readonly secret: pulumi.Output<string>;
  readonly administrator: MongodbAdministrator;
  readonly metrics?: Endpoint;

  constructor(name: string, args: DockerMongodbArgs, opts?: pulumi.ComponentResourceOptions) {
    super("groundwork:mongodb:DockerMongodb", name, {}, opts);
    const { system, spec, networks, protect } = args;
    const configuration = mongodConfiguration(spec, REPLICA_SET, { data: DATA, keyFile: KEY_FILE });
    const image = engineImage(`${name}-image`, IMAGES.mongodb, { parent: this });
    const secrets = mongodbSecrets(name, this);
    this.database = spec.database;
    this.user = spec.database;
    this.secret = secrets.user;
    this.administrator = { user: administrator.user, secret: secrets.administrator };
    this.endpoint = { host: pulumi.output(name), port: MONGODB_PORT };
    const members = [`${name}:${MONGODB_PORT}`];
    const caretaker = {
      plan: { kind: "replica set", name: REPLICA_SET, members, configServers: false },
      administrator,
      users: [systemUser(spec.database), exporterUser],
    } as const;
    const common = { system, part: "mongodb", image: image.imageId, networks, limits: spec.size, secrets, protect };
    const own = { program: "mongod", configuration, caretaker, ...published(args.hostPort) } as const;
    mongodbServer(name, { ...common, ...own }, this);
    const exporter = mongodbExporter(name, { ...args, nodes: [name], secret: secrets.exporter }, this);
    if (exporter !== undefined) this.metrics = exporter;
    this.registerOutputs({});
  }
}

/** Nothing at all where nothing is published. */
export function published(hostPort: number | undefined): { readonly hostPort?: number } {
  return hostPort === undefined ? {} : { hostPort };
}

export function mongodbSecrets(name: string, parent: pulumi.Resource): Secrets {
  return {
    key: password(`${name}-key`, { parent }),
    administrator: password(`${name}-administrator`, { parent }),
    user: password(`${name}-password`, { parent }),
    exporter: password(`${name}-exporter-password`, { parent }),
  };
}
