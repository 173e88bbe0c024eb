import { spawnSync } from "node:child_process";
import { chmodSync, openSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { NginxConfig } from "../../../components/gateway/nginx.ts";
import { renderNginx } from "../../../components/gateway/nginx.ts";
import { temporaryFolder } from "../../helpers/folder.ts";
import type { Running } from "../../helpers/server.ts";
import { program, started } from "../../helpers/server.ts";

/**
 * The configuration for Debian's nginx, which is 1.22 where the image has 1.30. `http2` as a directive came with 1.25.1
 * and was a parameter of `listen` before, which without TLS leaves no HTTP/1.1 beside it; `resolve` in an upstream came with 1.27.3, so these tests set no resolver and
 * hosts are addresses. Files go to a folder of the test's own instead of the container's /tmp, and what would go to the
 * container's output to a file there: nginx opens /dev/stdout again, which this process's socket does not allow.
 */
export function forDebian(text: string, folder: string): string {
  return text
    .replaceAll(/listen (\d+(?: ssl)?);\s+http2 on;/g, "listen $1 http2;")
    .replaceAll(/(_temp_path|pid) \/tmp\//g, `$1 ${folder}/`)
    .replaceAll("/dev/stdout", join(folder, "access.log"));
}

function written(config: NginxConfig, change: (text: string) => string = (text) => text): string {
  const folder = temporaryFolder();
  // as root, nginx's workers are another user
  chmodSync(folder, 0o755);
  const file = join(folder, "nginx.conf");
  writeFileSync(file, change(forDebian(renderNginx(config), folder)));
  return file;
}

/** What `nginx -t` says of it. */
export function verdict(config: NginxConfig, change?: (text: string) => string): string {
  const file = written(config, change);
  const output = openSync(`${file}.output`, "w");
  return spawnSync(program("nginx", "nginx-light"), ["-t", "-c", file], {
    encoding: "utf8",
    stdio: ["ignore", output, "pipe"],
  }).stderr;
}

export function runningNginx(config: NginxConfig): Promise<Running> {
  const args = ["-c", written(config), "-g", "daemon off; error_log stderr notice;"];
  return started(program("nginx", "nginx-light"), args, /start worker process \d+/, { stop: "SIGTERM" });
}
