import type { Autoscaling } from "../../components/workload/spec.ts";
import { colourName } from "../../components/gateway/switch.ts";
import { releaseOf } from "../systems/colours.ts";
import { leastReplicas } from "../systems/scale.ts";
import type { System } from "../systems/system.ts";

/** Range and rules of one workload, with every default filled in. */
export interface ScalingOutput {
  /** Replicas that run now. */
  readonly replicas: number;
  readonly min: number;
  readonly max: number;
  readonly cpuPercent: number;
  readonly memoryPercent?: number;
  readonly scaleDownPercent: number;
  readonly cooldown: number;
  /** The Prometheus that measures it, as seen from the host. */
  readonly prometheus?: string;
  /** Label of the containers that are measured, where that is not the workload's name: those of the colour that is live. */
  readonly part?: string;
}

/** Kubernetes waits as long before it scales down. https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#stabilization-window */
const DEFAULT_COOLDOWN = 300;

/** `declared` are the systems with their ranges, `running` the same with what runs now. */
export function scalingOutputs(
  declared: readonly System[],
  running: readonly System[],
): Readonly<Record<string, ScalingOutput>> {
  const outputs = declared.flatMap((system, systemIndex) =>
    system.workloads.flatMap(({ name, replicas }, index) => {
      const now = running[systemIndex]?.workloads[index];
      if (typeof replicas === "number" || now === undefined) return [];
      const release = releaseOf(system, name);
      const measured = release === undefined ? {} : { part: colourName(name, release.live) };
      return [[`${system.name}/${name}`, { ...output(replicas, leastReplicas(now), system), ...measured }] as const];
    }),
  );
  return Object.fromEntries(outputs);
}

function output(rules: Autoscaling, replicas: number, { docker }: System): ScalingOutput {
  const port = docker?.monitoring?.prometheusPort;
  return {
    ...rules,
    replicas,
    scaleDownPercent: rules.scaleDownPercent ?? rules.cpuPercent / 2,
    cooldown: rules.cooldown ?? DEFAULT_COOLDOWN,
    ...(port !== undefined && { prometheus: `http://localhost:${port}` }),
  };
}
