import { isRecord } from "./values.ts";

/** What people do about the engine's own words. They are tried with Docker Engine 20.10 and read in github.com/moby/moby. */
const ADVICE: readonly (readonly [RegExp, string])[] = [
  [
    /port is already allocated|address already in use/i,
    "another program of this machine has that port: write another `external` port, or stop the program",
  ],
  [/pool overlaps|overlaps with other one/i, "write a subnet in ipamConfigs that no network of this engine has"],
  [
    /container name .* is already in use/i,
    "the name belongs to a container that this stack has not made: write another name, or remove that container yourself",
  ],
  [
    /network with name .* already exists/i,
    "the name belongs to a network that this stack has not made: write another name, or remove that network yourself",
  ],
  [
    /not a swarm manager|not part of a swarm/i,
    "run `docker swarm init` on that engine, or set groundwork:target to docker",
  ],
  [
    /no such image|pull access denied|manifest unknown/i,
    "write an image that the engine has or that a registry offers",
  ],
  [/range of cpus/i, "write fewer cpus, or rehearse on a larger machine"],
  [/minimum memory limit/i, "write a memory limit of at least 6 MiB"],
  [/rootfs is marked read-only/i, "set readOnly to false where there are uploads"],
  [
    /no space left on device/i,
    "free some space where the engine keeps its data (`docker system df` tells what takes it)",
  ],
  [/has active endpoints|in use|is using its/i, "remove what uses it first"],
  [/could not select device driver/i, "this engine has no GPU: leave gpus out"],
  [/unable to find user|no matching entries in passwd/i, "write `user` as uid:gid, or a user that the image has"],
  [/executable file not found|no such file or directory: unknown/i, "write a command that the image has"],
];

/** What a call of the engine was answered with, in one sentence that names the resource. */
export class EngineRefusal extends Error {
  override readonly name = "EngineRefusal";
  /** HTTP status; 0 where there was no answer. */
  readonly status: number;

  constructor(message: string, status: number) {
    super(message);
    this.status = status;
  }
}

/** `what` names the resource and what was to be done: `container "web" cannot be started`. */
export function refused(what: string, error: unknown): EngineRefusal {
  if (error instanceof EngineRefusal) return error;
  const status = statusOf(error);
  const reason = reasonOf(error);
  if (status === 0 && /ECONNREFUSED|ENOENT|EACCES|ECONNRESET|EPIPE|socket hang up/.test(reason)) {
    return new EngineRefusal(
      `${what}: the Docker Engine does not answer (${reason}): start it, then run this again`,
      0,
    );
  }
  const advice = ADVICE.find(([pattern]) => pattern.test(reason))?.[1];
  return new EngineRefusal(`${what}: ${reason}${advice === undefined ? "" : `; ${advice}`}`, status);
}

/** Runs a call of the engine, and names the resource in what it refuses. */
export async function asking<T>(what: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw refused(what, error);
  }
}

/** The same, but undefined where the engine has no such thing. */
export async function found<T>(what: string, call: () => Promise<T>): Promise<T | undefined> {
  try {
    return await call();
  } catch (error) {
    if (statusOf(error) === 404) return undefined;
    throw refused(what, error);
  }
}

export function statusOf(error: unknown): number {
  if (error instanceof EngineRefusal) return error.status;
  return isRecord(error) && typeof error["statusCode"] === "number" ? error["statusCode"] : 0;
}

/** The engine's own sentence, without what the client puts around it. */
function reasonOf(error: unknown): string {
  if (!isRecord(error)) return String(error);
  const { json, message } = error;
  const told = isRecord(json) && typeof json["message"] === "string" ? json["message"] : String(message);
  return told.trim().replaceAll(/\s*\n\s*/g, "; ");
}
