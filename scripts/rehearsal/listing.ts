import { existsSync } from "node:fs";
import { BadInput } from "@groundwork/lib/errors";
import { Inventory } from "./clouds/inventory.ts";
import { Journal } from "./clouds/journal.ts";
import { foldersFor } from "./home.ts";
import { loadKeys } from "./keys.ts";
import { takeLock } from "./lock.ts";
import { readProject, stackFile } from "./project.ts";

/** Something in a simulated cloud. */
export interface Listed {
  readonly type: string;
  readonly id: string;
  /** Account and region, cluster, or Docker host. */
  readonly place: string;
  readonly urn: string;
  /** What brought it into being, when no program did. */
  readonly broughtBy?: string;
  /** Why it outlives its deletion. */
  readonly retained?: string;
}

/**
 * What exists in the simulated clouds of a stack after a rehearsal that was kept or stopped. Empty after one that tore
 * everything down.
 * @throws BadInput while the stack is being rehearsed
 */
export function listInventory(directory: string, stack: string): Listed[] {
  const project = readProject(directory);
  stackFile(project, stack);
  const folders = foldersFor(project.root, stack);
  if (!existsSync(folders.inventory)) return [];
  if (!existsSync(folders.keys)) {
    throw new BadInput(
      `${folders.keys} is missing, without which the inventory cannot be read: remove ${folders.stack}`,
    );
  }
  const release = takeLock(folders.lock, stack);
  try {
    const journal = new Journal(folders.inventory, Buffer.from(loadKeys(folders.keys).sealing, "base64"));
    const inventory = new Inventory(journal);
    const listed = inventory.all().map(({ token, id, place, urn, broughtBy, retained }) => ({
      type: token,
      id,
      place,
      urn,
      ...(broughtBy === undefined ? {} : { broughtBy }),
      ...(retained === undefined ? {} : { retained }),
    }));
    inventory.close();
    return listed.sort((a, b) => `${a.place} ${a.type} ${a.id}`.localeCompare(`${b.place} ${b.type} ${b.id}`));
  } finally {
    release();
  }
}
