import type { Resource } from "@pulumi/pulumi";
import { selfSigned } from "../../components/gateway/certificate.ts";
import type { DockerGatewayArgs } from "../../components/gateway/docker.ts";
import { DockerGateway } from "../../components/gateway/docker.ts";
import { SECURITY_HEADERS } from "../../components/gateway/protection.ts";
import type { DockerConfig } from "../config.ts";
import { HIDDEN_PATHS } from "../systems/pages.ts";
import { isExposed } from "../systems/scale.ts";
import type { DockerForm, System } from "../systems/system.ts";
import type { NamedNetworks } from "./networks.ts";

const NAMES = ["localhost"];

const STRICT: Partial<DockerGatewayArgs> = {
  headers: SECURITY_HEADERS,
  hidden: HIDDEN_PATHS,
  http2: true,
  counters: true,
};

/** nginx in front of a system's exposed workloads. @returns its addresses on the host; none where nothing is exposed */
export function systemGateway(
  system: System,
  form: DockerForm,
  networks: NamedNetworks,
  workloads: readonly Resource[],
  { tls }: DockerConfig,
): readonly string[] {
  if (!isExposed(system)) return [];
  const name = `${system.name}-gateway`;
  const gateway = new DockerGateway(name, {
    system: system.name,
    workloads: system.workloads,
    size: form.gateway,
    networks: networks.named(form.joins["gateway"] ?? []),
    after: workloads,
    ...(form.strictGateway === true && STRICT),
    ...(tls && { tls: { hostPort: form.tlsPort, ...selfSigned(name, NAMES, {}) } }),
  });
  return gateway.urls;
}
