import * as pulumi from "@pulumi/pulumi";
import { IMAGES } from "../images.ts";
import { engineImage } from "../workload/image.ts";
import { password } from "../workload/password.ts";
import type { Endpoint } from "../workload/spec.ts";
import type { DockerTierArgs } from "../workload/tier.ts";
import type { MonitoredArgs } from "./exporter.ts";
import { redisExporter } from "./exporter.ts";
import { REDIS_PORT, redisNode } from "./node.ts";
import { redisSettings } from "./settings.ts";
import type { Redis, RedisSpec } from "./spec.ts";

export interface DockerRedisArgs extends DockerTierArgs<RedisSpec>, MonitoredArgs {}

/** One Valkey server on one Docker Engine. */
export class DockerRedis extends pulumi.ComponentResource implements Redis {
  readonly endpoint: Endpoint;
  readonly mode = "single";
  readonly tls = false;
  readonly secret: pulumi.Output<string>;
  readonly metrics?: Endpoint;

  constructor(name: string, args: DockerRedisArgs, opts?: pulumi.ComponentResourceOptions) {
    super("groundwork:redis:DockerRedis", name, {}, opts);
    const settings = redisSettings(args.spec);
    const image = engineImage(`${name}-image`, IMAGES.valkey, { parent: this });
    this.secret = password(`${name}-password`, { parent: this });
    this.endpoint = { host: pulumi.output(name), port: REDIS_PORT };
    redisNode(name, { ...args, image: image.imageId, secret: this.secret, settings }, this);
    const exporter = redisExporter(name, { ...args, nodes: [name], secret: this.secret }, this);
    if (exporter !== undefined) this.metrics = exporter;
    this.registerOutputs({});
  }
}
