import type { FastifyInstance } from "fastify";
import { setTimeout as sleep } from "node:timers/promises";
import type { Configuration } from "./configuration.ts";
import type { Connections } from "./connections/index.ts";
import { createConnections, listed } from "./connections/index.ts";
import type { Telemetry } from "./connections/dependency.ts";
import type { Context } from "./context.ts";
import { createLog } from "./log.ts";
import { createMetrics } from "./metrics.ts";
import type { Work } from "./pipeline/role.ts";
import { Source } from "./pipeline/source.ts";
import { Worker } from "./pipeline/worker.ts";
import { createServer } from "./server.ts";
import type { Traces } from "./traces/sdk.ts";

export interface Service {
  readonly app: FastifyInstance;
  readonly log: Context["log"];
  /** /health says 503 for the grace, then nothing new is taken, what is in flight is finished, and all connections are closed. */
  drain(): Promise<void>;
}

/** Puts the parts together and begins to connect; `app` does not listen yet. */
export async function createService(config: Configuration): Promise<Service> {
  const log = createLog({ system: config.system, service: config.name, role: config.role }, config.environment.secrets);
  const traces = await tracesOf(config, log);
  const telemetry = { log, metrics: createMetrics() };
  const connections = createConnections(config, telemetry);
  const dependencies = listed(connections);
  let isDraining = false;
  const app = await createServer({ ...connections, ...telemetry, config, isDraining: () => isDraining });
  const work = createWork(config, connections, telemetry);
  for (const dependency of dependencies) dependency.start();
  work?.start();
  return {
    app,
    log,
    async drain() {
      isDraining = true;
      const stopped = work?.stop();
      await sleep(config.drainGrace);
      await Promise.all([app.close(), stopped]);
      await Promise.all(dependencies.map((dependency) => dependency.close()));
      await traces?.close();
    },
  };
}

/** The SDK takes time and memory, so it is loaded only where it is used. */
async function tracesOf({ traces }: Configuration, log: Context["log"]): Promise<Traces | undefined> {
  if (traces === undefined) return undefined;
  const { startTraces } = await import("./traces/sdk.ts");
  return startTraces(traces, log);
}

/** `readConfiguration` has seen to it that a role has the servers it needs. */
function createWork(config: Configuration, connections: Connections, telemetry: Telemetry): Work | undefined {
  const { rabbitmq, postgres } = connections;
  if (config.role === "source" && rabbitmq !== undefined) return new Source(rabbitmq, config.pipeline, telemetry);
  if (config.role === "worker" && rabbitmq !== undefined && postgres !== undefined)
    return new Worker({ rabbitmq, postgres }, config.pipeline, telemetry);
  return undefined;
}
