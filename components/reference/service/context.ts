import type { Configuration } from "./configuration.ts";
import type { Connections } from "./connections/index.ts";
import type { Log } from "./log.ts";
import type { Metrics } from "./metrics.ts";

/** What each plug-in of the service is given. */
export interface Context extends Connections {
  readonly config: Configuration;
  readonly metrics: Metrics;
  readonly log: Log;
  /** Whether the service is on its way out: no new work should begin. */
  readonly isDraining: () => boolean;
}

declare module "fastify" {
  interface FastifyContextConfig {
    /** Answered to anybody and not audited: health, metrics. Every other route is exposed and asks for a token where one is required. */
    readonly isOpen?: boolean;
  }
}
