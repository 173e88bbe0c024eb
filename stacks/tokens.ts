import type { Output } from "@pulumi/pulumi";
import { password } from "../components/workload/password.ts";
import type { Connection, WorkloadSpec } from "../components/workload/spec.ts";
import type { System } from "./systems/system.ts";

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

/** What an exposed workload is told of who may call, and behind which proxies its callers are; undefined: nobody knows. */
export function accessConnection(
  { exposure }: WorkloadSpec,
  tokens: TokenSecret | undefined,
  proxies: string | undefined,
): Connection {
  if (exposure === undefined) return { environment: {}, secrets: {} };
  const roles = exposure.authentication?.roles;
  return {
    environment: {
      ...(roles !== undefined && { AUTH_REQUIRED_ROLES: roles.join(",") }),
      ...(proxies !== undefined && { TRUSTED_PROXIES: proxies }),
    },
    secrets: roles !== undefined && tokens !== undefined ? { JWT_SECRET: tokens.secret } : {},
  };
}
