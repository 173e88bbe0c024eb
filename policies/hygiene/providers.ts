import { textAt } from "../framework/known.ts";
import type { Resource } from "../framework/policy.ts";

/** The provider that the engine makes where a program names none. https://www.pulumi.com/docs/iac/concepts/resources/providers/#default-provider */
const DEFAULT = /::default(?:_[0-9]+)*(?:_[0-9a-z]+)*$/;

export function isDefaultProvider(urn: string): boolean {
  return DEFAULT.test(urn);
}

/** The region that a resource names itself, else that of its provider; `undefined` where neither is told. */
export function regionOf({ inputs, provider }: Resource): string | undefined {
  return textAt(inputs, "region") ?? textAt(provider?.properties, "region");
}
