import { existsSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import type { EngineMade, EngineSubject } from "../clouds/live-engine.ts";
import { contextOf, instructionsOf } from "../clouds/tables/docker-build/context.ts";
import { buildImage } from "../docker-engine/index.ts";
import { bring, inspectImage, removeImage } from "./image.ts";
import { type Kind, type Workbench } from "./kind.ts";
import { isOwn, ownLabels } from "./ownership.ts";
import { EngineRefusal, asking } from "./refusals.ts";
import { isRecord, text, texts } from "./values.ts";

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
  const { folder, dockerfile, dockerfilePath } = contextOf({ inputs, directory: bench.directory });
  const inside = folder === undefined ? undefined : pathInside(folder, dockerfilePath, bench.directory);
  if (folder === undefined || dockerfile === undefined || inside === undefined) {
    return { leftOut: `${what} is not built: its Dockerfile is no file of a context on this machine` };
  }
  const missing = await missingBase(bench, dockerfile, inputs["buildArgs"]);
  if (missing !== undefined) return { leftOut: `${what} cannot be built, because its base cannot be had: ${missing}` };
  const { buildArgs, labels, target } = inputs;
  await asking(`${what} cannot be built`, () =>
    buildImage(bench.docker, {
      context: folder,
      dockerfile: inside,
      tags: texts(inputs["tags"]),
      labels: { ...strings(labels), ...ownLabels(bench.owner, urn) },
      buildArgs: strings(buildArgs),
      ...(text(target) === "" ? {} : { target: text(target) }),
    }),
  );
  const info = await inspectImage(bench, tag);
  if (info === undefined) throw new EngineRefusal(`${what} is gone right after it was built: run this again`, 404);
  return { id: info.Id.replace("sha256:", ""), properties: { digest: info.Id, ref: tag } };
}

/** The Dockerfile's path inside its context, which is all that the engine sees. */
function pathInside(folder: string, dockerfilePath: string, directory: string): string | undefined {
  const path = relative(folder, resolve(directory, dockerfilePath));
  return path.startsWith("..") || !existsSync(join(folder, path)) ? undefined : path;
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
