import { createHash } from "node:crypto";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join, relative } from "node:path";
import type Docker from "dockerode";
import type { ImageInspectInfo } from "dockerode";
import { execa } from "execa";
import { BadInput } from "@groundwork/lib/errors";
import { groundworkRoot } from "../home.ts";
import { takeLockInTurn } from "../lock.ts";
import { type BuildJob, buildImage, ended, named, removeLayers, tagsOf } from "./build.ts";
import type { ImageOptions } from "./types.ts";

/** How one image is made where no registry can be reached. */
export interface StandIn {
  /** Of its Dockerfile. */
  readonly folder: string;
  /** What runs in it, e.g. `PostgreSQL 17 of Debian 13`. */
  readonly of: string;
  /** npm packages that the build finds below `packages/`, by file name; `{arch}` and `{version}` are the machine's and the tag's. */
  readonly packages?: Readonly<Record<string, string>>;
  /** Build arguments of a folder from which several are made. */
  readonly args?: Readonly<Record<string, string>>;
}

/** `stand-ins.json` of a folder of stand-ins. Both lists are by repository. */
export interface StandIns {
  /** Release of Debian that they begin with. */
  readonly suite: string;
  readonly mirror: string;
  readonly standIns: Readonly<Record<string, StandIn>>;
  /** What has none, and why. */
  readonly leftOut: Readonly<Record<string, string>>;
}

/** On each stand-in: a digest of what it was made of. */
export const STAND_IN_LABEL = "groundwork.dev/stand-in";

const INDEX = "stand-ins.json";
const BASE = "groundwork/stand-in-base";
const ROOTFS = "groundwork/stand-in-rootfs";
/** A name of their own, so that an environment that goes takes the official reference with it and not the build. */
const KEPT = "groundwork/stand-in";

/**
 * The folder of stand-ins: the one that was asked for, or this checkout's own.
 * @throws BadInput when the one that was asked for is none
 */
export function standInsFolder(given?: string): string | undefined {
  const folder = given ?? join(groundworkRoot, "test/images");
  if (existsSync(join(folder, INDEX))) return folder;
  if (given === undefined) return undefined;
  throw new BadInput(`--stand-ins is ${given}, where there is no ${INDEX}; write a folder like test/images`);
}

export function readStandIns(folder: string): StandIns {
  return JSON.parse(readFileSync(join(folder, INDEX), "utf8")) as StandIns;
}

/** A stand-in under the official reference, built unless the engine has it as it is now. Returns its image id. */
export async function ensureStandIn(
  docker: Docker,
  reference: string,
  standIn: StandIn,
  options: ImageOptions & { readonly standIns: string },
): Promise<string> {
  const cache = join(options.home, "cache", "stand-ins");
  mkdirSync(cache, { recursive: true });
  const release = await takeLockInTurn(join(cache, "lock.json"), "stand-ins", () =>
    options.progress("images: another process builds stand-ins: waiting for it (a few minutes at most)"),
  );
  try {
    const base = await ensureBase(docker, cache, options);
    const packages = packagesOf(standIn, reference);
    const { folder, of, args } = standIn;
    const settings = [packages, ...(args === undefined ? [] : [args])].map((each) => JSON.stringify(each));
    const made = digest([base, ...settings, ...contents(join(options.standIns, folder))]);
    const { repo, tag } = named(reference);
    const kept = `${KEPT}:${folder}-${made}`;
    if ((await labelled(docker, kept, made)) === undefined) {
      options.progress(`images: building a stand-in for ${repo}:${tag}: ${of} (once, then it is kept)`);
      await withContext(cache, join(options.standIns, folder), async (context) => {
        await addPackages(packages, cache, context);
        const labels = { [STAND_IN_LABEL]: made, "groundwork.dev/stand-in-of": of };
        await buildWithoutStages(docker, { context, tags: [kept], buildArgs: { ...args, BASE: base }, labels });
      });
    }
    const image = docker.getImage(kept);
    await image.tag({ repo, tag });
    return (await image.inspect()).Id;
  } finally {
    release();
  }
}

/** It is built once, so its stages are of no use to a later build. */
async function buildWithoutStages(docker: Docker, job: BuildJob): Promise<void> {
  const layers: string[] = [];
  try {
    await buildImage(docker, { ...job, onLayer: (id) => layers.push(id) });
  } finally {
    await removeLayers(docker, layers);
  }
}

/** Whether this is a stand-in itself: what is built on one inherits its labels, and not its name. */
export function isStandIn(image: ImageInspectInfo): boolean {
  // an image without labels has null there, whatever the type says
  const made = (image.Config.Labels as Readonly<Record<string, string>> | null)?.[STAND_IN_LABEL];
  return made !== undefined && tagsOf(image).some((tag) => tag.startsWith(`${KEPT}:`) && tag.endsWith(`-${made}`));
}

