import { createRequire } from "node:module";
import { opened } from "./masking.ts";
import { unwrapped } from "./mend.ts";

type Read = (properties: object, keepSecrets: boolean) => object;

/**
 * The SDK unpacks the properties of a resource anew for each policy that it asks, and those of the whole stack (48 ms for
 * 1,690 resources) for each policy over the stack. Here each request is unpacked once: policies only read, and see the
 * properties through proxies of their own. Where a later SDK has no such module, everything works as before.
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
