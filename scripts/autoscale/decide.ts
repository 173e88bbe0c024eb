/** The range and rules of one workload, as the stack's outputs tell them. */
export interface ScalingRules {
  readonly min: number;
  readonly max: number;
  /** Average use of the CPU limit, in percent, at which replicas are added. */
  readonly cpuPercent: number;
  /** The same for memory; not watched when absent. */
  readonly memoryPercent?: number;
  /** Use of both, in percent, below which one replica is taken away. */
  readonly scaleDownPercent: number;
  /** Seconds between two changes. */
  readonly cooldown: number;
}

/** Averages over the replicas, in percent of their limits; absent: Prometheus does not know. */
export interface Load {
  readonly cpuPercent?: number;
  readonly memoryPercent?: number;
}

/** What was seen and done before, for hysteresis and cool-down. */
export interface Memory {
  /** Looks in a row that asked for more, or for less. */
  readonly above: number;
  readonly below: number;
  /** Seconds since 1970 of the last change. */
  readonly changed?: number;
}

export interface Decision {
  readonly replicas: number;
  readonly reason: string;
  readonly memory: Memory;
}

export const NOTHING_SEEN: Memory = { above: 0, below: 0 };

/**
 * Looks in a row that must agree: one peak scales nothing. Fewer upwards, because too few replicas hurt sooner than too
 * many; Kubernetes makes the same difference. https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#stabilization-window
 */
const LOOKS_UP = 2;
const LOOKS_DOWN = 4;

/** How many replicas a workload should have: a pure function of what is seen now and was seen before. `now` in seconds. */
export function decide(rules: ScalingRules, current: number, load: Load, before: Memory, now: number): Decision {
  const kept = clamp(current, rules);
  if (kept !== current) {
    return changed(kept, `${current} replicas lie outside the declared range ${rules.min} to ${rules.max}`, now);
  }
  if (load.cpuPercent === undefined && load.memoryPercent === undefined) {
    return {
      replicas: current,
      reason: "Prometheus knows nothing of its load",
      memory: { ...before, above: 0, below: 0 },
    };
  }
  const pressure = pressureOf(rules, load);
  const memory = seen(before, pressure >= 1, isIdle(rules, load));
  const wait = before.changed === undefined ? 0 : before.changed + rules.cooldown - now;
  if (memory.above >= LOOKS_UP && current < rules.max) {
    if (wait > 0) return stay(current, `more is wanted, cool-down for ${Math.ceil(wait)} s`, memory);
    // the same proportion as the HorizontalPodAutoscaler's
    const wanted = clamp(Math.max(current + 1, Math.ceil(current * pressure)), rules);
    return changed(wanted, `${describe(load)}: at or above ${limits(rules)}`, now);
  }
  if (memory.below >= LOOKS_DOWN && current > rules.min) {
    if (wait > 0) return stay(current, `fewer would do, cool-down for ${Math.ceil(wait)} s`, memory);
    return changed(current - 1, `${describe(load)}: below ${rules.scaleDownPercent} %`, now);
  }
  return stay(current, reasonToStay(rules, current, memory, load), memory);
}

function stay(replicas: number, reason: string, memory: Memory): Decision {
  return { replicas, reason, memory };
}

function changed(replicas: number, reason: string, now: number): Decision {
  return { replicas, reason, memory: { above: 0, below: 0, changed: now } };
}

function clamp(replicas: number, { min, max }: ScalingRules): number {
  return Math.min(max, Math.max(min, replicas));
}

/** 1 is the point at which replicas are added; the more pressing of the two counts. */
function pressureOf(rules: ScalingRules, { cpuPercent = 0, memoryPercent = 0 }: Load): number {
  const memory = rules.memoryPercent === undefined ? 0 : memoryPercent / rules.memoryPercent;
  return Math.max(cpuPercent / rules.cpuPercent, memory);
}

/** What is not known is not idle: nothing is taken away in the dark. */
function isIdle(rules: ScalingRules, { cpuPercent = Infinity, memoryPercent = Infinity }: Load): boolean {
  const memory = rules.memoryPercent === undefined ? 0 : memoryPercent;
  return Math.max(cpuPercent, memory) < rules.scaleDownPercent;
}

function seen(before: Memory, isAbove: boolean, isBelow: boolean): Memory {
  return { ...before, above: isAbove ? before.above + 1 : 0, below: isBelow ? before.below + 1 : 0 };
}

function reasonToStay(rules: ScalingRules, current: number, memory: Memory, load: Load): string {
  if (memory.above > 0 && current === rules.max) return `${describe(load)}, and already at the most, ${rules.max}`;
  if (memory.above > 0) return `${describe(load)}: seen ${memory.above} of ${LOOKS_UP} times`;
  if (memory.below > 0 && current > rules.min) return `${describe(load)}: seen ${memory.below} of ${LOOKS_DOWN} times`;
  return describe(load);
}

function describe({ cpuPercent, memoryPercent }: Load): string {
  const show = (value: number | undefined): string => (value === undefined ? "unknown" : `${Math.round(value)} %`);
  return `CPU ${show(cpuPercent)}, memory ${show(memoryPercent)}`;
}

function limits({ cpuPercent, memoryPercent }: ScalingRules): string {
  return memoryPercent === undefined ? `CPU ${cpuPercent} %` : `CPU ${cpuPercent} % or memory ${memoryPercent} %`;
}
