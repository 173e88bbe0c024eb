import { createHash } from "node:crypto";
import type { Ctx, ResourceType, Table } from "../table.ts";
import { container, volume } from "./docker/container.ts";
import { network } from "./docker/network.ts";
import { CONTAINER, imageReference, PROVIDER, REMOTE_IMAGE, repositoryOf, TAG } from "./docker/rules.ts";
import { service } from "./docker/service.ts";
import { config, secret } from "./docker/swarm-data.ts";
import { text } from "./values.ts";

/** The same image name is the same image on every engine, as far as a simulation without a registry can tell. */
function digest(of: string): string {
  return `sha256:${createHash("sha256").update(of).digest("hex")}`;
}

const imageId = ({ inputs }: Ctx) => digest(text(inputs.name));

const remoteImage: ResourceType = {
  token: REMOTE_IMAGE,
  source: `${PROVIDER}/resource_docker_image.go`,
  id: (ctx) => `${imageId(ctx)}${text(ctx.inputs.name)}`,
  rules: [imageReference("name", false)],
  replaces: ["build", "name", "platform", "pullTriggers", "triggers"],
  updates: ["forceRemove", "keepLocally"],
  outputs: (ctx) => ({
    imageId: imageId(ctx),
    repoDigest: `${repositoryOf(text(ctx.inputs.name))}@${digest(`manifest/${text(ctx.inputs.name)}`)}`,
  }),
  refuseDelete: (thing, ctx) => {
    if (thing.inputs.keepLocally === true || thing.inputs.forceRemove === true) return undefined;
    const names = [thing.properties.imageId, thing.properties.name, thing.properties.repoDigest];
    const user = ctx.all(CONTAINER).find(({ inputs }) => names.includes(inputs.image));
    return user
      ? `conflict: unable to remove repository reference "${text(thing.properties.name)}" (must force): container ${text(user.properties.name)} is using its referenced image`
      : undefined;
  },
  retains: (thing) => (thing.inputs.keepLocally === true ? "image, kept on the engine by keepLocally" : undefined),
};

const tag: ResourceType = {
  token: TAG,
  source: `${PROVIDER}/resource_docker_tag.go`,
  id: ({ inputs }) => `${text(inputs.sourceImage)}.${text(inputs.targetImage)}`,
  rules: [imageReference("sourceImage", true), imageReference("targetImage", false)],
  replaces: ["sourceImage", "tagTriggers", "targetImage"],
  outputs: ({ inputs }) => {
    const source = text(inputs.sourceImage);
    return { sourceImageId: source.startsWith("sha256:") ? source : digest(source) };
  },
};

const registryImage: ResourceType = {
  token: "docker:index/registryImage:RegistryImage",
  source: `${PROVIDER}/resource_docker_registry_image.go`,
  id: ({ inputs }) => digest(`manifest/${text(inputs.name)}`),
  rules: [imageReference("name", false)],
  replaces: ["build", "name", "triggers"],
  updates: ["authConfig", "insecureSkipVerify", "keepRemotely"],
  outputs: ({ id }) => ({ sha256Digest: id }),
  retains: (thing) => (thing.inputs.keepRemotely === true ? "image, kept in the registry by keepRemotely" : undefined),
};

export const table: Table = {
  package: "docker",
  types: [network, volume, remoteImage, container, tag, registryImage, secret, config, service],
};
