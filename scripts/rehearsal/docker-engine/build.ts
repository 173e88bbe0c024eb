import type Docker from "dockerode";
import { contextArchive } from "./context.ts";

export interface BuildJob {
  /** Folder that is sent, without what its `.dockerignore` names. */
  readonly context: string;
  /** Below the context; it is sent also where `.dockerignore` names it. Default `Dockerfile`. */
  readonly dockerfile?: string;
  /** The text of a Dockerfile that does not lie in the context. Default: `dockerfile` is read. */
  readonly instructions?: string;
  readonly tags: readonly string[];
  readonly buildArgs?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  /** The stage at which it ends. Default: the last one. */
  readonly target?: string;
  /** Whether layers of earlier builds are taken. Default true. */
  readonly cache?: boolean;
  /**
   * Called with the id of each image that it makes on its way and that was not there before, also when it fails then. The
   * engine keeps them without a name for later builds: the stages, and what a failed build has come to.
   */
  readonly onLayer?: (id: string) => void;
}

interface Event {
  readonly stream?: string;
  readonly error?: string;
}

/** What of a failed command's output a message tells. */
const LAST_LINES = 12;

/**
 * Builds an image by the engine's own builder, which needs nothing from a registry but what FROM names and the engine does
 * not have, and returns its id. Commands use the machine's network, so that no bridge and no firewall stands between them
 * and the packages that they install.
 */
export async function buildImage(docker: Docker, job: BuildJob): Promise<string> {
  const [first = "", ...others] = job.tags;
  const { context, instructions, onLayer } = job;
  const known = onLayer === undefined ? undefined : await everyImage(docker);
  const sent = contextArchive(
    context,
    instructions === undefined ? { path: job.dockerfile ?? "Dockerfile" } : { text: instructions },
  );
  const stream = await docker.buildImage(sent.archive, {
    t: first,
    dockerfile: sent.dockerfile,
    buildargs: { ...job.buildArgs },
    labels: { ...job.labels },
    networkmode: "host",
    forcerm: true,
    nocache: job.cache === false,
    ...(job.target !== undefined && { target: job.target }),
  });
  try {
    await ended(docker, stream, (line) => {
      const id = LAYER.exec(line)?.[1];
      if (id !== undefined && known?.some((one) => one.startsWith(id)) === false) onLayer?.(id);
    });
  } catch (error) {
    throw new Error(`${first} cannot be built: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
  const image = docker.getImage(first);
  for (const tag of others) await image.tag(named(tag));
  return (await image.inspect()).Id;
}

/** As the builder tells of each step. https://github.com/moby/moby/blob/master/daemon/builder/dockerfile/builder.go */
const LAYER = /^ ---> ([0-9a-f]{12})$/;

/** Also those that others are made of. Without `sha256:`. */
async function everyImage(docker: Docker): Promise<string[]> {
  return (await docker.listImages({ all: true })).map(({ Id }) => Id.replace("sha256:", ""));
}

/** Engines differ in what they say of an image that has none. */
export function tagsOf({ RepoTags }: { readonly RepoTags?: readonly string[] | null }): readonly string[] {
  return (RepoTags ?? []).filter((tag) => tag !== "<none>:<none>");
}

/**
 * Removes what builds have made on their way, the newest first: the engine takes what it was made of along. What has got a
 * name, or is used by something else, stays.
 * @returns the ids of those that are still in use
 */
export async function removeLayers(docker: Docker, ids: readonly string[]): Promise<string[]> {
  const left: string[] = [];
  for (const id of ids.toReversed()) {
    try {
      const image = docker.getImage(id);
      if (tagsOf(await image.inspect()).length === 0) await image.remove();
    } catch (error) {
      const { statusCode } = error as { statusCode?: number };
      if (statusCode === 409) left.push(id);
      else if (statusCode !== 404) throw error;
    }
  }
  return left;
}

/**
 * Waits until what the engine tells about its work ends.
 * @throws Error with its reason and the last lines before
 */
export async function ended(
  docker: Docker,
  stream: NodeJS.ReadableStream,
  onLine?: (line: string) => void,
): Promise<void> {
  const lines: string[] = [];
  let refused: string | undefined;
  await new Promise<void>((resolve, reject) => {
    docker.modem.followProgress(
      stream,
      (error: Error | null) => (error === null ? resolve() : reject(error)),
      // a failure is one more event, and the answer's status is 200 all the same
      (event: Event) => {
        refused ??= event.error;
        const told = (event.stream ?? "").split("\n").filter((line) => line.trim() !== "");
        told.forEach((line) => onLine?.(line));
        lines.push(...told);
      },
    );
  });
  if (refused !== undefined) throw new Error([refused, ...lines.slice(-LAST_LINES)].join("\n"));
}

/** A reference's repository and tag, as the engine wants them apart; a digest is left out, since nobody can give one. */
export function named(reference: string): { repo: string; tag: string } {
  const [name = ""] = reference.split("@");
  const colon = name.indexOf(":", name.lastIndexOf("/") + 1);
  return colon === -1 ? { repo: name, tag: "latest" } : { repo: name.slice(0, colon), tag: name.slice(colon + 1) };
}
