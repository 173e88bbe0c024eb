import { existsSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { InvalidMapping } from "./reader.ts";

/**
 * Makes a folder with those above it. One by one: Node's own recursion never ends where the kernel says that a parent does not
 * exist, as below /proc.
 * @param whose of what it is the folder, and `instead` what to name in its place, for who reads that it cannot be made
 * @param mode of what is made. Default: for its owner only
 * @throws InvalidMapping
 */
export function makeFolder(folder: string, whose: string, instead: string, mode = 0o700): void {
  if (existsSync(folder)) return;
  makeFolder(dirname(folder), whose, instead, mode);
  try {
    mkdirSync(folder, { mode });
  } catch (error) {
    const { code = "unknown error" } = error as NodeJS.ErrnoException;
    // somebody else may have made it meanwhile
    if (code === "EEXIST") return;
    throw new InvalidMapping(`the folder ${folder} of ${whose} cannot be made (${code}): name ${instead}`);
  }
}
