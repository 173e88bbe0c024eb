import assert from "node:assert/strict";
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import Docker from "dockerode";
import { ensureDockerEngine } from "../../../../scripts/rehearsal/docker-engine/index.ts";
import { assertBadInput } from "../../../helpers/bad-input.ts";
import { describeContainers } from "../../../helpers/containers.ts";
import { temporaryFolder } from "../../../helpers/folder.ts";

const USER = join(import.meta.dirname, "user.ts");
const POLL_MS = 100;

/** A process that uses the engine. */
class User {
  readonly process: ChildProcessWithoutNullStreams;
  said = "";

  constructor(home: string) {
    this.process = spawn(process.execPath, [USER, home]);
    for (const stream of [this.process.stdout, this.process.stderr])
      stream.on("data", (chunk: Buffer) => (this.said += chunk.toString()));
  }

  /** The socket's path, when it has joined. */
  async joined(): Promise<string> {
    return (await this.until(/^joined unix:\/\/(.+)$/m))[1] ?? "";
  }

  async until(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const found = pattern.exec(this.said);
      if (found !== null) return found;
      assert.ok(this.process.exitCode === null && this.process.signalCode === null, this.said);
      await sleep(POLL_MS);
    }
  }

  async leave(): Promise<void> {
    this.process.stdin.end();
    if (this.process.exitCode === null) await once(this.process, "exit");
    assert.match(this.said, /^left$/m);
  }

  async killed(): Promise<void> {
    this.process.kill("SIGKILL");
    await once(this.process, "exit");
  }
}

const ping = (socketPath: string) => new Docker({ socketPath }).ping();

/** Of the engine behind a socket: its process, and its bridge, which has the name of the folder of the socket. */
function traces(socket: string): { pid: number; bridge: string } {
  const [, , bridge = ""] = socket.split("/");
  return { pid: Number(readFileSync(socket.replace("docker.sock", "docker.pid"), "utf8")), bridge };
}

async function ended(pid: number): Promise<void> {
  while (existsSync(`/proc/${pid}`)) await sleep(POLL_MS);
}

describeContainers("a private Docker Engine", () => {
  it("is one for all processes of a folder, and ends with the last of them without a trace", async () => {
    const home = temporaryFolder();
    const [first, second] = [new User(home), new User(home)];
    const socket = await first.joined();
    assert.equal(await second.joined(), socket);
    const { pid, bridge } = traces(socket);
    assert.ok(bridge in networkInterfaces());
    await first.leave();
    await ping(socket);
    await second.leave();
    assert.ok(!existsSync(`/proc/${pid}`) && !existsSync(`/run/${bridge}`) && !(bridge in networkInterfaces()));
  });

  it("ends when its only user is killed, and the next one starts it again with what it knew", async () => {
    const home = temporaryFolder();
    const victim = new User(home);
    const socket = await victim.joined();
    await new Docker({ socketPath: socket }).createVolume({ Name: "kept" });
    const { pid } = traces(socket);
    await victim.killed();
    await ended(pid);

    const next = new User(home);
    assert.equal(await next.joined(), socket);
    const { Volumes } = await new Docker({ socketPath: socket }).listVolumes();
    assert.deepEqual(
      Volumes.map(({ Name }) => Name),
      ["kept"],
    );
    await next.leave();
  });

  it("starts again after everything of it was killed at once", async () => {
    const home = temporaryFolder();
    const victim = new User(home);
    const socket = await victim.joined();
    const { pid, bridge } = traces(socket);
    const keeper = Number(/^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
    process.kill(keeper, "SIGKILL");
    process.kill(pid, "SIGKILL");
    await victim.killed();
    await ended(pid);

    const next = new User(home);
    await ping(await next.joined());
    await next.leave();
    assert.ok(!existsSync(`/run/${bridge}`) && !(bridge in networkInterfaces()));
  });

  it("is not started where DOCKER_HOST names one that does not answer, nor in a folder with too long a name", async () => {
    const { DOCKER_HOST: before } = process.env;
    try {
      process.env["DOCKER_HOST"] = "unix:///nowhere/docker.sock";
      const options = { home: temporaryFolder(), progress: () => undefined };
      await assertBadInput(() => ensureDockerEngine(options), "unix:///nowhere/docker.sock", "unset DOCKER_HOST");
    } finally {
      if (before === undefined) delete process.env["DOCKER_HOST"];
      else process.env["DOCKER_HOST"] = before;
    }
    const user = new User(join(temporaryFolder(), "a".repeat(80)));
    await once(user.process, "exit");
    assert.match(user.said, /is too long for its sockets: set GROUNDWORK_HOME to a folder with a name of at most \d+/);
  });
});
