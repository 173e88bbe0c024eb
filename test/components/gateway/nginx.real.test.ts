import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { openSync, writeFileSync } from "node:fs";
import { gatewayConfig } from "../../../components/gateway/docker.ts";
import { renderNginx } from "../../../components/gateway/nginx.ts";
import { tracks } from "../../../stacks/systems/tracks.ts";
import { temporaryFolder } from "../../helpers/folder.ts";
import { program } from "../../helpers/server.ts";

/** Debian's nginx is 1.22; `resolve` in an upstream came with 1.27.3, so it is left out and hosts are addresses. */
function verdict(change: (text: string) => string = (text) => text): string {
  const {
    upstreams,
    resolver: _,
    ...config
  } = gatewayConfig({ workloads: tracks.workloads, size: { cpu: 0.5, memory: "128Mi" } });
  const addresses = Object.fromEntries(
    Object.entries(upstreams).map(([name, { port }]) => [name, { host: "127.0.0.1", port }]),
  );
  const folder = temporaryFolder();
  const file = join(folder, "nginx.conf");
  // nginx opens /dev/stdout again, which a container's pipe allows and this process's socket does not
  const output = openSync(join(folder, "output"), "w");
  writeFileSync(file, change(renderNginx({ ...config, upstreams: addresses })));
  return spawnSync(program("nginx", "nginx-light"), ["-t", "-c", file], {
    encoding: "utf8",
    stdio: ["ignore", output, "pipe"],
  }).stderr;
}

describe("a real nginx", () => {
  it("accepts the gateway's configuration without a warning", () => {
    const text = verdict();
    assert.match(text, /test is successful/);
    assert.doesNotMatch(text, /warn|emerg/);
  });

  it("would have noticed a mistake", () => {
    assert.match(
      verdict((text) => text.replace("least_conn;", "least_connections;")),
      /unknown directive "least_connections"/,
    );
  });
});
