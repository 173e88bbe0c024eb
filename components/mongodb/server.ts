import * as docker from "@pulumi/docker";
import type * as pulumi from "@pulumi/pulumi";
import type { Size } from "@groundwork/lib/quantity";
import { hardenedContainer, LOOPBACK } from "../workload/hardened.ts";
import { SECRETS_FOLDER } from "../workload/spec.ts";
import type { CaretakerArgs, MongodbUser } from "./caretaker.ts";
import { caretakerScript, startScript } from "./caretaker.ts";
import { MONGODB_PORT } from "./settings.ts";

/** `mongodb` in the official image. https://github.com/docker-library/mongo/blob/master/8.0/Dockerfile */
export const MONGODB_USER = "999:999";
export const DATA = "/data/db";
const FOLDER = "/etc/groundwork";
const CONFIGURATION = `${FOLDER}/mongo.conf`;
const CARETAKER = `${FOLDER}/caretaker.js`;
const START = `${FOLDER}/start.sh`;
export const KEY_FILE = `${SECRETS_FOLDER}/mongodb_key`;

export const ADMINISTRATOR = "administrator";
export const EXPORTER = "exporter";

export interface Secrets {
  /** By which the servers know each other. https://www.mongodb.com/docs/manual/core/security-internal-authentication/#keyfiles */
  readonly key: pulumi.Output<string>;
  readonly administrator: pulumi.Output<string>;
  readonly user: pulumi.Output<string>;
  readonly exporter: pulumi.Output<string>;
}

const passwordFile = (name: string) => `${SECRETS_FOLDER}/mongodb_${name}`;

export const administrator: MongodbUser = {
  user: ADMINISTRATOR,
  database: "admin",
  roles: [{ role: "root", db: "admin" }],
  passwordFile: passwordFile("administrator"),
};

/** Who looks at metrics and at nothing else; on every replica set, because it asks each server itself. https://github.com/percona/mongodb_exporter#permissions */
export const exporterUser: MongodbUser = {
  user: EXPORTER,
  database: "admin",
  roles: [
    { role: "clusterMonitor", db: "admin" },
    { role: "read", db: "local" },
  ],
  passwordFile: passwordFile("exporter"),
};

export function systemUser(database: string): MongodbUser {
  const roles = ["readWrite", "dbAdmin"].map((role) => ({ role, db: database }));
  return { user: database, database, roles, passwordFile: passwordFile("user") };
}

export interface MongodbServerArgs {
  readonly system: string;
  readonly part: string;
  readonly image: pulumi.Input<string>;
  readonly networks: readonly docker.Network[];
  readonly aliases?: readonly string[];
  readonly limits: Size;
  /** Its port on the Docker host; default: not published. */
  readonly hostPort?: number;
  readonly program: "mongod" | "mongos";
  readonly configuration: string;
  readonly secrets: Secrets;
  /** Where this server looks after its replica set or cluster. */
  readonly caretaker?: CaretakerArgs;
  /** Whether its volume refuses deletion; absent: it has none. */
  readonly protect?: boolean;
}

/** One mongod or mongos. `name` is its host name too. */
export function mongodbServer(name: string, args: MongodbServerArgs, parent: pulumi.Resource): docker.Container {
  const { program, caretaker, secrets, protect } = args;
  const data =
    protect === undefined
      ? undefined
      : new docker.Volume(`${name}-data`, { name: `${name}-data` }, { parent, protect });
  return hardenedContainer(
    `${name}-container`,
    {
      host: name,
      system: args.system,
      part: args.part,
      image: args.image,
      user: MONGODB_USER,
      command: caretaker === undefined ? [program, "--config", CONFIGURATION] : ["sh", START],
      environment: {},
      limits: args.limits,
      networks: args.networks,
      ...(args.aliases === undefined ? {} : { aliases: args.aliases }),
      ...(args.hostPort === undefined
        ? {}
        : { ports: [{ internal: MONGODB_PORT, external: args.hostPort, ip: LOOPBACK }] }),
      check: {
        test: ["CMD-SHELL", healthTest(program, caretaker !== undefined)],
        interval: 30,
        timeout: 15,
        retries: 3,
        startPeriod: 120,
      },
      files: {
        mongodb_key: secrets.key,
        ...(caretaker === undefined
          ? {}
          : {
              mongodb_administrator: secrets.administrator,
              mongodb_user: secrets.user,
              mongodb_exporter: secrets.exporter,
            }),
      },
      configuration: {
        [CONFIGURATION]: args.configuration,
        ...(caretaker === undefined
          ? {}
          : {
              [CARETAKER]: caretakerScript(caretaker),
              // the image's own entry point spreads memory over the processor's nodes
              [START]: startScript(`docker-entrypoint.sh ${program} --config ${CONFIGURATION}`, CARETAKER),
            }),
      },
      ...(data === undefined ? {} : { volumes: { [DATA]: data } }),
      scratch: ["/tmp"],
      init: true,
      stopTimeout: 60,
    },
    { parent },
  );
}

/** `hello` needs no login. A member that is not yet in its set is not healthy, the caretaker's only once all is as planned. */
function healthTest(program: "mongod" | "mongos", caretaker: boolean): string {
  const condition = program === "mongos" ? 'h.msg === "isdbgrid"' : "h.isWritablePrimary || h.secondary";
  const hello = `mongosh --norc --quiet --port ${MONGODB_PORT} --eval 'const h = db.hello(); quit((${condition}) ? 0 : 1)'`;
  return caretaker ? `test -f /tmp/ready && ${hello}` : hello;
}
