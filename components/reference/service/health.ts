import type { FastifyInstance } from "fastify";
import { statfs } from "node:fs/promises";
import { totalmem } from "node:os";
import type { Context } from "./context.ts";
import { listed } from "./connections/index.ts";
import type { DependencyStatus } from "./connections/dependency.ts";

/** Percent of memory or disk above which the service calls itself degraded; web-platform alerts there as well. */
const CRITICAL_PERCENT = 90;

const open = { config: { isOpen: true } };

export function registerHealth(app: FastifyInstance, context: Context): Promise<void> {
  const dependencies = listed(context);
  const { metrics } = context;

  // liveness: what it depends on is not in it, since restarting this service would bring no other back
  app.get("/health", open, (_request, reply) =>
    context.isDraining() ? reply.code(503).send({ status: "draining" }) : reply.send({ status: "ok" }),
  );

  // readiness: whether requests can be served, which restarts nothing and only sends them elsewhere
  app.get("/ready", open, (_request, reply) => {
    if (context.isDraining()) return reply.code(503).send({ status: "draining" });
    const graceSeconds = context.config.readyGrace / 1000;
    const isReady = dependencies.every((dependency) => isServing(dependency.status(), graceSeconds));
    // which server it is stays inside: this path is open to the internet
    return isReady ? reply.send({ status: "ready" }) : reply.code(503).send({ status: "waiting" });
  });

  app.get("/health/detailed", open, async (_request, reply) => {
    const memory = memoryUsage();
    const disk = await diskUsage(context.config.diskPath);
    const statuses = dependencies.map((dependency) => [dependency.name, dependency.status()] as const);
    const isWhole =
      statuses.every(([, { up, optional }]) => up || optional) &&
      memory.usedPercent < CRITICAL_PERCENT &&
      (disk.usedPercent ?? 0) < CRITICAL_PERCENT;
    const status = context.isDraining() ? "draining" : isWhole ? "ok" : "degraded";
    return reply.code(context.isDraining() ? 503 : 200).send({
      status,
      role: context.config.role,
      uptimeSeconds: Math.round(process.uptime()),
      dependencies: Object.fromEntries(statuses),
      memory,
      disk,
    });
  });

  app.get("/health/circuit-breakers", open, () =>
    Object.fromEntries(dependencies.map((dependency) => [dependency.name, { state: dependency.status().breaker }])),
  );

  app.get("/metrics", open, async (_request, reply) =>
    reply.type(metrics.registry.contentType).send(await metrics.registry.metrics()),
  );

  app.get("/", open, () => ({ service: "groundwork-reference", role: context.config.role }));
  return Promise.resolve();
}

/** A server that was never reached serves nobody; one that has just gone may be back in a moment. */
function isServing({ up, optional, downSeconds = Infinity }: DependencyStatus, graceSeconds: number): boolean {
  return up || optional || downSeconds < graceSeconds;
}

interface Usage {
  readonly usedBytes: number;
  readonly totalBytes: number;
  readonly usedPercent: number;
}

/** Of the container's limit; of the machine's memory where there is none, which Node tells by 0 or a number beyond it. */
function memoryUsage(): Usage {
  const limit = process.constrainedMemory();
  const machine = totalmem();
  return usage(process.memoryUsage.rss(), limit > 0 && limit < machine ? limit : machine);
}

async function diskUsage(path: string): Promise<{ path: string; reason?: string } & Partial<Usage>> {
  try {
    const { blocks, bavail, bsize } = await statfs(path);
    return { path, ...usage((blocks - bavail) * bsize, blocks * bsize) };
  } catch (error) {
    return { path, reason: (error as NodeJS.ErrnoException).code ?? "unknown" };
  }
}

function usage(usedBytes: number, totalBytes: number): Usage {
  return { usedBytes, totalBytes, usedPercent: Math.round((usedBytes / totalBytes) * 1000) / 10 };
}
