import { isAnnotated, isLabelled, isTagged } from "@groundwork/lib/taggable";
import { at, listAt, plainAt, textAt } from "../framework/known.ts";
import type { Resource } from "../framework/policy.ts";

export type Tag = readonly [key: string, value: unknown];

/** The tags of an AWS resource, labels of a Docker object, labels and annotations of a Kubernetes object. */
export function ownTags({ inputs, type }: Resource): readonly Tag[] {
  if (isTagged(type)) return Object.entries(plainAt(inputs, "tags"));
  if (isLabelled(type)) {
    return listAt(inputs, "labels").map((label): Tag => [textAt(label, "label") ?? "", at(label, "value")]);
  }
  if (!isAnnotated(type)) return [];
  const metadata = plainAt(inputs, "metadata");
  return [...Object.entries(plainAt(metadata, "labels")), ...Object.entries(plainAt(metadata, "annotations"))];
}

/** The tags that the provider gives to all that it makes; it has them as JSON text. */
export function defaultTags({ provider }: Resource): readonly Tag[] {
  const written = at(provider?.properties, "defaultTags");
  return Object.entries(plainAt(typeof written === "string" ? parsed(written) : written, "tags"));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // what is no JSON has no tags, and the provider refuses it
    return undefined;
  }
}
