import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type Docker from "dockerode";
import { BadInput } from "@groundwork/lib/errors";
import { PrivateEngine } from "./private.ts";
import type { DockerEngine, EngineOptions } from "./types.ts";

/** How long an engine may take to say that it is there; it may be on another machine. */
const PING_MS = 10_000;

/**
 * The Docker Engine that `DOCKER_HOST` names or that answers on the default socket, and otherwise a private one of this
 * rehearsal folder.
 * @throws BadInput when there is none and none can be started
 */
export async function ensureDockerEngine(options: EngineOptions): Promise<DockerEngine> {
  const found = await findDockerEngine();
  if (found !== undefined) return found;
  const { DOCKER_HOST: host } = process.env;
  if (host !== undefined && host !== "")
    throw new BadInput(
      `no Docker Engine answers at ${host}: start it, or unset DOCKER_HOST, so that the rehearsal starts one of its own`,
    );
  return PrivateEngine.join(options);
}

/** The engine that the `docker` command would speak to without a context; undefined where none answers. */
export async function findDockerEngine(): Promise<DockerEngine | undefined> {
  const { default: Client } = await import("dockerode");
  const docker = new Client();
  if (!(await answers(docker))) return undefined;
  const host = process.env["DOCKER_HOST"] || `unix://${defaultSocket()}`;
  return { docker, host, isPrivate: false, stop: () => Promise.resolve() };
}

async function answers(docker: Docker): Promise<boolean> {
  try {
    return await Promise.race([docker.ping().then(() => true), sleep(PING_MS, false, { ref: false })]);
  } catch {
    return false;
  }
}

/** As dockerode chooses it. https://docs.docker.com/desktop/setup/install/mac-permission-requirements/ */
function defaultSocket(): string {
  const own = join(homedir(), ".docker/run/docker.sock");
  return existsSync(own) ? own : "/var/run/docker.sock";
}
