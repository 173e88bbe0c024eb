import type { Output } from "@pulumi/pulumi";
import { password } from "../../components/workload/password.ts";
import type { Connection, WorkloadSpec } from "../../components/workload/spec.ts";
import type { DockerConfig } from "../config.ts";
import type { DockerForm, System } from "../systems/system.ts";

/** What signs and checks the tokens of a system. */
export interface TokenSecret {
  /** HMAC key; a Pulumi secret. Whoever has it can sign tokens with any role. */
  readonly secret: Output<string>;
}

/** Made only where some workload asks who calls. */
export function tokenSecret({ name, workloads }: System): TokenSecret | undefined {
  const isAsked = workloads.some(({ exposure }) => exposure?.authentication !== undefined);
  return isAsked ? { secret: password(`${name}-jwt-secret`, {}) } : undefined;
}

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
