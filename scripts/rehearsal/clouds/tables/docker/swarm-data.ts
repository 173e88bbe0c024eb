import type { Ctx, ResourceType, Thing } from "../../table.ts";
import { list, matches, plain, text } from "../values.ts";
import { PROVIDER, SERVICE } from "./rules.ts";

export const SECRET = "docker:index/secret:Secret";
export const CONFIG = "docker:index/serviceConfig:ServiceConfig";

/** https://github.com/moby/swarmkit/blob/master/manager/controlapi/common.go, validateConfigOrSecretAnnotations */
const CONTROL_API = "https://github.com/moby/swarmkit/blob/master/manager/controlapi";
const NAME = /^[a-zA-Z0-9]+(?:[a-zA-Z0-9-_.]*[a-zA-Z0-9])?$/;
const NAME_LIMIT = 64;

interface Kind {
  readonly token: string;
  readonly word: "secret" | "config";
  readonly file: string;
  /** Bytes that it must stay below; tried with Docker Engine 20.10 to the byte. */
  readonly limit: number;
}

/** Kept under a name that one only may have, and never changed: what is new is another one. */
function swarmData({ token, word, file, limit }: Kind): ResourceType {
  return {
    token,
    source: `${PROVIDER}/${file}`,
    id: (ctx) => ctx.hex(25, word),
    autoName: { property: "name", maxLength: NAME_LIMIT },
    key: ({ inputs }) => text(inputs.name) || undefined,
    exists: "rpc error: code = AlreadyExists: only one of that name may exist in a swarm",
    rules: [
      matches(
        "name",
        new RegExp(`(?=^.{1,${NAME_LIMIT}}$)${NAME.source}`),
        `only ${NAME_LIMIT} [a-zA-Z0-9-_.] characters allowed, and the start and end character must be [a-zA-Z0-9]: write a shorter or plainer one`,
        `${CONTROL_API}/common.go`,
      ),
      {
        path: "data",
        check: (value) => {
          const encoded = typeof value === "string" && /^[A-Za-z0-9+/]+={0,2}$/.test(value) && value.length % 4 === 0;
          const bytes = encoded ? Buffer.from(value, "base64").length : 0;
          return bytes > 0 && bytes < limit ? undefined : `write 1 to ${limit - 1} bytes, encoded in base64`;
        },
        source: `${CONTROL_API}/${word}.go`,
      },
    ],
    replaces: ["data", "labels", "name", ...(word === "config" ? ["dataRaw"] : [])],
    ...(word === "secret" && { secrets: ["data"] }),
    refuseDelete: (thing, ctx) => {
      const users = usersOf(thing, ctx);
      const plural = users.length > 1 ? "services" : "service";
      return users.length > 0
        ? `rpc error: code = InvalidArgument desc = ${word} '${text(thing.properties.name)}' is in use by the following ${plural}: ${users.join(", ")}`
        : undefined;
    },
  };
}

/** The services that use a secret or config, by their names. */
function usersOf(thing: Thing, ctx: Ctx): string[] {
  const users = ctx.all(SERVICE).filter(({ inputs }) => {
    const { secrets, configs } = plain(plain(inputs.taskSpec).containerSpec);
    const uses = (each: unknown) => plain(each).secretId === thing.id || plain(each).configId === thing.id;
    return [...list(secrets), ...list(configs)].some(uses);
  });
  return users.map(({ properties }) => text(properties.name));
}

export const secret = swarmData({ token: SECRET, word: "secret", file: "resource_docker_secret.go", limit: 512_000 });

export const config = swarmData({
  token: CONFIG,
  word: "config",
  file: "resource_docker_config.go",
  limit: 1_024_000,
});
