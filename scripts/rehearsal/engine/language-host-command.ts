import { flushCompileCache } from "node:module";
import { serveLanguageHost } from "./language-host.ts";

/**
 * What the file `pulumi-language-nodejs` beside the CLI runs: `<sdk root> [options] <engine address>`. The engine reads
 * the port from the first line of stdout, and ends this process with a signal when the operation is over.
 */
const [sdkRoot = process.cwd(), ...rest] = process.argv.slice(2);
const engine = rest.findLast((argument) => !argument.startsWith("-")) ?? "";
const parent = process.ppid;

const host = await serveLanguageHost(sdkRoot, { engineAddress: engine });
process.stdout.write(`${host.port}\n`);
flushCompileCache(); // the engine may end this process with SIGKILL, and Node writes what it compiled at its exit only

const stop = (): void => void host.stop().finally(() => process.exit(0));
process.on("SIGTERM", stop);
process.on("SIGINT", stop);
// an engine that was killed sends no signal: this process is then somebody else's child
setInterval(() => {
  if (process.ppid !== parent) stop();
}, 250).unref();