/** The image under this reference when it carries this digest. */
async function labelled(docker: Docker, reference: string, made: string): Promise<string | undefined> {
  try {
    const image = await docker.getImage(reference).inspect();
    return image.Config.Labels?.[STAND_IN_LABEL] === made ? image.Id : undefined;
  } catch (error) {
    if ((error as { statusCode?: number }).statusCode === 404) return undefined;
    throw error;
  }
}

/** The reference of the base; its tag is a digest of what it is made of. */
async function ensureBase(
  docker: Docker,
  cache: string,
  options: ImageOptions & { standIns: string },
): Promise<string> {
  const { suite, mirror } = readStandIns(options.standIns);
  const folder = join(options.standIns, "base");
  const certificates = machineCertificates();
  const made = digest([suite, mirror, certificates, ...contents(folder)]);
  const reference = `${BASE}:${made}`;
  if ((await labelled(docker, reference, made)) !== undefined) return reference;
  const rootfs = await ensureRootfs(docker, cache, { suite, mirror }, options);
  options.progress("images: building the base of the stand-ins");
  await withContext(cache, folder, (context) => {
    writeFileSync(join(context, "ca-certificates.crt"), certificates);
    return buildWithoutStages(docker, {
      context,
      tags: [reference],
      buildArgs: { ROOTFS: rootfs },
      labels: { [STAND_IN_LABEL]: made },
    });
  });
  return reference;
}

/** Debian's smallest system, as the tool of Debian makes it, kept as a file for engines that do not have it yet. */
async function ensureRootfs(
  docker: Docker,
  cache: string,
  { suite, mirror }: Pick<StandIns, "suite" | "mirror">,
  { progress }: ImageOptions,
): Promise<string> {
  const reference = `${ROOTFS}:${suite}`;
  const file = join(cache, `${suite}.tar`);
  if (!existsSync(file)) {
    progress(`images: debootstrap makes Debian ${suite} (half a minute, 250 MB; once, then it is cached)`);
    const work = mkdtempSync(join(cache, "debootstrap-"));
    try {
      await must("debootstrap", ["--variant=minbase", suite, join(work, "root"), mirror]);
      await must("tar", ["--numeric-owner", "-C", join(work, "root"), "-cf", join(work, "root.tar"), "."]);
      renameSync(join(work, "root.tar"), file);
    } finally {
      rmSync(work, { recursive: true, force: true });
    }
  }
  await ended(docker, await docker.importImage(file, { repo: ROOTFS, tag: suite }));
  return reference;
}

/** Packages come through npm and its settings, so from the registry that this machine uses. */
async function addPackages(packages: Readonly<Record<string, string>>, cache: string, context: string): Promise<void> {
  if (Object.keys(packages).length === 0) return;
  mkdirSync(join(context, "packages"));
  for (const [name, wanted] of Object.entries(packages)) {
    const file = join(cache, `${wanted.replaceAll("/", "-")}.tgz`);
    if (!existsSync(file)) {
      const work = mkdtempSync(join(cache, "npm-"));
      try {
        await must("npm", ["pack", wanted, "--pack-destination", work]);
        renameSync(join(work, readdirSync(work)[0] ?? ""), file);
      } finally {
        rmSync(work, { recursive: true, force: true });
      }
    }
    cpSync(file, join(context, "packages", `${name}.tgz`));
  }
}

function packagesOf({ packages = {} }: StandIn, reference: string): Record<string, string> {
  const version = named(reference).tag.split("-")[0] ?? "";
  return Object.fromEntries(
    Object.entries(packages).map(([name, text]) => [
      name,
      text.replaceAll("{arch}", process.arch).replaceAll("{version}", version),
    ]),
  );
}

async function withContext<T>(cache: string, folder: string, use: (context: string) => Promise<T>): Promise<T> {
  const context = mkdtempSync(join(cache, "context-"));
  try {
    cpSync(folder, context, { recursive: true });
    return await use(context);
  } finally {
    rmSync(context, { recursive: true, force: true });
  }
}

/** What a machine behind an inspecting proxy trusts is told to Node in this variable; builds need it as well. */
function machineCertificates(): string {
  const file = process.env["NODE_EXTRA_CA_CERTS"];
  return file !== undefined && existsSync(file) ? readFileSync(file, "utf8") : "";
}

function contents(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((path) => `${relative(folder, path)}\0${readFileSync(path, "utf8")}`);
}

function digest(parts: readonly string[]): string {
  return createHash("sha256").update(parts.join("\0")).digest("hex").slice(0, 16);
}

async function must(command: string, args: readonly string[]): Promise<void> {
  const {
    failed,
    code,
    all = "",
    shortMessage,
  } = await execa(command, args, { reject: false, all: true, stdin: "ignore" });
  if (!failed) return;
  if (code === "ENOENT")
    throw new BadInput(
      `stand-ins for images need ${command}, which is not here: install it (apt-get install ${command})`,
    );
  throw new Error(`${shortMessage}: ${all.trim().split("\n").slice(-3).join("; ")}`);
}
