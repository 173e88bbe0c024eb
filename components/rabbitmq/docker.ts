import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { IMAGES } from "../images.ts";
import { hardenedContainer } from "../workload/hardened.ts";
import { engineImage } from "../workload/image.ts";
import { password } from "../workload/password.ts";
import type { Endpoint } from "../workload/spec.ts";
import { SECRETS_FOLDER } from "../workload/spec.ts";
import type { DockerTierArgs } from "../workload/tier.ts";
import { definer } from "./definer.ts";
import { rabbitmqConfiguration } from "./settings.ts";
import type { Rabbitmq, RabbitmqSpec } from "./spec.ts";

const AMQP_PORT = 5672;
const MANAGEMENT_PORT = 15672;
/** The official image has the plug-in on. https://github.com/docker-library/rabbitmq/blob/master/Dockerfile-ubuntu.template https://www.rabbitmq.com/docs/prometheus */
const METRICS_PORT = 15692;
/** `rabbitmq` in the official images. https://github.com/docker-library/rabbitmq/blob/master/Dockerfile-ubuntu.template */
const USER = "999:999";
const DATA = "/var/lib/rabbitmq";
const CONFIGURATION = "rabbitmq.conf";

/** One RabbitMQ node on one Docker Engine, with its management page. */
export class DockerRabbitmq extends pulumi.ComponentResource implements Rabbitmq {
  readonly endpoint: Endpoint;
  readonly management: Endpoint;
  readonly vhost: string;
  readonly user: string;
  readonly secret: pulumi.Output<string>;
  readonly metrics: Endpoint;

  constructor(
    name: string,
    { system, spec, networks, protect, hostPort }: DockerTierArgs<RabbitmqSpec>,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("groundwork:rabbitmq:DockerRabbitmq", name, {}, opts);
    const image = engineImage(`${name}-image`, IMAGES.rabbitmq, { parent: this });
    const data = new docker.Volume(`${name}-data`, { name: `${name}-data` }, { parent: this, protect });
    this.secret = password(`${name}-password`, { parent: this });
    this.vhost = spec.vhost;
    this.user = spec.vhost;
    this.endpoint = { host: pulumi.output(name), port: AMQP_PORT };
    this.management = { host: pulumi.output(name), port: MANAGEMENT_PORT };
    this.metrics = { host: pulumi.output(name), port: METRICS_PORT };
    const configuration = this.secret.apply((secret) =>
      rabbitmqConfiguration({ vhost: this.vhost, user: this.user, password: secret, memory: spec.size.memory }),
    );
    const broker = hardenedContainer(
      `${name}-container`,
      {
        host: name,
        system,
        part: "rabbitmq",
        image: image.imageId,
        user: USER,
        // beside the image's own conf.d, which stays in force
        environment: { RABBITMQ_CONFIG_FILE: `${SECRETS_FOLDER}/${CONFIGURATION}` },
        limits: spec.size,
        networks,
        ports: [
          ...(hostPort === undefined ? [] : [{ internal: AMQP_PORT, external: hostPort }]),
          ...(spec.managementHostPort === undefined
            ? []
            : [{ internal: MANAGEMENT_PORT, external: spec.managementHostPort }]),
        ],
        check: {
          test: ["CMD", "rabbitmq-diagnostics", "-q", "check_port_connectivity"],
          interval: 30,
          timeout: 15,
          retries: 3,
          startPeriod: 90,
        },
        files: { [CONFIGURATION]: configuration },
        volumes: { [DATA]: data },
        scratch: ["/tmp", "/var/log/rabbitmq"],
        stopTimeout: 60,
      },
      { parent: this },
    );
    if (spec.topology !== undefined) {
      const { vhost, user, secret } = this;
      const where = { system, networks, host: name, managementPort: MANAGEMENT_PORT, vhost, user, secret, broker };
      const what = { topology: spec.topology, image: image.imageId, imageUser: USER };
      definer(`${name}-definer`, { ...where, ...what }, this);
    }
    this.registerOutputs({});
  }
}
