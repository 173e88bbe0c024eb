import * as dockerBuild from "@pulumi/docker-build";
import * as pulumi from "@pulumi/pulumi";
import { createHash } from "node:crypto";
import { readFileSync, readdirSync } from "node:fs";
import { join, relative, sep } from "node:path";

/** A registry that the build may push to. */
export interface RegistryLogin {
  /** Host name, e.g. `123456789012.dkr.ecr.us-west-2.amazonaws.com`. */
  readonly address: pulumi.Input<string>;
  readonly username: pulumi.Input<string>;
  /** A secret. */
  readonly password: pulumi.Input<string>;
}

export type Platform = dockerBuild.Platform;

/** Repositories to push an image to. */
export interface ImagePush {
  /** Repository URLs without a tag. All get the same image. */
  readonly repositories: readonly pulumi.Input<string>[];
  readonly registries: readonly RegistryLogin[];
}

export interface ReferenceImageArgs {
  /** Where to push it; default: it is loaded into the local Docker Engine. */
  readonly push?: ImagePush;
  /** CPU architectures to build for when it is pushed; default `linux/amd64`. The local engine gets its own. */
  readonly platforms?: readonly Platform[];
}

/** What an image is built from. */
interface ImageSources {
  /** With a Dockerfile in it. */
  readonly folder: string;
  /** Its name in the local engine. */
  readonly repository: string;
}

const REFERENCE: ImageSources = {
  folder: join(import.meta.dirname, "service"),
  repository: "groundwork/reference",
};

/**
 * The reference service as an image, built from the sources beside this file. Its tag is a hash of those sources: a
 * workload is replaced exactly when the service changes, on every machine alike.
 */
export class ReferenceImage extends pulumi.ComponentResource {
  /** The reference in the local engine, or the first repository's digest reference. */
  readonly ref: pulumi.Output<string>;
  /** A digest reference for each repository of `push`, in its order; empty for the local engine. */
  readonly refs: readonly pulumi.Output<string>[];

  constructor(name: string, args: ReferenceImageArgs = {}, opts?: pulumi.ComponentResourceOptions) {
    super("groundwork:reference:ReferenceImage", name, {}, opts);
    const { ref, refs } = buildImage(name, REFERENCE, args, this);
    this.refs = refs;
    this.ref = ref;
    this.registerOutputs({ ref });
  }
}

/** Builds an image from a folder and pushes it, or loads it into the local engine. */
export function buildImage(
  name: string,
  { folder, repository: local }: ImageSources,
  { push, platforms = ["linux/amd64"] }: ReferenceImageArgs,
  parent: pulumi.Resource,
): { readonly ref: pulumi.Output<string>; readonly refs: readonly pulumi.Output<string>[] } {
  const tag = sourceHash(folder);
  const repositories = push?.repositories ?? [local];
  // relative, so that two people with two folders see no difference
  const location = relative(process.cwd(), folder);
  const image = new dockerBuild.Image(
    `${name}-image`,
    {
      context: { location },
      dockerfile: { location: join(location, "Dockerfile") },
      tags: repositories.map((repository) => pulumi.interpolate`${repository}:${tag}`),
      ...(push === undefined
        ? { push: false, load: true }
        : { push: true, platforms: [...platforms], registries: [...push.registries] }),
    },
    { parent },
  );
  const refs =
    push === undefined ? [] : push.repositories.map((repository) => pulumi.interpolate`${repository}@${image.digest}`);
  return { refs, ref: refs[0] ?? pulumi.output(`${local}:${tag}`) };
}

/** Twelve hexadecimal digits over names and contents of all files of a folder; what was installed there is not part of it. */
export function sourceHash(folder: string): string {
  const hash = createHash("sha256");
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    // the same on every system
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll(sep, "/"))
    .filter((path) => !path.split("/").includes("node_modules"));
  for (const file of files.sort())
    hash
      .update(`${file}\0`)
      .update(readFileSync(join(folder, file)))
      .update("\0");
  return hash.digest("hex").slice(0, 12);
}
