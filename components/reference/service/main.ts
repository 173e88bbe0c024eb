import { dependencies } from "./dependencies.ts";
import { createService } from "./server.ts";

/** Below the 30 s after which the container is killed. */
const DRAIN_LIMIT_MILLISECONDS = 25_000;

const port = Number(process.env["PORT"] ?? 8000);
const service = createService(dependencies(process.env));
service.server.listen(port, () => {
  const address = service.server.address();
  process.stdout.write(`listening on ${typeof address === "object" && address ? address.port : port}\n`);
});

async function stop(signal: string): Promise<void> {
  process.stdout.write(`${signal}: draining\n`);
  setTimeout(() => process.exit(1), DRAIN_LIMIT_MILLISECONDS).unref();
  await service.drain();
  process.exit(0);
}

process.once("SIGTERM", (signal) => void stop(signal));
process.once("SIGINT", (signal) => void stop(signal));
