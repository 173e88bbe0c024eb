import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { IMAGES } from "../images.ts";
import { hardenedContainer } from "../workload/hardened.ts";
import { engineImage } from "../workload/image.ts";
import { password } from "../workload/password.ts";
import type { Endpoint } from "../workload/spec.ts";
import { SECRETS_FOLDER } from "../workload/spec.ts";
import type { DockerTierArgs } from "../workload/tier.ts";
import { redisArguments, redisSettings } from "./settings.ts";
import type { Redis, RedisSpec } from "./spec.ts";

const PORT = 6379;
/** `valkey` in the Debian images. https://github.com/valkey-io/valkey-container/blob/mainline/Dockerfile.template */
const USER = "999:999";
const CONFIGURATION = "valkey.conf";
const PASSWORD_FILE = "redis_password";
/** Files that the server opens for itself beside one for each client. https://valkey.io/topics/clients/ */
const OWN_FILES = 32;

/** One Valkey server on one Docker Engine. */
export class DockerRedis extends pulumi.ComponentResource implements Redis {
  readonly endpoint: Endpoint;
  readonly mode = "single";
  readonly tls = false;
  readonly secret: pulumi.Output<string>;

  constructor(
    name: string,
    { system, spec, networks, protect }: DockerTierArgs<RedisSpec>,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("groundwork:redis:DockerRedis", name, {}, opts);
    const image = engineImage(`${name}-image`, IMAGES.valkey, { parent: this });
    const data = new docker.Volume(`${name}-data`, { name: `${name}-data` }, { parent: this, protect });
    this.secret = password(`${name}-password`, { parent: this });
    this.endpoint = { host: pulumi.output(name), port: PORT };
    const settings = redisSettings(spec);
    hardenedContainer(
      `${name}-container`,
      {
        host: name,
        system,
        part: "redis",
        image: image.imageId,
        user: USER,
        command: ["valkey-server", `${SECRETS_FOLDER}/${CONFIGURATION}`, ...redisArguments(settings)],
        environment: {},
        limits: spec.size,
        networks,
        // the client reads the password from its environment, so that it is in no process list
        check: {
          test: [
            "CMD-SHELL",
            `REDISCLI_AUTH="$(cat ${SECRETS_FOLDER}/${PASSWORD_FILE})" valkey-cli ping | grep -q PONG`,
          ],
          interval: 30,
          timeout: 5,
          retries: 3,
          startPeriod: 30,
        },
        files: { [CONFIGURATION]: pulumi.interpolate`requirepass ${this.secret}\n`, [PASSWORD_FILE]: this.secret },
        volumes: { "/data": data },
        scratch: ["/tmp"],
        openFiles: Number(settings["maxclients"]) + OWN_FILES,
        stopTimeout: 30,
      },
      { parent: this },
    );
    this.registerOutputs({});
  }
}
