import * as docker from "@pulumi/docker";
import type * as pulumi from "@pulumi/pulumi";
import { hardenedContainer, LOOPBACK } from "../workload/hardened.ts";
import { SECRETS_FOLDER } from "../workload/spec.ts";
import type { DockerTierArgs } from "../workload/tier.ts";
import { redisArguments } from "./settings.ts";
import type { RedisSpec } from "./spec.ts";

export const REDIS_PORT = 6379;
/** `valkey` in the Debian images. https://github.com/valkey-io/valkey-container/blob/mainline/Dockerfile.template */
export const REDIS_USER = "999:999";
export const PASSWORD_FILE = "redis_password";
const CONFIGURATION = "valkey.conf";
const STARTER = "/etc/groundwork/start.sh";
/** Files that the server opens for itself beside one for each client. https://valkey.io/topics/clients/ */
const OWN_FILES = 32;

export interface RedisNodeArgs extends DockerTierArgs<RedisSpec> {
  /** Image id. */
  readonly image: pulumi.Input<string>;
  readonly secret: pulumi.Output<string>;
  readonly settings: Readonly<Record<string, string>>;
  /** Lines of its configuration file with secrets in them, beside the password that it asks clients for. */
  readonly secretLines?: (secret: string) => string;
  /** A shell script that runs the server, its arguments, in the folder with the data. Default: nothing comes before it. */
  readonly starter?: string;
}

/** One Valkey server with its volume. `name` is its host name too. */
export function redisNode(name: string, args: RedisNodeArgs, parent: pulumi.Resource): docker.Container {
  const { system, spec, networks, protect, image, secret, settings, secretLines = () => "", hostPort, starter } = args;
  const data = new docker.Volume(`${name}-data`, { name: `${name}-data` }, { parent, protect });
  return hardenedContainer(
    `${name}-container`,
    {
      host: name,
      system,
      part: "redis",
      image,
      user: REDIS_USER,
      command: [
        ...(starter === undefined ? [] : ["sh", STARTER]),
        ...["valkey-server", `${SECRETS_FOLDER}/${CONFIGURATION}`, ...redisArguments(settings)],
      ],
      environment: {},
      limits: spec.size,
      networks,
      ...(hostPort === undefined ? {} : { ports: [{ internal: REDIS_PORT, external: hostPort, ip: LOOPBACK }] }),
      // the client reads the password from its environment, so that it is in no process list
      check: {
        test: ["CMD-SHELL", `REDISCLI_AUTH="$(cat ${SECRETS_FOLDER}/${PASSWORD_FILE})" valkey-cli ping | grep -q PONG`],
        interval: 30,
        timeout: 5,
        retries: 3,
        startPeriod: 30,
      },
      files: {
        [CONFIGURATION]: secret.apply((value) => `requirepass ${value}\n${secretLines(value)}`),
        [PASSWORD_FILE]: secret,
      },
      ...(starter === undefined ? {} : { configuration: { [STARTER]: starter } }),
      volumes: { "/data": data },
      scratch: ["/tmp"],
      openFiles: Number(settings["maxclients"]) + OWN_FILES,
      stopTimeout: 30,
    },
    { parent },
  );
}
