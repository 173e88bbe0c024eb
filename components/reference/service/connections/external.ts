import type { Connector } from "./dependency.ts";

/** An API of somebody else: nothing is kept open, so connecting is asking once. */
export function externalConnector(url: URL, timeout: number): Connector<URL> {
  const ask = async () => {
    const answer = await fetch(url, { signal: AbortSignal.timeout(timeout), redirect: "manual" });
    await answer.body?.cancel();
    if (answer.status >= 500) throw new Error(`it answered ${answer.status}`);
  };
  return {
    name: "external-api",
    optional: true,
    connect: () => ask().then(() => url),
    ping: ask,
    close: () => Promise.resolve(),
  };
}
