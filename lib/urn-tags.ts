import * as pulumi from "@pulumi/pulumi";
import { URN_LABEL, URN_TAG, urnTagValue } from "./identity.ts";
import { isAnnotated, isLabelled, isTagged } from "./taggable.ts";

/** https://www.pulumi.com/registry/packages/docker/api-docs/volume/ */
const VOLUME = "docker:index/volume:Volume";

/**
 * Every resource that can carry a tag carries its own URN, so that what exists in a cloud can be told from what the
 * state knows. A stack-wide transform does it: no component can forget it.
 */
export function tagWithUrn(): void {
  pulumi.runtime.registerResourceTransform(async ({ type, name, props, opts }) => {
    if (!isTagged(type) && !isLabelled(type) && !isAnnotated(type)) return undefined;
    const value = urnTagValue(await urnOf(type, name, opts.parent));
    const marked = { ...props, ...mark(type, props, value) };
    // A volume's labels cannot change: one that is renamed keeps the label that it has, and what is in it.
    if (type === VOLUME) return { props: marked, opts: pulumi.mergeOptions(opts, { ignoreChanges: ["labels"] }) };
    // without `opts` the engine keeps the options as they were; passing them on would turn absent ones into set ones
    return { props: marked } as pulumi.ResourceTransformResult;
  });
}

function mark(type: string, props: pulumi.Inputs, value: string): pulumi.Inputs {
  if (isTagged(type)) return { tags: merged(props["tags"], { [URN_TAG]: value }) };
  if (isLabelled(type)) return { labels: appended(props["labels"], { label: URN_LABEL, value }) };
  return { metadata: annotated(props["metadata"], value) };
}

type Labels = readonly { readonly label: string }[];
type Metadata = { readonly annotations?: object };

function merged(given: unknown, own: object): pulumi.Input<object> {
  return whenKnown(given as pulumi.Input<object | undefined>, (tags) => ({ ...tags, ...own }));
}

function appended(given: unknown, own: { label: string; value: string }): pulumi.Input<object> {
  return whenKnown(given as pulumi.Input<Labels | undefined>, (labels = []) => [
    ...labels.filter(({ label }) => label !== own.label),
    own,
  ]);
}

function annotated(given: unknown, value: string): pulumi.Input<object> {
  return whenKnown(given as pulumi.Input<Metadata | undefined>, (metadata) => ({
    ...metadata,
    annotations: merged(metadata?.annotations, { [URN_LABEL]: value }),
  }));
}

/** Plain values stay plain, so that a preview shows them. */
function whenKnown<T>(given: pulumi.Input<T>, change: (value: T) => pulumi.Input<object>): pulumi.Input<object> {
  return pulumi.Output.isInstance(given)
    ? pulumi.output(given).apply((value) => change(value as T))
    : change(given as T);
}

/**
 * The URN that the engine will give: https://www.pulumi.com/docs/iac/concepts/resources/names/#urns. As plain text: an
 * output made from the parent's URN would make the resource depend on everything that the parent holds.
 */
async function urnOf(type: string, name: string, parent: pulumi.Resource | undefined): Promise<string> {
  const chain = parent === undefined ? "" : parentChain(await resolved(parent.urn));
  return `urn:pulumi:${pulumi.getStack()}::${pulumi.getProject()}::${chain}${type}::${name}`;
}

function parentChain(urn: string): string {
  const types = urn.split("::")[2] ?? "";
  return types === "pulumi:pulumi:Stack" || types === "" ? "" : `${types}$`;
}

function resolved(output: pulumi.Output<string>): Promise<string> {
  return new Promise((resolve) => {
    output.apply(resolve);
  });
}
