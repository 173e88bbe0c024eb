import * as pulumi from "@pulumi/pulumi";

/** What a host must have. */
export interface Demand {
  /** CPU cores that are kept for what runs when all of it is busy. */
  readonly cores: number;
  /** Memory that it may use, in GiB. */
  readonly memoryGiB: number;
}

/** Docker's own unit: 1024 shares are one CPU's worth of weight; 2 is the kernel's least. https://docs.docker.com/engine/containers/resource_constraints/#cpu */
const SHARES_OF_ONE_CPU = 1024;
export const LEAST_SHARES = 2;
export const CONTAINER = "docker:index/container:Container";
const SERVICE = "docker:index/service:Service";
const MEBIBYTES_OF_A_GIBIBYTE = 1024;
const BYTES_OF_A_GIBIBYTE = 2 ** 30;
const NANO = 1e9;

interface ServiceInputs {
  readonly mode?: { readonly replicated?: { readonly replicas?: number } };
  readonly taskSpec: {
    readonly resources?: {
      readonly limits?: { readonly memoryBytes?: number };
      readonly reservation?: { readonly nanoCpus?: number };
    };
  };
}

/**
 * Sums what the containers and services of this program need, exporters and helpers included, as they are registered: a
 * second list of sizes beside the components would be wrong one day.
 */
export function tallyDemand(): () => Demand {
  let cores = 0;
  let memoryGiB = 0;
  pulumi.runtime.registerStackTransformation(({ type, props }) => {
    if (type === CONTAINER) {
      const { cpuShares = 0, memory = 0 } = props as { cpuShares?: number; memory?: number };
      cores += cpuShares / SHARES_OF_ONE_CPU;
      memoryGiB += memory / MEBIBYTES_OF_A_GIBIBYTE;
    }
    if (type === SERVICE) {
      const { mode, taskSpec } = props as ServiceInputs;
      const count = mode?.replicated?.replicas ?? 1;
      cores += (count * (taskSpec.resources?.reservation?.nanoCpus ?? 0)) / NANO;
      memoryGiB += (count * (taskSpec.resources?.limits?.memoryBytes ?? 0)) / BYTES_OF_A_GIBIBYTE;
    }
    return undefined;
  });
  return () => ({ cores: rounded(cores), memoryGiB: rounded(memoryGiB) });
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
