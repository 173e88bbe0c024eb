import type { Output } from "@pulumi/pulumi";
import type { Size } from "@groundwork/lib/quantity";
import type { Connection, Endpoint } from "../workload/spec.ts";

/** What a system asks of its MongoDB, whatever runs it. */
export interface MongodbSpec {
  /** Database, and the name of its user, who is found in that database; lower case letters, digits and `_`. */
  readonly database: string;
  /** Of each server that holds data. */
  readonly size: Size;
  /** Client connections of each server (`net.maxIncomingConnections`); default MongoDB's own. */
  readonly maxConnections?: number;
}

/** Someone with rights over the whole deployment. */
export interface MongodbAdministrator {
  readonly user: string;
  /** A Pulumi secret. */
  readonly secret: Output<string>;
}

/** A MongoDB as its clients see it. */
export interface Mongodb {
  /** The server, or the routers of a sharded cluster. */
  readonly endpoint: Endpoint;
  /** `sharded`: the endpoint is a router. Clients speak to both alike. */
  readonly mode: "single" | "sharded";
  readonly database: string;
  /** May read and write its database; authenticates against it (`authSource`). */
  readonly user: string;
  /** The user's password; a Pulumi secret. */
  readonly secret: Output<string>;
  /** For backups and maintenance; found in `admin`. */
  readonly administrator: MongodbAdministrator;
  /** Prometheus metrics, where an exporter runs. */
  readonly metrics?: Endpoint;
}

export function mongodbConnection(mongodb: Mongodb): Connection {
  return {
    environment: {
      MONGODB_HOST: mongodb.endpoint.host,
      MONGODB_PORT: String(mongodb.endpoint.port),
      MONGODB_DATABASE: mongodb.database,
      MONGODB_USER: mongodb.user,
    },
    secrets: { MONGODB_PASSWORD: mongodb.secret },
  };
}
