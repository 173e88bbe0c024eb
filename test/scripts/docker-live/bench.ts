import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type Docker from "dockerode";
import { after, before } from "mocha";
import tar from "tar-stream";
import type { EngineMade, EngineSubject } from "../../../scripts/rehearsal/clouds/live-engine.ts";
import { PrivateEngine } from "../../../scripts/rehearsal/docker-engine/private.ts";
import type { DockerEngine } from "../../../scripts/rehearsal/docker-engine/types.ts";
import { DockerLive } from "../../../scripts/rehearsal/docker-live/index.ts";
import { program } from "../../helpers/server.ts";

/** An image of nothing but a static shell, which is there for every suite. */
export const TINY = "groundwork-test/tiny:1";

export interface EngineBench {
  readonly engine: DockerEngine;
  readonly docker: Docker;
  readonly live: DockerLive;
  /** GROUNDWORK_HOME, where the engine lies. */
  readonly home: string;
  readonly folder: string;
}

/** A private engine for a suite, with {@link TINY} on it; gone with everything afterwards. */
export function engineBench(): EngineBench {
  const holder: { bench?: EngineBench } = {};
  before(async () => {
    // short: the path of a socket in it has a limit
    const home = mkdtempSync(join(tmpdir(), "gw-"));
    const engine = await PrivateEngine.join({ home, progress: () => undefined });
    await importTiny(engine.docker);
    const folder = join(home, "stack");
    const live = await connect(engine, home, "test/stack/1");
    holder.bench = { engine, docker: engine.docker, live, home, folder };
  });
  after(async () => {
    const { bench } = holder;
    if (bench === undefined) return;
    await removeEverything(bench.docker);
    await bench.engine.stop();
    rmSync(bench.home, { recursive: true, force: true });
  });
  const current = (): EngineBench => {
    if (holder.bench === undefined) throw new Error("the engine has not been started yet");
    return holder.bench;
  };
  return {
    get engine() {
      return current().engine;
    },
    get docker() {
      return current().docker;
    },
    get live() {
      return current().live;
    },
    get home() {
      return current().home;
    },
    get folder() {
      return current().folder;
    },
  };
}

/** Another rehearsal on the same engine. */
export function connect(engine: DockerEngine, home: string, owner: string): Promise<DockerLive> {
  return DockerLive.connect({
    engine,
    owner,
    directory: home,
    broughtFile: join(home, `${owner.replaceAll("/", "-")}.json`),
    ensureImage: async (reference) => {
      try {
        return { id: (await engine.docker.getImage(reference).inspect()).Id };
      } catch {
        return { missing: `there is no registry for ${reference}` };
      }
    },
  });
}

export async function importTiny(docker: Docker): Promise<void> {
  const archive = tar.pack();
  archive.entry({ name: "bin/sh", mode: 0o755 }, readFileSync(program("busybox", "busybox-static")));
  archive.entry({ name: "etc/passwd" }, "root:x:0:0:root:/:/bin/sh\nnode:x:1000:1000::/:/bin/sh\n");
  archive.entry({ name: "tmp", type: "directory", mode: 0o777 });
  archive.finalize();
  const output = await docker.importImage(archive, {
    repo: TINY.split(":")[0],
    tag: TINY.split(":")[1],
  });
  await new Promise<void>((resolve, reject) => {
    docker.modem.followProgress(output, (error: Error | null) => (error === null ? resolve() : reject(error)));
  });
}

async function removeEverything(docker: Docker): Promise<void> {
  const { Swarm } = (await docker.info()) as { Swarm?: { LocalNodeState?: string } };
  if (Swarm?.LocalNodeState === "active") await docker.swarmLeave({ force: true });
  for (const { Id } of await docker.listContainers({ all: true })) {
    await docker.getContainer(Id).remove({ force: true, v: true });
  }
  await docker.pruneNetworks();
}

/** What the engine is asked for a resource of this name. */
export function subject(token: string, name: string, inputs: Readonly<Record<string, unknown>>): EngineSubject {
  return { urn: `urn:pulumi:stack::test::${token}::${name}`, token, inputs };
}

export async function madeBy(live: DockerLive, one: EngineSubject): Promise<EngineMade> {
  const made = await live.create(one);
  if ("leftOut" in made) throw new Error(`left out: ${made.leftOut}`);
  return made;
}
