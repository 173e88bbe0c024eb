import type { CheckFailure } from "../clouds/validate.ts";
import { named } from "./api.ts";
import type { ApiError } from "./client.ts";
import { type KubernetesObject } from "./client.ts";

/**
 * What the API server says against an object, by property. Three ways to say it: a strict decoder's 400 (`unknown field
 * "spec.foo"`), a field manager's 500 (`.spec.foo: field not declared in schema`), a validator's 422 with causes.
 */
export function failuresOf(error: ApiError, object: KubernetesObject, region: string): readonly CheckFailure[] {
  const who = `the API server of ${region} refuses ${named(object)}`;
  const found = [...undeclared(error.message, object), ...unknownFields(error.message)];
  if (found.length > 0) {
    return found.map((path) => ({
      path,
      reason: `"${path}": field not declared in schema: ${who}; correct its name or leave it out`,
    }));
  }
  const causes = error.causes.filter(({ field }) => field !== undefined && field !== "");
  if (causes.length > 0) {
    return causes.map(({ field = "", message = "" }) => ({ path: field, reason: `"${field}": ${message}: ${who}` }));
  }
  return [{ path: "", reason: `${who}: ${error.message}` }];
}

function undeclared(message: string, object: KubernetesObject): string[] {
  return [...message.matchAll(/(?:^|[\s:(])(\.\S[^:\n]*?): field not declared in schema/g)].map(([, path = ""]) =>
    withIndexes(path.replace(/^\./, ""), object),
  );
}

function unknownFields(message: string): string[] {
  return [...message.matchAll(/unknown field "([^"]+)"/g)].map(([, path = ""]) => path);
}

/** `containers[name="app"]` as `containers[0]`, as the engine names properties. */
function withIndexes(path: string, object: KubernetesObject): string {
  let value: unknown = object;
  return path.replace(/([^.[\]]+)|\[([^\]]*)\]/g, (whole, name: string | undefined, key: string | undefined) => {
    if (name !== undefined) {
      value = (value as Record<string, unknown> | undefined)?.[name];
      return whole;
    }
    const wanted = [...(key ?? "").matchAll(/(\w+)=("[^"]*"|[^,]+)/g)];
    if (!Array.isArray(value) || wanted.length === 0) return whole;
    const index = value.findIndex((item: Record<string, unknown>) =>
      wanted.every(([, property = "", text = ""]) => String(item[property]) === text.replaceAll('"', "")),
    );
    value = value[index];
    return index < 0 ? whole : `[${index}]`;
  });
}
