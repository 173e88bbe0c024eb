import { createHash } from "node:crypto";
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Created, Ctx, ResourceType, Table, Thing } from "../table.ts";
import { contextHash, contextOf, filesOf, instructionsOf } from "./docker-build/context.ts";
import { BUILT_IMAGE, imageReference, repositoryOf } from "./docker/rules.ts";
import { isUnknown, list, oneOf, plain, text } from "./values.ts";
import type { SourcedFailure } from "./values.ts";

const SOURCE = "https://github.com/pulumi/pulumi-docker-build/blob/main/provider/internal/image.go";
const DOCKERFILE = "https://docs.docker.com/reference/dockerfile/";

/** https://docs.aws.amazon.com/AmazonECR/latest/userguide/Registries.html */
const ECR_HOST = /^\d{12}\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?\//;
const ECR_REPOSITORY = "aws:ecr/repository:Repository";

const PLATFORMS = [
  ...["darwin/386", "darwin/amd64", "darwin/arm", "darwin/arm64", "dragonfly/amd64"],
  ...["freebsd/386", "freebsd/amd64", "freebsd/arm", "linux/386", "linux/amd64", "linux/arm", "linux/arm64"],
  ...["linux/mips64", "linux/mips64le", "linux/ppc64le", "linux/riscv64", "linux/s390x", "netbsd/386"],
  ...["netbsd/amd64", "netbsd/arm", "openbsd/386", "openbsd/amd64", "openbsd/arm", "plan9/386", "plan9/amd64"],
  ...["solaris/amd64", "windows/386", "windows/amd64"],
];

function tagsOf({ inputs }: Ctx): string[] {
  return list(inputs.tags).map(text);
}

function pushes({ inputs }: Ctx): boolean {
  return inputs.push === true || list(inputs.exports).some((each) => plain(each).registry !== undefined);
}

/** Docker Hub and other registries make a repository at the first push; ECR does not. */
function missingRepository(ctx: Ctx): SourcedFailure | undefined {
  if (!pushes(ctx)) return undefined;
  const repositories = ctx.all(ECR_REPOSITORY, "aws/*").map(({ properties }) => properties.repositoryUrl);
  for (const [index, tag] of tagsOf(ctx).entries()) {
    const repository = repositoryOf(tag);
    if (!ECR_HOST.test(repository) || repositories.some((each) => each === repository || isUnknown(each))) continue;
    const reason = `name unknown: The repository ${repository} does not exist; create it first`;
    return {
      path: `tags[${index}]`,
      reason,
      source: "https://docs.aws.amazon.com/AmazonECR/latest/userguide/docker-push-ecr-image.html",
    };
  }
  return undefined;
}

/** A repository that is deleted with force takes its images along. */
function goesWithRepository(thing: Thing, ctx: Ctx): boolean {
  const forced = ctx.all(ECR_REPOSITORY, "aws/*").filter(({ inputs }) => inputs.forceDelete === true);
  const urls = forced.map(({ properties }) => properties.repositoryUrl);
  return list(thing.inputs.tags).every((tag) => urls.includes(repositoryOf(text(tag))));
}

function noTag(ctx: Ctx): SourcedFailure | undefined {
  const named = list(ctx.inputs.exports).some((each) => list(plain(plain(each).registry).names).length > 0);
  if (!pushes(ctx) || named || tagsOf(ctx).length > 0) return undefined;
  return { path: "tags", reason: "at least one tag is needed when pushing to a registry", source: SOURCE };
}

function exclusive({ inputs }: Ctx): SourcedFailure | undefined {
  const { inline, location } = plain(inputs.dockerfile);
  if (inline !== undefined && location !== undefined) {
    return { path: "dockerfile", reason: "write only one of inline and location", source: SOURCE };
  }
  if (inputs.push === true && inputs.load === true && list(inputs.platforms).length > 1) {
    return { path: "load", reason: "an image for several platforms cannot be loaded into an engine", source: SOURCE };
  }
  const several = list(inputs.exports).findIndex((each) => Object.keys(plain(each)).length !== 1);
  return several >= 0
    ? { path: `exports[${several}]`, reason: "write exactly one kind of export", source: SOURCE }
    : undefined;
}

