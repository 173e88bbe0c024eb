import type { Policy } from "../../framework/policy.ts";
import { dockerDoesNotSwap } from "./docker-does-not-swap.ts";
import { dockerHasHealthCheck } from "./docker-has-health-check.ts";
import { dockerImageIsImmutable } from "./docker-image-is-immutable.ts";
import { dockerLogsAreLimited } from "./docker-logs-are-limited.ts";
import { dockerRestarts } from "./docker-restarts.ts";
import { dockerServiceHasSpareReplica } from "./docker-service-has-spare-replica.ts";
import { dockerServiceRollsBack } from "./docker-service-rolls-back.ts";
import { dockerStopsGracefully } from "./docker-stops-gracefully.ts";

export const docker: readonly Policy[] = [
  dockerDoesNotSwap,
  dockerHasHealthCheck,
  dockerImageIsImmutable,
  dockerLogsAreLimited,
  dockerRestarts,
  dockerServiceHasSpareReplica,
  dockerServiceRollsBack,
  dockerStopsGracefully,
];
