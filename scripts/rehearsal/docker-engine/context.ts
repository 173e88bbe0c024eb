import { createReadStream, existsSync, lstatSync, readFileSync, readlinkSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { pipeline } from "node:stream/promises";
import tar from "tar-stream";
import { filesOf } from "../clouds/tables/docker-build/context.ts";

/** Of a Dockerfile that does not lie in the context. */
const OWN_DOCKERFILE = ".groundwork.Dockerfile";
const IGNORED = ".dockerignore";

/** What is sent to an engine's builder, and the name of the Dockerfile in it. */
export interface SentContext {
  readonly archive: NodeJS.ReadableStream;
  readonly dockerfile: string;
}

/**
 * A folder without what its `.dockerignore` names. The Dockerfile and the `.dockerignore` are sent in any case, as the
 * `docker` command does it: the builder reads both, and then leaves out itself what is not to be copied.
 * https://docs.docker.com/build/concepts/context/#dockerignore-files
 * @param dockerfile the path below the folder, or the text of one that is not there
 */
export function contextArchive(
  folder: string,
  dockerfile: { readonly path: string } | { readonly text: string },
): SentContext {
  const archive = tar.pack();
  const name = "path" in dockerfile ? normalize(dockerfile.path) : OWN_DOCKERFILE;
  const texts = new Map<string, string>();
  if ("text" in dockerfile) {
    texts.set(OWN_DOCKERFILE, dockerfile.text);
    texts.set(IGNORED, `${readIfThere(join(folder, IGNORED)) ?? IGNORED}\n${OWN_DOCKERFILE}\n`);
  }
  const files = new Set([...filesOf(folder), ...[name, IGNORED].filter((path) => existsSync(join(folder, path)))]);
  void packed(archive, folder, [...files].sort(), texts).catch((error: unknown) =>
    archive.destroy(error instanceof Error ? error : new Error(String(error))),
  );
  return { archive, dockerfile: name };
}

async function packed(
  archive: tar.Pack,
  folder: string,
  files: readonly string[],
  texts: ReadonlyMap<string, string>,
): Promise<void> {
  const folders = new Set(files.flatMap((name) => foldersAbove(name)));
  for (const name of folders) {
    const { mode, mtime } = lstatSync(join(folder, name));
    archive.entry({ name, type: "directory", mode, mtime });
  }
  for (const name of files.filter((each) => !texts.has(each))) {
    const path = join(folder, name);
    const stat = lstatSync(path);
    const { mode, size, mtime } = stat;
    if (stat.isSymbolicLink()) archive.entry({ name, type: "symlink", linkname: readlinkSync(path), mtime });
    // a socket or a pipe has no content to send
    else if (stat.isFile()) await pipeline(createReadStream(path), archive.entry({ name, mode, size, mtime }));
  }
  for (const [name, text] of texts) archive.entry({ name }, text);
  archive.finalize();
}

/** From the outermost one inwards. */
function foldersAbove(path: string): string[] {
  const parent = dirname(path);
  return parent === "." ? [] : [...foldersAbove(parent), parent];
}

function readIfThere(file: string): string | undefined {
  return existsSync(file) ? readFileSync(file, "utf8") : undefined;
}
