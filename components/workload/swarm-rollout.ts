import type { types } from "@pulumi/docker";
import { BadInput } from "@groundwork/lib/errors";
import type { ContainerCheck } from "./hardened.ts";
import type { Rollout, UpdateStrategy } from "./spec.ts";

type SwarmStrategy = types.input.ServiceUpdateConfig;

/** Seconds between two replicas, so that the first one's failures show before the second goes. */
const PAUSE_SECONDS = 10;
/** How much longer than its own checks need a replica may take: pulling, scheduling, the provider's own interval of 7 s. */
const PATIENCE_SECONDS = 60;

/**
 * What happens where a spec says nothing: one replica after the other, back to the version before where one fails. A new
 * replica is watched for as long as its health check needs to call it unhealthy.
 * @param order `stop-first` where two replicas cannot be side by side: one volume, one GPU, one port of a node
 */
export function defaultRollout(check: ContainerCheck, order: UpdateStrategy["order"]): Rollout {
  const monitor = check.interval * check.retries + check.timeout;
  const strategy = { parallelism: 1, delay: PAUSE_SECONDS, order, monitor, maxFailureRatio: 0 };
  return {
    update: { ...strategy, failureAction: "rollback" },
    rollback: { ...strategy, failureAction: "pause" },
  };
}

/** In the provider's words. `name` and `key` are for the error. */
export function swarmStrategy(strategy: UpdateStrategy, name: string, key: "update" | "rollback"): SwarmStrategy {
  const { parallelism, delay, failureAction, monitor, maxFailureRatio, order } = strategy;
  if (maxFailureRatio < 0 || maxFailureRatio > 1 || !Number.isInteger(round(maxFailureRatio * 10))) {
    throw new BadInput(
      `${name}: rollout.${key}.maxFailureRatio is ${maxFailureRatio}; write a share from 0 to 1 in tenths, as the provider reads it back.`,
    );
  }
  return {
    parallelism,
    delay: goDuration(delay),
    failureAction,
    monitor: goDuration(monitor),
    maxFailureRatio: maxFailureRatio.toFixed(1),
    order,
  };
}

/** 0.7 * 10 is 7.000000000000001 in binary fractions. */
function round(number: number): number {
  return Math.round(number * 1e6) / 1e6;
}

/**
 * Seconds that all replicas may take to come, or to come and to go back again: `up` waits so long, and reports what Swarm
 * made of it.
 */
export function convergenceSeconds(replicas: number, check: ContainerCheck, { update, rollback }: Rollout): number {
  const healthy = check.startPeriod + check.interval * check.retries;
  const turn = (strategy: Pick<UpdateStrategy, "parallelism" | "delay" | "monitor">): number => {
    const batches = strategy.parallelism === 0 ? 1 : Math.ceil(replicas / strategy.parallelism);
    return batches * (healthy + strategy.delay) + strategy.monitor;
  };
  return turn(update) + turn(rollback) + PATIENCE_SECONDS;
}

/**
 * Seconds in Go's notation, as short as the provider writes it when it reads a service back (`1m`, not `60s`): any other
 * way of writing would be a difference at each update.
 * https://github.com/kreuzwerker/terraform-provider-docker/blob/master/internal/provider/resource_docker_service_structures.go, shortDur
 */
export function goDuration(seconds: number): string {
  const millis = Math.round(seconds * 1000);
  if (millis < 1000) return millis === 0 ? "0s" : `${millis}ms`;
  const hours = Math.floor(millis / 3_600_000);
  const minutes = Math.floor((millis % 3_600_000) / 60_000);
  const rest = (millis % 60_000) / 1000;
  const withMinutes = hours > 0 && (minutes > 0 || rest > 0);
  return [
    ...(hours > 0 ? [`${hours}h`] : []),
    ...(minutes > 0 || withMinutes ? [`${minutes}m`] : []),
    ...(rest > 0 ? [`${rest}s`] : []),
  ].join("");
}
