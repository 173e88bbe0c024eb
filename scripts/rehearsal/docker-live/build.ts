import { createReadStream, lstatSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { isAbsolute, relative } from "node:path";
import type Docker from "dockerode";
import tar from "tar-stream";
import type { EngineMade, EngineSubject } from "../clouds/live-engine.ts";
import { type Context, contextOf, filesOf, instructionsOf } from "../clouds/tables/docker-build/context.ts";
import { inspectImage, removeImage } from "./image.ts";
import { type Kind, type Workbench } from "./kind.ts";
import { isOwn, ownLabels } from "./ownership.ts";
import { EngineRefusal, asking } from "./refusals.ts";
import { isRecord, text, texts } from "./values.ts";

/** A Dockerfile that lies outside of its context gets this name inside it. */
const OWN_DOCKERFILE = ".groundwork-rehearsal.Dockerfile";
const TOLD_LINES = 3;

/**
 * An image that the engine builds from a Dockerfile and keeps. Nothing is pushed. The official provider leaves it on the
 * engine for good; a rehearsal takes it away again.
 */
export const builtImage: Kind = {
  create: (bench, subject) => build(bench, subject),
  update: async (bench, subject) => {
    const made = await build(bench, subject);
    if ("leftOut" in made) throw new EngineRefusal(made.leftOut, 0);
    return made;
  },
  async read(bench, subject) {
    const [tag] = texts(subject.inputs["tags"]);
    const info = tag === undefined ? undefined : await inspectImage(bench, tag);
    return info === undefined ? undefined : { properties: { digest: info.Id }, inputs: subject.inputs };
  },
  async remove(bench, subject) {
    for (const tag of texts(subject.inputs["tags"])) {
      const info = await inspectImage(bench, tag);
      if (info !== undefined && isOwn(info.Config.Labels, bench.owner)) {
        await removeImage(bench, tag, false, `image ${tag}`);
      }
    }
  },
};

async function build(bench: Workbench, subject: EngineSubject): Promise<EngineMade | { readonly leftOut: string }> {
  const { inputs, urn } = subject;
  const [tag = ""] = texts(inputs["tags"]);
  const what = `image ${tag || urn.split("::").at(-1)}`;
  if (inputs["push"] === true) return { leftOut: `${what} is not built: a rehearsal pushes nothing` };
  const context = contextOf({ inputs, directory: bench.directory });
  if (context.folder === undefined || context.dockerfile === undefined) {
    return { leftOut: `${what} is not built: its context is not on this machine` };
  }
  const missing = await missingBase(bench, context.dockerfile, inputs["buildArgs"]);
  if (missing !== undefined) return { leftOut: `${what} cannot be built, because its base cannot be had: ${missing}` };
  const { buildArgs, labels, target } = inputs;
  await asking(`${what} cannot be built`, async () => {
    const { archive, dockerfile } = archiveOf(context);
    const output = await bench.docker.buildImage(archive, {
      dockerfile,
      t: tag,
      rm: true,
      forcerm: true,
      // so does the machine's own client: names are resolved as here, which a bridge of a private engine may not do
      networkmode: "host",
      labels: { ...(isRecord(labels) ? (labels as Record<string, string>) : {}), ...ownLabels(bench.owner, urn) },
      ...(isRecord(buildArgs) ? { buildargs: buildArgs as Record<string, string> } : {}),
      ...(text(target) === "" ? {} : { target: text(target) }),
    });
    await finished(bench.docker, output);
  });
  const info = await inspectImage(bench, tag);
  if (info === undefined) throw new EngineRefusal(`${what} is gone right after it was built: run this again`, 404);
  for (const other of texts(inputs["tags"]).slice(1)) {
    const at = other.lastIndexOf(":");
    await bench.docker.getImage(tag).tag({ repo: other.slice(0, at), tag: other.slice(at + 1) });
  }
  return { id: info.Id.replace("sha256:", ""), properties: { digest: info.Id, ref: tag } };
}

/** The engine's answer is its log, with the error in it where there is one. */
async function finished(docker: Docker, output: NodeJS.ReadableStream): Promise<void> {
  const said: string[] = [];
  await new Promise<void>((resolve, reject) => {
    docker.modem.followProgress(
      output,
      (error: Error | null) => {
        if (error === null) resolve();
        else reject(new Error(`${error.message.trim()}${said.length === 0 ? "" : ` (${said.join(" | ")})`}`));
      },
      ({ stream }: { stream?: string }) => {
        const line = stream?.trim() ?? "";
        if (line === "") return;
        said.push(line);
        if (said.length > TOLD_LINES) said.shift();
      },
    );
  });
}

/** The images of other people that a Dockerfile begins with, brought where they are missing. */
async function missingBase(bench: Workbench, dockerfile: string, given: unknown): Promise<string | undefined> {
  for (const reference of basesOf(dockerfile, isRecord(given) ? given : {})) {
    if ((await inspectImage(bench, reference)) !== undefined) continue;
    bench.brought.add(reference);
    const image = await bench.ensureImage(reference);
    if ("missing" in image) {
      bench.brought.remove(reference);
      return `${reference}: ${image.missing}`;
    }
    if (image.standIn !== undefined) bench.note(`${reference} is stood in for by ${image.standIn}`);
  }
  return undefined;
}

/** What stands behind FROM, but for stages. https://docs.docker.com/reference/dockerfile/#understand-how-arg-and-from-interact */
export function basesOf(dockerfile: string, given: Readonly<Record<string, unknown>>): string[] {
  const values = new Map<string, string>();
  const stages = new Set(["scratch"]);
  const bases = new Set<string>();
  for (const { name, rest } of instructionsOf(dockerfile)) {
    if (name === "ARG") {
      const [key = "", ...value] = rest.split("=");
      values.set(key, text(given[key]) || value.join("=").replace(/^"(.*)"$/, "$1"));
    } else if (name === "FROM") {
      const [base = "", , stage] = rest.replace(/^(--\S+\s+)+/, "").split(/\s+/);
      const reference = base.replace(/\$\{?(\w+)\}?/g, (_, key: string) => values.get(key) ?? "");
      if (!stages.has(reference)) bases.add(reference);
      if (stage !== undefined) stages.add(stage);
    }
  }
  return [...bases];
}

/** The context without what .dockerignore leaves out, and the Dockerfile's path in it. */
function archiveOf(context: Context): { archive: tar.Pack; dockerfile: string } {
  const { folder = ".", dockerfile = "", dockerfilePath } = context;
  const inside = relative(folder, isAbsolute(dockerfilePath) ? dockerfilePath : join(process.cwd(), dockerfilePath));
  const files = filesOf(folder);
  const isInside = !inside.startsWith("..") && files.includes(inside);
  const archive = tar.pack();
  void pack(archive, folder, files, isInside ? undefined : dockerfile).catch((error: unknown) =>
    archive.destroy(error instanceof Error ? error : new Error(String(error))),
  );
  return { archive, dockerfile: isInside ? inside : OWN_DOCKERFILE };
}

async function pack(archive: tar.Pack, folder: string, files: readonly string[], dockerfile?: string): Promise<void> {
  for (const name of files) {
    const path = join(folder, name);
    const { mode, size, mtime } = lstatSync(path);
    const isLink = lstatSync(path).isSymbolicLink();
    if (isLink) archive.entry({ name, type: "symlink", linkname: readlinkSync(path), mtime });
    else await pipeline(createReadStream(path), archive.entry({ name, mode, size, mtime }));
  }
  if (dockerfile !== undefined) archive.entry({ name: OWN_DOCKERFILE }, dockerfile);
  archive.finalize();
}
