import type { Connection, WorkloadSpec } from "../../components/workload/spec.ts";
import type { DockerConfig } from "../config.ts";
import type { DockerForm } from "../systems/system.ts";
import type { TokenSecret } from "../tokens.ts";

/** What an exposed workload is told of who may call, and behind which proxies its callers are. */
export function accessConnection(
  { exposure }: WorkloadSpec,
  form: DockerForm,
  { target }: DockerConfig,
  tokens: TokenSecret | undefined,
): Connection {
  if (exposure === undefined) return { environment: {}, secrets: {} };
  const roles = exposure.authentication?.roles;
  const joined = form.joins["gateway"] ?? [];
  const proxies = form.networks.filter(({ name }) => joined.includes(name)).map(({ cidr }) => cidr);
  return {
    environment: {
      ...(roles !== undefined && { AUTH_REQUIRED_ROLES: roles.join(",") }),
      // Swarm chooses the blocks of its networks
      ...(target === "docker" && { TRUSTED_PROXIES: proxies.join(",") }),
    },
    secrets: roles !== undefined && tokens !== undefined ? { JWT_SECRET: tokens.secret } : {},
  };
}
