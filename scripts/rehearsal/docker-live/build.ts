import { createReadStream, lstatSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import tar from "tar-stream";
import type { EngineMade, EngineSubject } from "../clouds/live-engine.ts";
import { contextOf, filesOf, instructionsOf } from "../clouds/tables/docker-build/context.ts";
import { ended, named } from "../docker-engine/build.ts";
import { bring, inspectImage, removeImage } from "./image.ts";
import { type Kind, type Workbench } from "./kind.ts";
import { isOwn, ownLabels } from "./ownership.ts";
import { EngineRefusal, asking } from "./refusals.ts";
import { isRecord, text, texts } from "./values.ts";

/** So that the Dockerfile is sent also where .dockerignore names it, or where it lies elsewhere or in the program. */
const OWN_DOCKERFILE = ".groundwork-rehearsal.Dockerfile";

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
  const { folder, dockerfile } = contextOf({ inputs, directory: bench.directory });
  if (folder === undefined || dockerfile === undefined) {
    return { leftOut: `${what} is not built: its context is not on this machine` };
  }
  const missing = await missingBase(bench, dockerfile, inputs["buildArgs"]);
  if (missing !== undefined) return { leftOut: `${what} cannot be built, because its base cannot be had: ${missing}` };
  const { buildArgs, labels, target } = inputs;
  const { docker, owner } = bench;
  await asking(`${what} cannot be built`, async () => {
    const output = await docker.buildImage(contextArchive(folder, dockerfile), {
      t: tag,
      dockerfile: OWN_DOCKERFILE,
      buildargs: strings(buildArgs),
      labels: { ...strings(labels), ...ownLabels(owner, urn) },
      // no bridge and no firewall stands between its commands and what they install
      networkmode: "host",
      forcerm: true,
      ...(text(target) === "" ? {} : { target: text(target) }),
    });
    await ended(docker, output);
    for (const other of texts(inputs["tags"]).slice(1)) await docker.getImage(tag).tag(named(other));
  });
  const info = await inspectImage(bench, tag);
  if (info === undefined) throw new EngineRefusal(`${what} is gone right after it was built: run this again`, 404);
  return { id: info.Id.replace("sha256:", ""), properties: { digest: info.Id, ref: tag } };
}

/** What .dockerignore leaves of a folder. It may name the Dockerfile too, which is sent beside it under a name of our own. */
function contextArchive(folder: string, dockerfile: string): NodeJS.ReadableStream {
  const archive = tar.pack();
  void packed(archive, folder, dockerfile).catch((error: unknown) =>
    archive.destroy(error instanceof Error ? error : new Error(String(error))),
  );
  return archive;
}

async function packed(archive: tar.Pack, folder: string, dockerfile: string): Promise<void> {
  for (const name of filesOf(folder)) {
    const path = join(folder, name);
    const stat = lstatSync(path);
    const { mode, size, mtime } = stat;
    if (stat.isSymbolicLink()) archive.entry({ name, type: "symlink", linkname: readlinkSync(path), mtime });
    else await pipeline(createReadStream(path), archive.entry({ name, mode, size, mtime }));
  }
  archive.entry({ name: OWN_DOCKERFILE }, dockerfile);
  archive.finalize();
}

function strings(value: unknown): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(isRecord(value) ? value : {}).map(([key, one]) => [key, text(one)]));
}

/** The images of other people that a Dockerfile begins with, brought where they are missing. */
async function missingBase(bench: Workbench, dockerfile: string, given: unknown): Promise<string | undefined> {
  for (const reference of basesOf(dockerfile, isRecord(given) ? given : {})) {
    const image = await bring(bench, reference);
    if ("missing" in image) return `${reference}: ${image.missing}`;
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
