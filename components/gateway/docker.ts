import type * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { Size } from "@groundwork/lib/quantity";
import { parseCpu } from "@groundwork/lib/quantity";
import { IMAGES } from "../images.ts";
import { hardenedContainer } from "../workload/hardened.ts";
import { engineImage } from "../workload/image.ts";
import type { WorkloadSpec } from "../workload/spec.ts";
import { SECRETS_FOLDER } from "../workload/spec.ts";
import type { NginxConfig } from "./nginx.ts";
import { GATEWAY_HEALTH, renderNginx } from "./nginx.ts";

export interface DockerGatewayArgs {
  /** The system that it belongs to, for labels. */
  readonly system: string;
  /** Those with an exposure are served; the host ports are the exposures' own. */
  readonly workloads: readonly WorkloadSpec[];
  readonly size: Size;
  /** Networks on which it finds the exposed workloads. */
  readonly networks: readonly docker.Network[];
  /** What must be healthy before it lets requests in. */
  readonly after?: readonly pulumi.Resource[];
}

/** `nginx` in the official images. https://github.com/nginx/docker-nginx/blob/master/Dockerfile-debian.template */
const USER = "101:101";
const LISTEN = 8080;
const CONFIGURATION = "nginx.conf";
/** Docker's own DNS server in every network that a user made. https://docs.docker.com/engine/network/#dns-services */
const DOCKER_DNS = "127.0.0.11";

/** nginx in front of a system's exposed workloads on one Docker Engine. */
export class DockerGateway extends pulumi.ComponentResource {
  /** Where the environment answers, as seen from the host. */
  readonly urls: readonly string[];

  constructor(name: string, args: DockerGatewayArgs, opts?: pulumi.ComponentResourceOptions) {
    super("groundwork:gateway:DockerGateway", name, {}, opts);
    const image = engineImage(`${name}-image`, IMAGES.nginx, { parent: this });
    const ports = publishedPorts(args.workloads);
    this.urls = ports.map((port) => `http://localhost:${port}`);
    hardenedContainer(
      `${name}-container`,
      {
        host: name,
        system: args.system,
        part: "gateway",
        image: image.imageId,
        user: USER,
        command: ["nginx", "-c", `${SECRETS_FOLDER}/${CONFIGURATION}`, "-g", "daemon off;"],
        environment: {},
        limits: args.size,
        networks: args.networks,
        ports: ports.map((external) => ({ internal: LISTEN, external })),
        check: {
          test: ["CMD", "curl", "-fs", "-o", "/dev/null", `http://127.0.0.1:${LISTEN}${GATEWAY_HEALTH}`],
          interval: 30,
          timeout: 5,
          retries: 3,
          startPeriod: 10,
        },
        files: { [CONFIGURATION]: renderNginx(gatewayConfig(args)) },
        scratch: ["/tmp"],
        stopTimeout: 30,
      },
      { parent: this, dependsOn: [...(args.after ?? [])] },
    );
    this.registerOutputs({ urls: this.urls });
  }
}

/** One upstream and one route for each exposed workload. */
export function gatewayConfig({ workloads, size }: Pick<DockerGatewayArgs, "workloads" | "size">): NginxConfig {
  const exposed = workloads.flatMap((workload) =>
    workload.exposure === undefined ? [] : [{ workload, exposure: workload.exposure }],
  );
  return {
    listen: LISTEN,
    workers: Math.max(1, Math.ceil(parseCpu(size.cpu))),
    resolver: DOCKER_DNS,
    upstreams: Object.fromEntries(
      exposed.map(({ workload }) => [
        workload.name,
        { host: workload.name, port: workload.ports[0]?.containerPort ?? workload.health.port },
      ]),
    ),
    routes: exposed.map(({ workload, exposure }) => ({ path: exposure.path, upstream: workload.name })),
  };
}

function publishedPorts(workloads: readonly WorkloadSpec[]): number[] {
  return [...new Set(workloads.flatMap((workload) => workload.exposure?.hostPort ?? []))];
}
