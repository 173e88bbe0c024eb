import { createHash } from "node:crypto";
import type { Ctx, ResourceType, Table } from "../table.ts";
import { container, volume } from "./docker/container.ts";
import { BUILT_IN_NETWORKS, network } from "./docker/network.ts";
import { portClash } from "./docker/ports.ts";
import { CONTAINER, duration, ENGINE, ENGINE_NAME, ENGINE_NAME_RULE, imageReference } from "./docker/rules.ts";
import { NETWORK, PROVIDER, REMOTE_IMAGE, repositoryOf, SERVICE, TAG } from "./docker/rules.ts";
import { atLeast, list, matches, oneOf, plain, text } from "./values.ts";

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

/** Swarm keeps names of secrets and configs for good, and neither can be changed. */
const swarmData = (kind: "Secret" | "ServiceConfig", file: string): ResourceType => ({
  token: `docker:index/${kind.charAt(0).toLowerCase()}${kind.slice(1)}:${kind}`,
  source: `${PROVIDER}/${file}`,
  id: (ctx) => ctx.hex(25, kind),
  autoName: { property: "name", maxLength: 255 },
  key: ({ inputs }) => text(inputs.name) || undefined,
  exists: "rpc error: code = AlreadyExists: only one of that name may exist in a swarm",
  rules: [
    {
      path: "data",
      check: (value) => {
        const bytes = typeof value === "string" ? Buffer.from(value, "base64").length : 0;
        return bytes > 0 && bytes <= 500 * 1024 ? undefined : "write 1 to 512000 bytes, encoded in base64";
      },
      source: "https://docs.docker.com/engine/swarm/secrets/#how-docker-manages-secrets",
    },
  ],
  replaces: ["data", "labels", "name", ...(kind === "ServiceConfig" ? ["dataRaw"] : [])],
  ...(kind === "Secret" && { secrets: ["data"] }),
});

const service: ResourceType = {
  token: SERVICE,
  source: `${PROVIDER}/resource_docker_service.go`,
  id: (ctx) => ctx.hex(25, "service"),
  autoName: { property: "name", maxLength: 255 },
  key: ({ inputs }) => text(inputs.name) || undefined,
  exists: "rpc error: code = AlreadyExists: name conflicts with an existing object",
  rules: [
    matches("name", ENGINE_NAME, ENGINE_NAME_RULE, `${ENGINE}#tag/Service/operation/ServiceCreate`),
    imageReference("taskSpec.containerSpec.image", true),
    atLeast("mode.replicated.replicas", 0, `${PROVIDER}/resource_docker_service.go`),
    ...["updateConfig", "rollbackConfig"].flatMap((path) => [
      oneOf(`${path}.failureAction`, ["pause", "continue", "rollback"], `${PROVIDER}/resource_docker_service.go`),
      oneOf(`${path}.order`, ["stop-first", "start-first"], `${PROVIDER}/resource_docker_service.go`),
      duration(`${path}.delay`),
      duration(`${path}.monitor`),
    ]),
    oneOf("taskSpec.restartPolicy.condition", ["none", "on-failure", "any"], `${ENGINE}#tag/Service`),
    ...["interval", "timeout", "startPeriod"].map((name) => duration(`taskSpec.containerSpec.healthcheck.${name}`)),
  ],
  references: [
    {
      path: "taskSpec.networksAdvanceds[].name",
      to: NETWORK,
      by: ["name", "id"],
      holds: false,
      except: BUILT_IN_NETWORKS,
    },
  ],
  check: (ctx) => {
    const mode = plain(ctx.inputs.mode);
    if (mode.global === true && mode.replicated !== undefined) {
      return {
        path: "mode",
        reason: "write either global or replicated",
        source: `${PROVIDER}/resource_docker_service.go`,
      };
    }
    const overlayOnly = list(plain(ctx.inputs.taskSpec).networksAdvanceds).findIndex((each) => {
      const name = plain(each).name;
      const found = ctx.all(NETWORK).find((other) => other.id === name || other.properties.name === name);
      return found !== undefined && (found.properties.driver ?? "bridge") === "bridge";
    });
    return overlayOnly >= 0
      ? {
          path: `taskSpec.networksAdvanceds[${overlayOnly}].name`,
          reason: "only networks scoped to the swarm can be used: give the network the driver overlay",
          source: "https://docs.docker.com/engine/network/drivers/overlay/",
        }
      : portClash(ctx);
  },
  replaces: ["auth", "name"],
  updates: ["convergeConfig", "endpointSpec", "labels", "mode", "rollbackConfig", "taskSpec", "updateConfig"],
  defaults: { mode: { replicated: { replicas: 1 } }, labels: [] },
};

export const table: Table = {
  package: "docker",
  types: [
    network,
    volume,
    remoteImage,
    container,
    tag,
    registryImage,
    swarmData("Secret", "resource_docker_secret.go"),
    swarmData("ServiceConfig", "resource_docker_config.go"),
    service,
  ],
};
