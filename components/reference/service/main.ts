import { readConfiguration } from "./configuration.ts";
import { BadConfiguration } from "./environment.ts";
import { createService } from "./service.ts";

/** Below the 30 s after which the container is killed. */
const DRAIN_LIMIT_MILLISECONDS = 25_000;

async function run(): Promise<void> {
  const configuration = readConfiguration(process.env);
  const service = await createService(configuration);
  const { app, log } = service;
  const address = await app.listen({ port: configuration.port, host: "0.0.0.0" });
  log("listening", { port: Number(new URL(address).port) });

  const stop = async (signal: string): Promise<void> => {
    log("draining", { signal });
    setTimeout(() => {
      log("drain.limit", { seconds: DRAIN_LIMIT_MILLISECONDS / 1000 });
      process.exit(1);
    }, DRAIN_LIMIT_MILLISECONDS).unref();
    await service.drain();
    log("stopped");
    process.exit(0);
  };
  process.once("SIGTERM", (signal) => void stop(signal));
  process.once("SIGINT", (signal) => void stop(signal));
}

try {
  await run();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = error instanceof BadConfiguration ? 2 : 1;
  // connections that are being tried would keep a service alive that does not listen
  setImmediate(() => process.exit());
}
