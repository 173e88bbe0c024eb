import jwt from "@fastify/jwt";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Context } from "./context.ts";

/** What a token says about its bearer. */
export interface Bearer {
  readonly subject: string;
  readonly roles: readonly string[];
}

declare module "fastify" {
  interface FastifyRequest {
    /** Who asks; absent where nobody had to say it. */
    bearer?: Bearer;
  }
}

/** Asks for a token with one of the required roles on every route that is not open: 401 without a valid one, 403 without the role. */
export async function registerAccess(app: FastifyInstance, { config }: Context): Promise<void> {
  const { secret, requiredRoles } = config.access;
  if (secret === undefined) return;
  // one algorithm: a token must not choose how it is verified. https://www.rfc-editor.org/rfc/rfc8725#section-3.1
  await app.register(jwt, { secret, sign: { algorithm: "HS256" }, verify: { algorithms: ["HS256"] } });
  app.addHook("onRequest", async (request, reply) => {
    if (request.routeOptions.config.isOpen === true || request.is404) return;
    return admit(request, reply, requiredRoles);
  });
}

async function admit(request: FastifyRequest, reply: FastifyReply, required: readonly string[]): Promise<unknown> {
  let claims: object | string;
  try {
    claims = await request.jwtVerify<object | string>();
  } catch {
    // the same for every reason: which part of a token is wrong helps only who forges one
    return reply.code(401).header("www-authenticate", "Bearer").send({ error: "a valid bearer token is needed" });
  }
  request.bearer = bearerOf(claims);
  if (required.length === 0 || request.bearer.roles.some((role) => required.includes(role))) return undefined;
  return reply.code(403).send({ error: `one of the roles ${required.join(", ")} is needed` });
}

/** `roles`, a list, or `role`, one name: both are in use. https://www.rfc-editor.org/rfc/rfc9068#section-2.2.3.1 */
function bearerOf(claims: object | string): Bearer {
  const { sub, roles, role } = (typeof claims === "string" ? {} : claims) as Readonly<Record<string, unknown>>;
  const names = [...(Array.isArray(roles) ? (roles as unknown[]) : []), role];
  return {
    subject: typeof sub === "string" ? sub.slice(0, 200) : "unnamed",
    roles: names.filter((name) => typeof name === "string"),
  };
}
