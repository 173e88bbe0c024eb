import type { PolicyProviderResource } from "@pulumi/policy";
import { known } from "./known.ts";
import type { Resource } from "./policy.ts";
import { matches } from "./stack.ts";

/** What both forms of the SDK's arguments have in common. */
export interface Seen {
  readonly urn: string;
  readonly type: string;
  readonly name: string;
  readonly props: object;
  readonly provider?: PolicyProviderResource;
  readonly opts?: { readonly ignoreChanges?: readonly string[] };
}

export function toResource({ urn, type, name, props, provider, opts: { ignoreChanges } = {} }: Seen): Resource {
  const { value, unknown } = known(props);
  const made = provider && known(provider.props);
  return {
    urn,
    type,
    name,
    inputs: value,
    unknown,
    ...(ignoreChanges && { ignoreChanges }),
    ...(made && { provider: { urn: provider.urn, properties: made.value, unknown: made.unknown } }),
  };
}

/** `urn:pulumi:<stack>::<project>::<types>::<name>` */
export function stackOf(urn: string): string {
  return urn.split("::", 1)[0]?.slice("urn:pulumi:".length) ?? "";
}

/** Most types come by hundreds of times, so each is matched against the expressions once. */
export function matcher(types: readonly (string | RegExp)[]): (type: string) => boolean {
  const decided = new Map<string, boolean>();
  return (type) => {
    const before = decided.get(type);
    if (before !== undefined) return before;
    const now = matches(type, types);
    decided.set(type, now);
    return now;
  };
}
