import type Docker from "dockerode";

export interface BuildJob {
  /** Folder that is sent, without what its `.dockerignore` names. */
  readonly context: string;
  /** Below the context. Default `Dockerfile`. */
  readonly dockerfile?: string;
  readonly tags: readonly string[];
  readonly buildArgs?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  /** The stage at which it ends. Default: the last one. */
  readonly target?: string;
  /** Whether layers of earlier builds are taken. Default true. */
  readonly cache?: boolean;
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
  const stream = await docker.buildImage(
    { context: job.context, src: ["."] },
    {
      t: first,
      dockerfile: job.dockerfile ?? "Dockerfile",
      buildargs: { ...job.buildArgs },
      labels: { ...job.labels },
      networkmode: "host",
      forcerm: true,
      nocache: job.cache === false,
      ...(job.target !== undefined && { target: job.target }),
    },
  );
  try {
    await ended(docker, stream);
  } catch (error) {
    throw new Error(`${first} cannot be built: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
  const image = docker.getImage(first);
  for (const tag of others) await image.tag(named(tag));
  return (await image.inspect()).Id;
}

/**
 * Waits until what the engine tells about its work ends.
 * @throws Error with its reason and the last lines before
 */
export async function ended(docker: Docker, stream: NodeJS.ReadableStream): Promise<void> {
  const lines: string[] = [];
  let refused: string | undefined;
  await new Promise<void>((resolve, reject) => {
    docker.modem.followProgress(
      stream,
      (error: Error | null) => (error === null ? resolve() : reject(error)),
      // a failure is one more event, and the answer's status is 200 all the same
      (event: Event) => {
        refused ??= event.error;
        lines.push(...(event.stream ?? "").split("\n").filter((line) => line.trim() !== ""));
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