function missingFiles(ctx: Ctx): SourcedFailure | undefined {
  const { folder, dockerfile, dockerfilePath } = contextOf(ctx);
  if (folder !== undefined && !(existsSync(folder) && statSync(folder).isDirectory())) {
    return { path: "context.location", reason: `there is no folder ${folder}; write one that exists`, source: SOURCE };
  }
  if (dockerfile === undefined) {
    return folder === undefined
      ? undefined
      : { path: "dockerfile", reason: `there is no file ${dockerfilePath}; write one that exists`, source: SOURCE };
  }
  return unbuildable(ctx, dockerfile) ?? (folder === undefined ? undefined : missingSource(dockerfile, folder));
}

/** What a build would only say minutes later: no stage at all, or a target that none of them is. */
function unbuildable({ inputs }: Ctx, dockerfile: string): SourcedFailure | undefined {
  const stages = instructionsOf(dockerfile).filter(({ name }) => name === "FROM");
  if (stages.length === 0) {
    return { path: "dockerfile", reason: "write at least one FROM", source: `${DOCKERFILE}#from` };
  }
  const names = stages.map(({ rest }) => /\sas\s+(\S+)$/i.exec(rest)?.[1]?.toLowerCase());
  const target = text(inputs.target).toLowerCase();
  const known = target === "" || names.includes(target) || (/^\d+$/.test(target) && Number(target) < stages.length);
  const choice = names.filter((name) => name !== undefined).join(", ");
  return known
    ? undefined
    : { path: "target", reason: `write one of its stages: ${choice}`, source: `${DOCKERFILE}#from` };
}

/** A COPY of something that the context does not have. Wildcards, variables and other stages are left to the build. */
function missingSource(dockerfile: string, folder: string): SourcedFailure | undefined {
  const files = filesOf(folder);
  for (const { name, rest } of instructionsOf(dockerfile)) {
    if ((name !== "COPY" && name !== "ADD") || /--from=|<<|\$|^\[/.test(rest)) continue;
    const sources = rest
      .split(/\s+/)
      .filter((word) => !word.startsWith("--"))
      .slice(0, -1);
    const missing = sources.find((source) => {
      if (/[*?[]|:\/\//.test(source)) return false;
      const path = join(".", source).replace(/^\/+|\/+$/g, "");
      return path !== "." && path !== "" && !files.some((file) => file === path || file.startsWith(`${path}/`));
    });
    if (missing !== undefined) {
      const reason = `"/${missing}": not found in the context, which ${name} ${rest} needs`;
      return { path: "dockerfile", reason, source: `${DOCKERFILE}#copy` };
    }
  }
  return undefined;
}

/** The same context and settings make the same image, so nothing changes where nothing changed. */
function digestOf(ctx: Created): string {
  const { buildArgs, labels, platforms, target } = ctx.inputs;
  const settings = JSON.stringify([buildArgs, labels, platforms, target]);
  return `sha256:${createHash("sha256").update(contextHash(ctx)).update(settings).digest("hex")}`;
}

function refOf(ctx: Created, digest: string): string {
  const [tag] = tagsOf(ctx);
  if (tag === undefined) return "";
  return pushes(ctx) ? `${tag}@${digest}` : tag;
}

const image: ResourceType = {
  token: BUILT_IMAGE,
  source: SOURCE,
  id: (ctx) => ctx.hex(64, "image"),
  rules: [imageReference("tags[]", false), oneOf("platforms[]", PLATFORMS, `${DOCKERFILE}#from`)],
  check: (ctx) => exclusive(ctx) ?? missingFiles(ctx) ?? noTag(ctx) ?? missingRepository(ctx),
  updates: [
    ...["addHosts", "buildArgs", "buildOnPreview", "builder", "cacheFrom", "cacheTo", "context", "dockerfile", "exec"],
    ...["exports", "ignoreSecretsInDiffCalculation", "labels", "load", "network", "noCache", "platforms", "pull"],
    ...["push", "registries", "secrets", "ssh", "tags", "target", "contextHash"],
  ],
  follows: (ctx) => ({ contextHash: contextHash(ctx) }),
  outputs: (ctx) => {
    const digest = digestOf(ctx);
    return { contextHash: contextHash(ctx), digest, ref: refOf(ctx, digest) };
  },
  // Destroying the resource deletes nothing from a registry that was pushed to (the provider's own documentation says so)
  retains: (thing, ctx) => {
    const kept = thing.inputs.push === true && !goesWithRepository(thing, ctx);
    return kept ? "image, stays in the registry that it was pushed to" : undefined;
  },
};

export const table: Table = { package: "docker-build", types: [image] };
