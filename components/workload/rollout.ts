import type { Autoscaling } from "./spec.ts";

/** Pods that a rolling update may run above the wanted number, in percent; none is taken away before its successor serves. */
export const SURGE_PERCENT = 25;

/** How many pods there can be at once: all replicas and, in a rolling update, the surge (rounded up, as Kubernetes does). */
export function mostPods(replicas: number | Autoscaling): number {
  const most = typeof replicas === "number" ? replicas : replicas.max;
  return most + Math.ceil((most * SURGE_PERCENT) / 100);
}
