import type * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { Size } from "@groundwork/lib/quantity";
import { parseCpu } from "@groundwork/lib/quantity";
import { IMAGES } from "../images.ts";
import { hardenedContainer } from "../workload/hardened.ts";
import { engineImage } from "../workload/image.ts";
import type { Endpoint, WorkloadSpec } from "../workload/spec.ts";
import { SECRETS_FOLDER } from "../workload/spec.ts";
import type { CertificatePair } from "./certificate.ts";
import { checkedPair } from "./certificate.ts";
import type { NginxConfig } from "./nginx.ts";
import { GATEWAY_HEALTH, renderNginx } from "./nginx.ts";
import type { NginxTls } from "./tls.ts";

export interface GatewayTls extends CertificatePair {
  /** Port of the Docker host that answers HTTPS and HTTP/2; the exposures' own ports send clients there. */
  readonly hostPort: number;
  /** Certificates of the issuers, PEM: staples the issuer's OCSP answer, where it still gives one. Default: not stapled. */
  readonly stapling?: pulumi.Input<string>;
  /** Seconds of HSTS, or 0. Default two years; a browser ignores it from a certificate that signs itself. */
  readonly hsts?: number;
}

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
  /** Default: plain HTTP. */
  readonly tls?: GatewayTls;
  /** Whether clients may also begin with HTTP/2 on the plain port. Default false. */
  readonly http2?: boolean;
  /** Headers of every answer, e.g. `SECURITY_HEADERS`. Default: none. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Paths that nobody outside is shown, e.g. `/metrics`. Default: none. */
  readonly hidden?: readonly string[];
  /** Blocks of addresses of the proxies in front of it. Default: none. */
  readonly trustedProxies?: readonly string[];
  /** Whether its counters can be read on `status`. Default false. */
  readonly counters?: boolean;
}

/** `nginx` in the official images. https://github.com/nginx/docker-nginx/blob/master/Dockerfile-debian.template */
export const NGINX_USER = "101:101";
const LISTEN = 8080;
const LISTEN_TLS = 8443;
const LISTEN_STATUS = 8081;
const CERTIFICATE = "gateway.crt";
const KEY = "gateway.key";
const ISSUERS = "gateway-issuers.crt";
const CONFIGURATION = "nginx.conf";
/** Docker's own DNS server in every network that a user made. https://docs.docker.com/engine/network/#dns-services */
export const DOCKER_DNS = "127.0.0.11";

/** nginx in front of a system's exposed workloads on one Docker Engine. */
export class DockerGateway extends pulumi.ComponentResource {
  /** Where the environment answers, as seen from the host. */
  readonly urls: readonly string[];
  /** nginx's stub_status at `GATEWAY_STATUS`, for an exporter on the same networks. */
  readonly status?: Endpoint;

  constructor(name: string, args: DockerGatewayArgs, opts?: pulumi.ComponentResourceOptions) {
    super("groundwork:gateway:DockerGateway", name, {}, opts);
    const image = engineImage(`${name}-image`, IMAGES.nginx, { parent: this });
    const ports = publishedPorts(args.workloads);
    const { tls } = args;
    this.urls =
      tls === undefined ? ports.map((port) => `http://localhost:${port}`) : [`https://localhost:${tls.hostPort}`];
    if (args.counters === true) this.status = { host: pulumi.output(name), port: LISTEN_STATUS };
    hardenedContainer(
      `${name}-container`,
      {
        host: name,
        system: args.system,
        part: "gateway",
        image: image.imageId,
        user: NGINX_USER,
        command: ["nginx", "-c", `${SECRETS_FOLDER}/${CONFIGURATION}`, "-g", "daemon off;"],
        environment: {},
        limits: args.size,
        networks: args.networks,
        ports: [
          ...ports.map((external) => ({ internal: LISTEN, external })),
          ...(tls === undefined ? [] : [{ internal: LISTEN_TLS, external: tls.hostPort }]),
        ],
        check: {
          test: ["CMD", "curl", "-fs", "-o", "/dev/null", `http://127.0.0.1:${LISTEN}${GATEWAY_HEALTH}`],
          interval: 30,
          timeout: 5,
          retries: 3,
          startPeriod: 10,
        },
        files: { [CONFIGURATION]: renderNginx(gatewayConfig(args)), ...tlsFiles(tls) },
        scratch: ["/tmp"],
        stopTimeout: 30,
      },
      { parent: this, dependsOn: [...(args.after ?? [])] },
    );
    this.registerOutputs({ urls: this.urls });
  }
}

function tlsFiles(tls: GatewayTls | undefined): Record<string, pulumi.Input<string>> {
  if (tls === undefined) return {};
  const { certificate, key } = checkedPair(tls);
  return { [CERTIFICATE]: certificate, [KEY]: key, ...(tls.stapling === undefined ? {} : { [ISSUERS]: tls.stapling }) };
}

type Shape = Pick<
  DockerGatewayArgs,
  "workloads" | "size" | "tls" | "http2" | "headers" | "hidden" | "trustedProxies" | "counters"
>;

/** One upstream and one route for each exposed workload. */
export function gatewayConfig({ workloads, size, tls, counters = false, ...rest }: Shape): NginxConfig {
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
    routes: exposed.map(({ workload, exposure }) => ({
      path: exposure.path,
      upstream: workload.name,
      ...(exposure.rateLimit && { rateLimit: exposure.rateLimit }),
      ...(exposure.authentication && { bearer: true }),
    })),
    ...(tls && { tls: tlsConfig(tls) }),
    ...(rest.http2 && { http2: true }),
    ...(rest.headers && { headers: rest.headers }),
    ...(rest.hidden && { hidden: rest.hidden }),
    ...(rest.trustedProxies && { trustedProxies: rest.trustedProxies }),
    ...(counters && { status: LISTEN_STATUS }),
  };
}

function tlsConfig({ hostPort, stapling, hsts }: GatewayTls): NginxTls {
  return {
    listen: LISTEN_TLS,
    port: hostPort,
    certificate: `${SECRETS_FOLDER}/${CERTIFICATE}`,
    key: `${SECRETS_FOLDER}/${KEY}`,
    ...(stapling !== undefined && { stapling: `${SECRETS_FOLDER}/${ISSUERS}` }),
    ...(hsts !== undefined && { hsts }),
  };
}

function publishedPorts(workloads: readonly WorkloadSpec[]): number[] {
  return [...new Set(workloads.flatMap((workload) => workload.exposure?.hostPort ?? []))];
}
