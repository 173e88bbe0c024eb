import type { EngineMade, EngineSubject } from "../clouds/live-engine.ts";
import { contextOf, instructionsOf } from "../clouds/tables/docker-build/context.ts";
import { CONTAINER } from "../clouds/tables/docker/rules.ts";
import { buildImage } from "../docker-engine/index.ts";
import { bring, inspectImage, removeImage } from "./image.ts";
import { type Kind, type Workbench } from "./kind.ts";
import { OWNER_LABEL, TAGS_LABEL, isMadeAs, isOwn, ownLabels } from "./ownership.ts";
import { EngineRefusal, asking, statusOf } from "./refusals.ts";
import { isRecord, text, texts } from "./values.ts";

/** https://docs.docker.com/reference/api/engine/version/v1.41/#tag/Image/operation/ImageDelete */
const CONFLICT = 409;

/**
 * An image that the engine builds from a Dockerfile and keeps. Nothing is pushed. The official provider leaves it on the
 * engine for good; a rehearsal takes it away again.
 */
export const builtImage: Kind = {
  create: (bench, subject) => build(bench, subject),
  async update(bench, subject) {
    const made = await build(bench, subject);
    if ("leftOut" in made) throw new EngineRefusal(made.leftOut, 0);
    return made;
  },
  async read(bench, subject) {
    const [tag] = texts(subject.inputs["tags"]);
    const info = tag === undefined ? undefined : await inspectImage(bench, tag);
    return info === undefined ? undefined : { properties: { digest: info.Id }, inputs: subject.inputs };
  },
  async remove(bench, subject, id) {
    for (const tag of texts(subject.inputs["tags"])) {
      const info = await inspectImage(bench, tag);
      if (info === undefined || !isOwn(info.Config.Labels, bench.owner)) continue;
      await unlessInUse(
        () => removeImage(bench, tag, false, `image ${tag}`),
        async () => {
          const isRun = await isRunByOthers(bench, info.Id);
          if (isRun) bench.note(`image ${tag} stays: containers of another rehearsal run it`);
          return isRun;
        },
      );
    }
    // one of which another rehearsal has taken the name, by building the same
    const nameless = await inspectImage(bench, id);
    if (nameless === undefined || !isOwn(nameless.Config.Labels, bench.owner)) return;
    await unlessInUse(
      () => removeImage(bench, id, false, `image ${id}`),
      () => Promise.resolve(true),
    );
  },
};

async function unlessInUse(remove: () => Promise<void>, mayStay: () => Promise<boolean>): Promise<void> {
  try {
    await remove();
  } catch (error) {
    if (statusOf(error) !== CONFLICT || !(await mayStay())) throw error;
  }
}

/** For a moment its name was theirs, too: each reads which image has it right after building its own. */
async function isRunByOthers({ docker, owner }: Workbench, image: string): Promise<boolean> {
  const containers = await asking("what runs an image cannot be listed", () =>
    docker.listContainers({ all: true, filters: { ancestor: [image] } }),
  );
  return containers.some(({ Labels }) => isMadeAs(CONTAINER, Labels) && !isOwn(Labels, owner));
}

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
  const { docker, owner, isPrivate } = bench;
  const tags = texts(inputs["tags"]);
  for (const each of tags) {
    const there = await inspectImage(bench, each);
    if (there === undefined) continue;
    // it loses its name to the new one, and containers may still run on it
    if (isOwn(there.Config.Labels, owner)) bench.layers.add(there.Id);
    if (there.Config.Labels?.[OWNER_LABEL] === undefined) {
      throw new EngineRefusal(
        `${what} is not built: the engine has an image ${each} that no rehearsal has made; write another tag, or remove that image yourself`,
        409,
      );
    }
  }
  await asking(`${what} cannot be built`, () =>
    buildImage(docker, {
      context: folder,
      // it may lie elsewhere, or in the program
      instructions: dockerfile,
      tags,
      buildArgs: strings(buildArgs),
      labels: { ...strings(labels), ...ownLabels(owner, urn), [TAGS_LABEL]: tags.join(" ") },
      ...(text(target) === "" ? {} : { target: text(target) }),
      // a private engine keeps them for the next rehearsal
      ...(isPrivate ? {} : { onLayer: (id: string) => bench.layers.add(id) }),
    }),
  );
  const info = await inspectImage(bench, tag);
  if (info === undefined) throw new EngineRefusal(`${what} is gone right after it was built: run this again`, 404);
  return { id: info.Id.replace("sha256:", ""), properties: { digest: info.Id, ref: tag } };
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

/**
 * What stands behind FROM and in COPY --from, but for stages.
 * https://docs.docker.com/reference/dockerfile/#understand-how-arg-and-from-interact
 */
export function basesOf(dockerfile: string, given: Readonly<Record<string, unknown>>): string[] {
  const values = new Map<string, string>();
  const stages = new Set(["scratch"]);
  const bases = new Set<string>();
  const add = (reference: string) => {
    if (!stages.has(reference.toLowerCase())) bases.add(reference);
  };
  let isInStage = false;
  for (const { name, rest } of instructionsOf(dockerfile)) {
    // FROM knows only the arguments before the first one
    if (name === "ARG" && !isInStage) {
      for (const [, key = "", value = ""] of rest.matchAll(/(\w+)(?:=("[^"]*"|'[^']*'|\S*))?/g)) {
        values.set(key, text(given[key]) || filledIn(value.replace(/^(["'])(.*)\1$/, "$2"), values));
      }
    } else if (name === "FROM") {
      isInStage = true;
      const [base = "", , stage] = rest.replace(/^(--\S+\s+)+/, "").split(/\s+/);
      add(filledIn(base, values));
      if (stage !== undefined) stages.add(stage.toLowerCase());
    } else if (name === "COPY") {
      const source = /^(?:--\S+\s+)*?--from=(\S+)/.exec(rest)?.[1];
      if (source !== undefined && !/^\d+$/.test(source)) add(source);
    }
  }
  return [...bases];
}

/** https://docs.docker.com/reference/dockerfile/#environment-replacement */
function filledIn(written: string, values: ReadonlyMap<string, string>): string {
  return written.replace(
    /\$(?:(\w+)|\{(\w+)(?::([-+])([^}]*))?\})/g,
    (_, plain?: string, braced?: string, sign?: string, word?: string) => {
      const value = values.get(plain ?? braced ?? "") ?? "";
      if (sign === undefined) return value;
      return (sign === "-") === (value !== "") ? value : (word ?? "");
    },
  );
}
