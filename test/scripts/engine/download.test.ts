import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { downloadRelease } from "../../../scripts/rehearsal/engine/download.ts";
import { Unavailable } from "../../../scripts/rehearsal/engine/install.ts";
import type { InstallJob } from "../../../scripts/rehearsal/engine/install.ts";

describe("downloading the official release", () => {
  let root: string;
  let server: Server;
  let base: string;
  let sum: string;
  const archive = `pulumi-v3.200.0-${process.platform}-${process.arch}.tar.gz`;

  before(async () => {
    root = mkdtempSync(join(tmpdir(), "groundwork-download-"));
    mkdirSync(join(root, "release", "pulumi"), { recursive: true });
    for (const name of ["pulumi", "pulumi-language-nodejs", "pulumi-analyzer-policy", "pulumi-language-go"]) {
      writeFileSync(join(root, "release", "pulumi", name), "#!/bin/sh\n");
    }
    await execa("tar", ["-czf", join(root, archive), "-C", join(root, "release"), "pulumi"]);
    sum = createHash("sha256")
      .update(readFileSync(join(root, archive)))
      .digest("hex");
    server = createServer((request, response) => {
      const path = request.url ?? "";
      if (path.endsWith(".tar.gz")) response.end(readFileSync(join(root, archive)));
      else if (path.startsWith("/wrong/")) response.end(`${"0".repeat(64)}  ${archive}\n`);
      else if (path.startsWith("/good/")) response.end(`${"1".repeat(64)}  other.tar.gz\n${sum}  ${archive}\n`);
      else response.writeHead(403).end();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => {
    server.close();
    rmSync(root, { recursive: true, force: true });
  });

  const job = (): InstallJob => ({
    version: "3.200.0",
    folder: mkdtempSync(join(root, "folder-")),
    temporary: mkdtempSync(join(root, "temporary-")),
    env: {},
    progress: () => {},
  });

  it("unpacks the CLI and what Node programs need, and no more", async () => {
    const made = job();
    await downloadRelease(made, `${base}/good`);
    assert.deepEqual(readdirSync(made.folder).sort(), ["pulumi", "pulumi-analyzer-policy", "pulumi-language-nodejs"]);
  });

  it("takes nothing whose checksum differs from the published one", async () => {
    const made = job();
    await assert.rejects(downloadRelease(made, `${base}/wrong`), (error: Error) => {
      assert.ok(error instanceof Unavailable);
      assert.ok(error.message.includes(sum));
      return true;
    });
    assert.deepEqual(readdirSync(made.folder), []);
  });

  it("is given up when the host refuses or cannot be reached", async () => {
    await assert.rejects(downloadRelease(job(), `${base}/none`), /answers 403/);
    const closed = createServer();
    await new Promise<void>((resolve) => closed.listen(0, "127.0.0.1", resolve));
    const { port } = closed.address() as AddressInfo;
    await new Promise((resolve) => closed.close(resolve));
    await assert.rejects(downloadRelease(job(), `http://127.0.0.1:${port}`), (error: Error) => {
      assert.ok(error instanceof Unavailable);
      assert.match(error.message, /cannot be reached \(ECONNREFUSED\)/);
      return true;
    });
  });
});
