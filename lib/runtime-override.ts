import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { BadInput } from "./errors.ts";

/** Replicas by workload (`system/workload`), as an autoscaler decided last; the program keeps them within the declared range. */
export type RuntimeReplicas = Readonly<Record<string, number>>;

/**
 * Where the overrides of one stack are kept: in the project's own `.groundwork` folder, which git ignores, so that no
 * tracked file changes because of load.
 */
export function overrideFile(project: string, stack: string): string {
  return join(project, ".groundwork", "runtime", `${stack}.json`);
}

/** @throws BadInput when the file is there and cannot be read: to go on without it would scale down under load */
export function readOverrides(file: string): RuntimeReplicas {
  if (!existsSync(file)) return {};
  const wrong = (): BadInput =>
    new BadInput(
      `${file} does not hold replicas by system/workload: delete it, and groundwork autoscale writes it anew`,
    );
  let parsed: unknown;
  try {
    parsed = JSON.parse(readFileSync(file, "utf8"));
  } catch {
    throw wrong();
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) throw wrong();
  const isRight = ([name, count]: [string, unknown]): boolean =>
    /^[a-z0-9-]+\/[a-z0-9-]+$/.test(name) && Number.isInteger(count) && Number(count) > 0;
  if (!Object.entries(parsed).every(isRight)) throw wrong();
  return parsed as RuntimeReplicas;
}
