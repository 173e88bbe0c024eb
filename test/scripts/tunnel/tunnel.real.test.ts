import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:https";
import type { Server } from "node:https";
import type { AddressInfo } from "node:net";
import { delimiter, join } from "node:path";
import { after, before, beforeEach, describe, it } from "mocha";
import { environmentFor } from "../../../scripts/commands/tunnel.ts";
import { regionOf, runnerFilters, sessionCommand } from "../../../scripts/tunnel/sessions.ts";
import { assertRefused, groundwork } from "../../helpers/command-line.ts";
import { temporaryFolder } from "../../helpers/folder.ts";
import { program } from "../../helpers/server.ts";
import { fakeAccount, fakeAws } from "./aws.ts";

const REGIONS = ["us-west-2", "us-east-1"] as const;
const hostOf = (region: string): string => `0123456789abcdef.gr7.${region}.eks.amazonaws.com`;

/** Asks each address and prints the answers; Node takes its proxy from the environment as client-go does. */
const ASK = `
import { get } from "node:https";
import { readFileSync } from "node:fs";
const ask = (url) => new Promise((resolve) => {
  get(url, { ca: readFileSync(process.env.TEST_CA) }, (response) => {
    let body = "";
    response.on("data", (data) => (body += data)).on("end", () => resolve(body));
  }).on("error", ({ message }) => resolve("failed: " + message));
});
console.log(JSON.stringify(await Promise.all(process.argv.slice(1).map(ask))));
`;

