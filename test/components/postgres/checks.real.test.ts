import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { promisify } from "node:util";
import { after, before, describe, it } from "mocha";
import { answersOn, isFoundAt } from "../../../components/postgres/checks.ts";
import { freePort } from "../../helpers/server.ts";

const run = promisify(execFile);

describe("the health checks of containers without an HTTP client", () => {
  const server = createServer((request, response) => response.writeHead(request.url === "/ready" ? 200 : 503).end());
  let port: number;

  before(async () => {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    port = (server.address() as AddressInfo).port;
  });
  after(() => server.close());

  async function healthy([form, command = "", ...args]: string[]): Promise<boolean> {
    assert.equal(form, "CMD");
    return run(command, args).then(
      () => true,
      () => false,
    );
  }

  it("know a path that answers 200 from others", async () => {
    assert.equal(await healthy(isFoundAt(port, "/ready")), true);
    assert.equal(await healthy(isFoundAt(port, "/starting")), false);
    assert.equal(await healthy(isFoundAt(await freePort(), "/ready")), false);
  });

  it("know a port where something listens from others", async () => {
    assert.equal(await healthy(answersOn(port)), true);
    assert.equal(await healthy(answersOn(await freePort())), false);
  });
});
