import type { Document } from "yaml";

/** yaml's own. https://eemeli.org/yaml/#tojs-options */
const MOST_ALIASES = 100;

/**
 * What a document holds, or nothing where it cannot be told: one without an error of its own may still have aliases without an
 * anchor, or so many of them that they would fill the memory.
 * @param most aliases of one anchor, those in what it stands for included. Default: 100
 */
export function plainYaml(document: Pick<Document, "toJS">, most = MOST_ALIASES): unknown {
  try {
    return document.toJS({ maxAliasCount: most });
  } catch (error) {
    if (error instanceof ReferenceError) return undefined;
    throw error;
  }
}
