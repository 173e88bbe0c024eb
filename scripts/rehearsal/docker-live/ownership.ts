import { createHash } from "node:crypto";

/** Whose a thing of the engine is: one rehearsal of one stack in one folder. Only what carries it is ever changed. */
export const OWNER_LABEL = "groundwork.dev/rehearsal";
/** Which resource of the program made it. */
export const RESOURCE_LABEL = "groundwork.dev/rehearsal-urn";

/** Of an image, which tags it was built for: what is built or run on it inherits its labels, and is somebody else's. */
export const TAGS_LABEL = "groundwork.dev/rehearsal-tags";

/** The value of {@link OWNER_LABEL}: readable, and another one for each folder that a rehearsal's state lies in. */
export function ownerOf(project: string, stack: string, folder: string): string {
  return `${project}/${stack}/${createHash("sha256").update(folder).digest("hex").slice(0, 12)}`;
}

export function ownLabels(owner: string, urn: string): Readonly<Record<string, string>> {
  return { [OWNER_LABEL]: owner, [RESOURCE_LABEL]: urn };
}

/** Whether labels were given to a resource of this type, and not inherited from an image of ours by what somebody runs on it. */
export function isMadeAs(token: string, labels: Readonly<Record<string, string>> | null | undefined): boolean {
  const [, , types = ""] = labels?.[RESOURCE_LABEL]?.split("::") ?? [];
  return types.split("$").at(-1) === token;
}

/** Those of an image's tags that it was built for. */
export function ownTags(
  tags: readonly string[],
  labels: Readonly<Record<string, string>> | null | undefined,
): string[] {
  const own = labels?.[TAGS_LABEL]?.split(" ") ?? [];
  return tags.filter((tag) => own.includes(tag));
}

export function isOwn(labels: Readonly<Record<string, string>> | null | undefined, owner: string): boolean {
  return labels?.[OWNER_LABEL] === owner;
}
