import type { DesiredResource, Plain } from "@groundwork/lib/desired-state";

export const REGION = "us-west-2";

interface More {
  readonly region?: string;
  /** Names of resources that it is made from. */
  readonly from?: readonly string[];
  readonly unknown?: readonly string[];
}

/** One resource of an environment; its name is unique in it. */
export function made(
  type: string,
  name: string,
  inputs: Plain = {},
  { region = REGION, from = [], unknown = [] }: More = {},
): DesiredResource {
  return {
    urn: urnOf(name),
    type,
    name,
    custom: true,
    inputs: type.startsWith("aws:") ? { region, ...inputs } : inputs,
    outputs: {},
    unknown,
    dependencies: from.map(urnOf),
    protect: false,
    retainOnDelete: false,
  };
}

/** Types do not matter to who is made from whom, so that URNs here leave them out. */
export function urnOf(name: string): string {
  return `urn:pulumi:shop::shop::test::${name}`;
}
