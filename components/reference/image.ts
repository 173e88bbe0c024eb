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

export interface ReferenceImageArgs {
  /** Where to push it; default: it is loaded into the local Docker Engine. */
  readonly push?: {
    /** Repository URLs without a tag. All get the same image. */
    readonly repositories: readonly pulumi.Input<string>[];
    readonly registries: readonly RegistryLogin[];
  };
  /** CPU architectures to build for when it is pushed; default `linux/amd64`. The local engine gets its own. */
  readonly platforms?: readonly dockerBuild.Platform[];
}

const SERVICE = join(import.meta.dirname, "service");
const LOCAL_REPOSITORY = "groundwork/reference";

/**
 * The reference service as an image, built from the sources beside this file. Its tag is a hash of those sources: a
 * workload is replaced exactly when the service changes, on every machine alike.
 */
export class ReferenceImage extends pulumi.ComponentResource {
  /** The reference in the local engine, or the first repository's digest reference. */
  readonly ref: pulumi.Output<string>;
  /** A digest reference for each repository of `push`, in its order; empty for the local engine. */
  readonly refs: readonly pulumi.Output<string>[];

  constructor(
    name: string,
    { push, platforms = ["linux/amd64"] }: ReferenceImageArgs = {},
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("groundwork:reference:ReferenceImage", name, {}, opts);
    const tag = sourceHash(SERVICE);
    const repositories = push?.repositories ?? [LOCAL_REPOSITORY];
    const image = new dockerBuild.Image(
      `${name}-image`,
      {
        // relative, so that two people with two folders see no difference
        context: { location: relative(process.cwd(), SERVICE) },
        dockerfile: { location: join(relative(process.cwd(), SERVICE), "Dockerfile") },
        tags: repositories.map((repository) => pulumi.interpolate`${repository}:${tag}`),
        ...(push === undefined
          ? { push: false, load: true }
          : { push: true, platforms: [...platforms], registries: [...push.registries] }),
      },
      { parent: this },
    );
    this.refs =
      push === undefined
        ? []
        : push.repositories.map((repository) => pulumi.interpolate`${repository}@${image.digest}`);
    this.ref = this.refs[0] ?? pulumi.output(`${LOCAL_REPOSITORY}:${tag}`);
    this.registerOutputs({ ref: this.ref });
  }
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
