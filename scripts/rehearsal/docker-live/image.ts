import type { ImageInspectInfo } from "dockerode";
import type { Properties } from "../clouds/table.ts";
import type { MissingImage, PresentImage } from "../docker-engine/index.ts";
import { repositoryOf } from "../clouds/tables/docker/rules.ts";
import { type Kind, type Workbench, called } from "./kind.ts";
import { EngineRefusal, asking, found } from "./refusals.ts";
import { text } from "./values.ts";
import { removed } from "./waiting.ts";

/**
 * An image that the engine has, pulls, or gets a stand-in for. Images carry no label that could be added: what a rehearsal
 * brought is written down, and only that is ever removed.
 * https://github.com/kreuzwerker/terraform-provider-docker/blob/master/internal/provider/resource_docker_image_funcs.go
 */
export const remoteImage: Kind = {
  async create(bench, subject) {
    const reference = text(subject.inputs["name"]);
    const image = await bring(bench, reference);
    if ("missing" in image) return { leftOut: `${reference}: ${image.missing}` };
    const info = (await inspectImage(bench, reference)) ?? (await inspectImage(bench, image.id));
    return info === undefined ? { leftOut: `${reference}: it is gone right after it came` } : made(reference, info);
  },

  // how it is removed is all that can change
  async update(bench, subject, id) {
    const info = await inspectImage(bench, text(subject.inputs["name"]));
    return { id, properties: info === undefined ? {} : told(text(subject.inputs["name"]), info) };
  },

  async read(bench, subject, id) {
    const reference = text(subject.inputs["name"]);
    const info = (await inspectImage(bench, reference)) ?? (await inspectImage(bench, id.replace(reference, "")));
    return info === undefined ? undefined : { properties: told(reference, info), inputs: subject.inputs };
  },

  async remove(bench, subject) {
    for (const name of namesOf(text(subject.inputs["name"])).filter((each) => bench.brought.has(each))) {
      await removeImage(bench, name, subject.inputs["forceRemove"] === true, called(subject, "image"));
      bench.brought.remove(name);
    }
  },
};

/** Another name for an image. */
export const tag: Kind = {
  async create(bench, subject) {
    const { sourceImage, targetImage } = subject.inputs;
    const what = `tag "${text(targetImage)}"`;
    const target = text(targetImage);
    const there = await inspectImage(bench, target);
    if (there === undefined) bench.brought.add(target);
    else if (!bench.brought.has(target) && there.Id !== (await inspectImage(bench, text(sourceImage)))?.Id) {
      throw new EngineRefusal(
        `${what} is not set: the engine has another image of that name, which this stack has not brought: write another targetImage, or remove that image yourself`,
        409,
      );
    }
    await asking(`${what} cannot be set`, () =>
      bench.docker.getImage(text(sourceImage)).tag({ repo: repositoryOf(target), tag: tagOf(target) }),
    );
    const info = await inspectImage(bench, target);
    return { id: `${text(sourceImage)}.${target}`, properties: { sourceImageId: info?.Id ?? text(sourceImage) } };
  },

  async read(bench, subject) {
    const { sourceImage, targetImage } = subject.inputs;
    const [source, target] = await Promise.all([sourceImage, targetImage].map((one) => inspectImage(bench, text(one))));
    // moved by somebody else: to be set anew
    if (target === undefined || (source !== undefined && source.Id !== target.Id)) return undefined;
    return { properties: { sourceImageId: target.Id }, inputs: subject.inputs };
  },

  async remove(bench, subject) {
    const target = text(subject.inputs["targetImage"]);
    if (!bench.brought.has(target)) return;
    await removeImage(bench, target, false, `tag "${target}"`);
    bench.brought.remove(target);
  },
};

/** Pushing needs a registry, which a rehearsal has not. */
export const registryImage: Kind = {
  create: ({ note }, { inputs }) => {
    const leftOut = `${text(inputs["name"])} is not pushed: a rehearsal pushes nothing`;
    note(leftOut);
    return Promise.resolve({ leftOut });
  },
  read: (_, { inputs }) => Promise.resolve({ properties: {}, inputs }),
  remove: () => Promise.resolve(),
};

/** Brings an image to the engine, and writes down that it was not there before. */
export async function bring(bench: Workbench, reference: string): Promise<PresentImage | MissingImage> {
  const fresh: string[] = [];
  for (const name of namesOf(reference)) if ((await inspectImage(bench, name)) === undefined) fresh.push(name);
  for (const name of fresh) bench.brought.add(name);
  const image = await bench.ensureImage(reference);
  if ("missing" in image) for (const name of fresh) bench.brought.remove(name);
  if ("standIn" in image && image.standIn !== undefined) {
    bench.note(`${reference} is stood in for by ${image.standIn}`);
  }
  return image;
}

/** An image that is asked for by its digest gets its tag as well, and nobody can give a stand-in a digest. */
function namesOf(reference: string): string[] {
  const [tagged = reference, digest] = reference.split("@");
  return digest === undefined ? [reference] : [reference, tagged];
}

export function inspectImage({ docker }: Workbench, reference: string): Promise<ImageInspectInfo | undefined> {
  return found(`image ${reference} cannot be read`, () => docker.getImage(reference).inspect());
}

/** Takes a name off an image; the image goes with its last one. */
export async function removeImage(
  { docker }: Workbench,
  reference: string,
  force: boolean,
  what: string,
): Promise<void> {
  await removed(what, () => docker.getImage(reference).remove({ force }) as Promise<unknown>, 0);
}

function made(reference: string, info: ImageInspectInfo) {
  return { id: `${info.Id}${reference}`, properties: told(reference, info) };
}

function told(reference: string, info: ImageInspectInfo): Properties {
  const repository = repositoryOf(reference);
  // only what a registry has given has a digest; what was built here is told apart by its id
  const digest = info.RepoDigests?.find((one) => repositoryOf(one) === repository) ?? info.RepoDigests?.[0];
  return { imageId: info.Id, repoDigest: digest ?? info.Id };
}

function tagOf(reference: string): string {
  return /:([\w][\w.-]{0,127})$/.exec(reference)?.[1] ?? "latest";
}
