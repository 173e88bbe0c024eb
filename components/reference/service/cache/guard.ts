import CircuitBreaker from "opossum";
import type { Layer } from "./layer.ts";

export interface GuardOptions {
  /** Milliseconds after which an operation has failed: a cache slower than computing is none. Default 250. */
  readonly timeLimit?: number;
  /** Milliseconds for which a layer that keeps failing is left alone. Default 5,000. */
  readonly rest?: number;
}

/** Thrown without asking the layer, since it kept failing a moment ago. */
export class LayerResting extends Error {}

/** A layer that fails soon where the one inside would wait, and is left alone while it is broken. */
export interface GuardedLayer extends Layer {
  close(): void;
}

export function guarded(layer: Layer, { timeLimit = 250, rest = 5000 }: GuardOptions = {}): GuardedLayer {
  const breaker = new CircuitBreaker((operation: () => Promise<unknown>) => operation(), {
    name: `cache-${layer.name}`,
    timeout: timeLimit,
    resetTimeout: rest,
    errorThresholdPercentage: 50,
    volumeThreshold: 5,
  });
  const run = async <T>(operation: () => Promise<T>): Promise<T> => {
    try {
      return (await breaker.fire(operation)) as T;
    } catch (error) {
      throw CircuitBreaker.isOurError(error as Error) && isOpen(error) ? new LayerResting(String(error)) : error;
    }
  };
  return {
    name: layer.name,
    get: (key) => run(() => layer.get(key)),
    set: (key, entry) => run(() => layer.set(key, entry)),
    close: () => breaker.shutdown(),
  };
}

function isOpen(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "EOPENBREAKER";
}
