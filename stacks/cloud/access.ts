import type { Connection, WorkloadSpec } from "../../components/workload/spec.ts";
import type { TokenSecret } from "../tokens.ts";
import type { Place } from "./place.ts";

/** What an exposed workload is told of who may call, and behind which proxies its callers are: all of them are pods of the network, or its balancer. */
export function accessConnection(
  { exposure }: WorkloadSpec,
  { cluster }: Place,
  tokens: TokenSecret | undefined,
): Connection {
  if (exposure === undefined) return { environment: {}, secrets: {} };
  const roles = exposure.authentication?.roles;
  return {
    environment: {
      ...(roles !== undefined && { AUTH_REQUIRED_ROLES: roles.join(",") }),
      TRUSTED_PROXIES: cluster.network.cidr,
    },
    secrets: roles !== undefined && tokens !== undefined ? { JWT_SECRET: tokens.secret } : {},
  };
}
