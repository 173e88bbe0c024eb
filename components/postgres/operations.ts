import type * as pulumi from "@pulumi/pulumi";
import { password } from "../workload/password.ts";
import { SECRETS_FOLDER } from "../workload/spec.ts";
import { metricsRoleSql, poolerRoleSql, READER_ROLE, readerRoleSql } from "./roles.ts";
import type { Postgres, PostgresSpec } from "./spec.ts";

/** Passwords of the roles that operate a database, by the names of their files. */
export interface RoleSecrets {
  readonly metrics_password: pulumi.Output<string>;
  readonly reader_password: pulumi.Output<string>;
  /** Where there is a pooler. */
  readonly pooler_password?: pulumi.Output<string>;
}

export function createRoleSecrets(
  name: string,
  spec: PostgresSpec,
  parent: pulumi.Resource,
): RoleSecrets & Record<string, pulumi.Output<string>> {
  const made = (role: string) => password(`${name}-${role}-password`, { parent });
  const always = { metrics_password: made("metrics"), reader_password: made("reader") };
  return spec.pooler === undefined ? always : { ...always, pooler_password: made("pooler") };
}

/** The SQL of the roles that {@link createRoleSecrets} has passwords for, in the system's own database. */
export function rolesSql(spec: PostgresSpec): string {
  const metrics = metricsRoleSql(`${SECRETS_FOLDER}/metrics_password`);
  const pooler = spec.pooler === undefined ? "" : poolerRoleSql(`${SECRETS_FOLDER}/pooler_password`, spec.database);
  return `${metrics}${pooler}${readerRoleSql(`${SECRETS_FOLDER}/reader_password`, spec.database)}`;
}

/** Who only reads, as the rest of the environment meets it. */
export function readOnlyRole({ reader_password: secret }: RoleSecrets): NonNullable<Postgres["readOnly"]> {
  return { user: READER_ROLE, secret };
}
