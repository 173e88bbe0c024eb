import type { Output } from "@pulumi/pulumi";
import { password } from "../components/workload/password.ts";
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
