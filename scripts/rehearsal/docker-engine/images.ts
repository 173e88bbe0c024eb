import type Docker from "dockerode";
import { ended, named } from "./build.ts";
import { ensureStandIn, isStandIn, readStandIns } from "./stand-ins.ts";
import type { DockerEngine, ImageOptions, MissingImage, PresentImage } from "./types.ts";

/** Registries that did not answer, asked once a process: each attempt may take as long as a connection does to fail. */
const unreachable = new Set<string>();

/**
 * The image of this reference: what the engine has, or what its registry has, by digest. Where no registry answers, the
 * stand-in that is listed for it, under the official reference.
 * @throws Error when the registry answers and refuses, in its own words
 */
export async function ensureImage(
  engine: Pick<DockerEngine, "docker">,
  reference: string,
  options: ImageOptions,
): Promise<PresentImage | MissingImage> {
  const { docker } = engine;
  const present = await inspect(docker, reference);
  if (present !== undefined && !present.isStandIn) return { id: present.id };
  const pulled = await tryToPull(docker, reference, options);
  if (pulled !== undefined) return { id: pulled };
  const { standIns: folder } = options;
  const registry = registryOf(reference);
  if (folder === undefined) return { missing: `the registry ${registry} cannot be reached` };
  const { standIns, leftOut } = readStandIns(folder);
  const { repo } = named(reference);
  const standIn = standIns[repo];
  if (standIn === undefined)
    return { missing: leftOut[repo] ?? `the registry ${registry} cannot be reached, and there is no stand-in` };
  const id = await ensureStandIn(docker, reference, standIn, { ...options, standIns: folder });
  return { id, standIn: standIn.of };
}

async function inspect(docker: Docker, reference: string): Promise<{ id: string; isStandIn: boolean } | undefined> {
  try {
    const image = await docker.getImage(reference).inspect();
    return { id: image.Id, isStandIn: isStandIn(image) };
  } catch (error) {
    if ((error as { statusCode?: number }).statusCode === 404) return undefined;
    throw error;
  }
}

/** The id of what the registry has, or undefined where it does not answer. */
async function tryToPull(docker: Docker, reference: string, { progress }: ImageOptions): Promise<string | undefined> {
  const registry = registryOf(reference);
  if (unreachable.has(registry)) return undefined;
  try {
    const digest = reference.split("@")[1] ?? (await digestOf(docker, reference));
    const { repo, tag } = named(reference);
    progress(`images: pulling ${repo}:${tag}`);
    const pinned = `${repo}@${digest}`;
    await ended(docker, await docker.pull(pinned));
    const image = docker.getImage(pinned);
    await image.tag({ repo, tag });
    return (await image.inspect()).Id;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (!NO_ANSWER.test(message)) throw new Error(`${reference} cannot be pulled: ${message}`, { cause: error });
    unreachable.add(registry);
    return undefined;
  }
}

/** As Go's net and net/http tell that nobody answered, and nobody refused. */
const NO_ANSWER =
  /dial tcp|no such host|i\/o timeout|connection re(?:fused|set)|Client\.Timeout|context deadline exceeded|TLS handshake|x509:|proxyconnect|unreachable|: EOF/;

/** https://docs.docker.com/reference/api/engine/version/v1.41/#tag/Distribution */
async function digestOf(docker: Docker, reference: string): Promise<string> {
  const { Descriptor } = (await docker.getImage(reference).distribution()) as {
    readonly Descriptor: { readonly digest: string };
  };
  return Descriptor.digest;
}

/** https://github.com/distribution/reference/blob/main/normalize.go: a first part with a dot or a colon is a host. */
export function registryOf(reference: string): string {
  const [first = "", ...rest] = reference.split("/");
  return rest.length > 0 && (/[.:]/.test(first) || first === "localhost") ? first : "docker.io";
}
