import { execFileSync } from "node:child_process";
import { existsSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { freePort, program, started } from "../../helpers/server.ts";
import type { Running } from "../../helpers/server.ts";

const ROOT = join(import.meta.dirname, "../../..");
export const SERVICE = join(ROOT, "components/reference/service");

/** The service in a folder, built as the image builds it. */
export function build(folder: string, kernel: "wasm" | "javascript"): string {
  const app = join(folder, kernel, "app");
  for (const [script, output] of [
    ["build.ts", app],
    ["kernel/build.ts", join(app, "kernel/kernel.wasm")],
  ] as const)
    execFileSync(process.execPath, [join(SERVICE, script), output], { stdio: "pipe" });
  if (kernel === "javascript") rmSync(join(app, "kernel/kernel.wasm"));
  // the image has packages of its own; here they are this checkout's
  symlinkSync(join(ROOT, "node_modules"), join(folder, kernel, "node_modules"));
  const own = join(SERVICE, "node_modules");
  if (existsSync(own)) symlinkSync(own, join(app, "node_modules"));
  return app;
}

/** The service as the image starts it; it says its log to nobody. */
export async function serve(app: string, environment: NodeJS.ProcessEnv): Promise<Running & { url: string }> {
  const port = await freePort();
  const running = await started(process.execPath, [join(app, "start.js")], /"listening"/, {
    env: { NODE_ENV: "production", ...environment, PORT: String(port) },
  });
  return Object.assign(running, { url: `http://127.0.0.1:${port}` });
}

export async function redisServer(folder: string): Promise<Running & { port: number }> {
  const port = await freePort();
  const running = await started(
    program("redis-server", "redis-server"),
    ["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--dir", folder],
    /Ready to accept connections/,
  );
  return Object.assign(running, { port });
}
