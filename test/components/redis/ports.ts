import { createServer } from "node:net";
import { freePort } from "../../helpers/server.ts";

/** A free port of a cluster's server; the servers talk to each other on the one that is 10000 above. */
export async function busPort(taken: readonly number[]): Promise<number> {
  for (;;) {
    const port = 20_000 + ((await freePort()) % 20_000);
    if (!taken.includes(port) && (await isFree(port)) && (await isFree(port + 10_000))) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
