import type { Policy } from "../../framework/policy.ts";
import { balancerCanFailOver } from "./balancer-can-fail-over.ts";
import { poolHasMonitor } from "./pool-has-monitor.ts";

/** Load balancing between regions at the edge. */
export const cloudflareBalancers: readonly Policy[] = [poolHasMonitor, balancerCanFailOver];
