import { createRequire } from "node:module";
import { opened } from "./masking.ts";
import { unwrapped } from "./mend.ts";

type Read = (properties: object, keepSecrets: boolean) => object;

/**
 * The SDK unpacks the properties of a resource anew for each policy, and those of the whole stack for each policy over the
 * stack: with 140 policies and 1,690 resources that alone takes 2.5 s of a preview of 11 s, and 0.3 s when each request
 * is unpacked once. Policies only read, and see them through proxies of their own. Where a later SDK has no such module,
 * everything works as before.
 * https://github.com/pulumi/pulumi-policy/blob/main/sdk/nodejs/policy/server.ts
 */
export function shareProperties(): void {
  const load = createRequire(import.meta.url);
  let sdk: { deserializeProperties?: Read };
  try {
    sdk = load("@pulumi/policy/deserialize.js") as typeof sdk;
  } catch {
    return;
  }
  const read = sdk.deserializeProperties;
  if (read === undefined) return;
  const known = new WeakMap<object, object>();
  sdk.deserializeProperties = (properties, keepSecrets) => {
    // a remediation writes into what it is given
    if (keepSecrets) return read(properties, keepSecrets);
    const before = known.get(properties) ?? (opened(unwrapped(read(properties, true))) as object);
    known.set(properties, before);
    return before;
  };
}
