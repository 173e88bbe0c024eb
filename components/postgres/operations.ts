import type * as pulumi from "@pulumi/pulumi";
import { password } from "../workload/password.ts";
import { SECRETS_FOLDER } from "../workload/spec.ts";
import { metricsRoleSql, poolerRoleSql } from "./roles.ts";
import type { PostgresSpec } from "./spec.ts";

/** Passwords of the roles that operate a database, by the names of their files. */
export interface RoleSecrets {
  readonly metrics_password: pulumi.Output<string>;
  /** Where there is a pooler. */
  readonly pooler_password?: pulumi.Output<string>;
}

export function createRoleSecrets(
  name: string,
  spec: PostgresSpec,
  parent: pulumi.Resource,
): RoleSecrets & Record<string, pulumi.Output<string>> {
  const metrics = { metrics_password: password(`${name}-metrics-password`, { parent }) };
  return spec.pooler === undefined
    ? metrics
    : { ...metrics, pooler_password: password(`${name}-pooler-password`, { parent }) };
}

/** The SQL of the roles that {@link createRoleSecrets} has passwords for, in the system's own database. */
export function rolesSql(spec: PostgresSpec): string {
  const metrics = metricsRoleSql(`${SECRETS_FOLDER}/metrics_password`);
  if (spec.pooler === undefined) return metrics;
  return `${metrics}${poolerRoleSql(`${SECRETS_FOLDER}/pooler_password`, spec.database)}`;
}
