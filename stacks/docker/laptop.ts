import * as pulumi from "@pulumi/pulumi";
import { CONTAINER, LEAST_SHARES } from "./tally.ts";

/** Nearly everything waits nearly always where one person works. */
const KEPT_SHARE = 0.25;

/**
 * On a laptop every container keeps a quarter of the CPU that it may use: limits stay, so that nothing takes the machine
 * over, and five systems fit on it. Memory is not shared: what is given away twice ends in kills.
 */
export function shareCpu(): void {
  pulumi.runtime.registerStackTransformation(({ type, props, opts }) => {
    if (type !== CONTAINER) return undefined;
    const { cpuShares } = props as { cpuShares?: number };
    if (cpuShares === undefined) return undefined;
    return { props: { ...props, cpuShares: Math.max(LEAST_SHARES, Math.round(cpuShares * KEPT_SHARE)) }, opts };
  });
}
