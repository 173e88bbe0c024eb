import { freePort, isFree } from "../../helpers/server.ts";

/** A free port of a cluster's server; the servers talk to each other on the one that is 10000 above. */
export async function busPort(taken: readonly number[]): Promise<number> {
  for (;;) {
    const port = await freePort();
    if (!taken.includes(port) && (await isFree(port + 10_000))) return port;
  }
}