describe("groundwork tunnel", function () {
  this.timeout(60_000);
  const folder = temporaryFolder({
    "Pulumi.yaml": "name: shop\nruntime: nodejs\n",
    "Pulumi.prod.yaml": "config: {}\n",
  });
  const ca = join(folder, "ca.crt");
  const servers: Server[] = [];
  let ports: Readonly<Record<string, number>>;
  let bin: string;

  /** What answers as a cluster's API would, with the certificate of its own name. */
  before(async () => {
    const key = join(folder, "server.key");
    const names = [...REGIONS.map(hostOf), "localhost"].map((name) => `DNS:${name}`).join(",");
    const request = [
      "req",
      "-x509",
      "-newkey",
      "ec",
      "-pkeyopt",
      "ec_paramgen_curve:prime256v1",
      "-nodes",
      "-days",
      "2",
    ];
    const subject = ["-subj", "/CN=test", "-addext", `subjectAltName=${names}`, "-keyout", key, "-out", ca];
    execFileSync(program("openssl", "openssl"), [...request, ...subject], { stdio: "pipe" });
    const started = await Promise.all(
      [...REGIONS, "direct"].map(async (region) => {
        const server = createServer({ key: readFileSync(key), cert: readFileSync(ca) }, (_request, response) => {
          response.end(`the API of ${region}`);
        });
        servers.push(server);
        await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
        return [region, (server.address() as AddressInfo).port] as const;
      }),
    );
    ports = Object.fromEntries(started);
  });
  after(() => {
    for (const server of servers) server.close().closeAllConnections();
  });
  beforeEach(() => {
    bin = fakeAws(temporaryFolder());
  });

  const calls = (): string[][] =>
    existsSync(join(bin, "calls.jsonl"))
      ? readFileSync(join(bin, "calls.jsonl"), "utf8")
          .trim()
          .split("\n")
          .map((line) => JSON.parse(line) as string[])
      : [];
  const tunnel = (account: string, ...command: readonly string[]) =>
    groundwork(["tunnel", "-s", "prod", "--project", folder, ...command], {
      home: folder,
      env: {
        PATH: `${bin}${delimiter}${process.env["PATH"] ?? ""}`,
        FAKE_AWS: account,
        TEST_CA: ca,
        NODE_USE_ENV_PROXY: "1",
        HTTPS_PROXY: "",
        https_proxy: "",
      },
    });
  const ask = (...urls: readonly string[]) => ["--", process.execPath, "--input-type=module", "-e", ASK, ...urls];

  it("leads to both regions at once, and keeps TLS from end to end", async () => {
    const { us_west, us_east } = { us_west: hostOf("us-west-2"), us_east: hostOf("us-east-1") };
    const urls = [`https://${us_west}/version`, `https://${us_east}/version`, `https://${us_west}/healthz`];
    const { stdout, stderr, exitCode } = await tunnel(fakeAccount(ports), ...ask(...urls));
    assert.equal(exitCode, 0, stderr);
    assert.deepEqual(JSON.parse(stdout), ["the API of us-west-2", "the API of us-east-1", "the API of us-west-2"]);
    const sessions = calls().filter(([service]) => service === "ssm");
    assert.equal(sessions.length, 2, "one session for each cluster");
    for (const region of REGIONS) {
      const found = calls().find((args) => args[0] === "ec2" && args.includes(region)) ?? [];
      for (const [name, value] of Object.entries(runnerFilters(region, { project: "shop", stack: "prod" })))
        assert.ok(found.includes(`Name=${name},Values=${value}`), name);
      const session = sessions.find((args) => args.includes(region)) ?? [];
      const { localPortNumber } = JSON.parse(session.at(-1) ?? "{}") as { localPortNumber: string[] };
      const typed = sessionCommand(region, `i-${region}`, hostOf(region), Number(localPortNumber[0]));
      assert.deepEqual(["aws", ...session], typed);
    }
  });

  it("waits for a runner that has just been made", async () => {
    const url = `https://${hostOf("us-west-2")}/version`;
    const { stdout, stderr } = await tunnel(fakeAccount(ports, true), ...ask(url));
    assert.deepEqual(JSON.parse(stdout), ["the API of us-west-2"], stderr);
    assert.match(stderr, /us-west-2: waiting until Session Manager knows i-us-west-2/);
  });

  it("connects everybody else straight, and opens no session for it", async () => {
    const { stdout } = await tunnel(fakeAccount(ports), ...ask(`https://localhost:${ports["direct"] ?? 0}/`));
    assert.deepEqual(JSON.parse(stdout), ["the API of direct"]);
    assert.deepEqual(calls(), []);
  });

  it("says which region has no runner", async () => {
    const { stdout, stderr } = await tunnel(fakeAccount({}), ...ask(`https://${hostOf("us-east-1")}/version`));
    assert.match(stdout, /failed: /);
    assert.match(stderr, /us-east-1 has no running machine named us-east-1-runner of stack prod; write clusterAccess/);
  });

  it("ends as its command does, and leaves no session behind", async () => {
    const { exitCode } = await tunnel(fakeAccount(ports), "--", "/bin/sh", "-c", "exit 7");
    assert.equal(exitCode, 7);
    const script = `${process.execPath} --input-type=module -e '${ASK}' https://${hostOf("us-west-2")}/; kill -TERM $$`;
    const killed = await tunnel(fakeAccount(ports), "--", "/bin/sh", "-c", script);
    assert.equal(killed.exitCode, 143);
    const left = execFileSync("ps", ["-A", "-o", "args="], { encoding: "utf8" });
    assert.ok(
      !left.includes(bin),
      left.split("\n").find((line) => line.includes(bin)),
    );
  });

  it("prints what another terminal needs, and goes with Ctrl-C", async () => {
    const running = tunnel(fakeAccount(ports));
    running.stdout?.once("data", () => running.kill("SIGINT"));
    const { stdout, exitCode } = await running;
    assert.equal(exitCode, 0);
    assert.match(stdout, /^export HTTPS_PROXY=http:\/\/127\.0\.0\.1:\d+\nexport NO_PROXY=.*127\.0\.0\.1,localhost$/);
  });

  it("refuses a stack that is not there, a second proxy and a command that is none", async () => {
    const home = folder;
    const args = ["tunnel", "--project", folder, "-s"];
    assertRefused(await groundwork([...args, "nowhere"], { home }), "nowhere");
    const behind = { HTTPS_PROXY: "http://proxy.example:3128" };
    assertRefused(await groundwork([...args, "prod"], { home, env: behind }), /^HTTPS_PROXY is set; unset it/);
    assertRefused(await tunnel(fakeAccount(ports), "--", "no-such-program"), "no-such-program cannot be run");
  });
});

describe("the way through the runners", () => {
  it("is known by EKS's own names alone", () => {
    assert.equal(regionOf(hostOf("ap-southeast-2")), "ap-southeast-2");
    assert.equal(regionOf("0123456789ABCDEF.GR7.us-gov-west-1.eks.amazonaws.com"), "us-gov-west-1");
    for (const other of ["eks.us-west-2.amazonaws.com", "api.cloudflare.com", `${hostOf("us-west-2")}.example.com`])
      assert.equal(regionOf(other), undefined, other);
  });

  it("keeps what was reached without a proxy, and the engine on this machine", () => {
    const { HTTPS_PROXY, NO_PROXY = "" } = environmentFor(1234);
    assert.equal(HTTPS_PROXY, "http://127.0.0.1:1234");
    for (const host of ["127.0.0.1", "localhost"]) assert.ok(NO_PROXY.split(",").includes(host));
  });
});
