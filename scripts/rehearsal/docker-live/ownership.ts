import { createHash } from "node:crypto";

/** Whose a thing of the engine is: one rehearsal of one stack in one folder. Only what carries it is ever changed. */
export const OWNER_LABEL = "groundwork.dev/rehearsal";
/** Which resource of the program made it. */
export const RESOURCE_LABEL = "groundwork.dev/rehearsal-urn";

/** The value of {@link OWNER_LABEL}: readable, and another one for each folder that a rehearsal's state lies in. */
export function ownerOf(project: string, stack: string, folder: string): string {
  return `${project}/${stack}/${createHash("sha256").update(folder).digest("hex").slice(0, 12)}`;
}

export function ownLabels(owner: string, urn: string): Readonly<Record<string, string>> {
  return { [OWNER_LABEL]: owner, [RESOURCE_LABEL]: urn };
}

export function isOwn(labels: Readonly<Record<string, string>> | null | undefined, owner: string): boolean {
  return labels?.[OWNER_LABEL] === owner;
}
