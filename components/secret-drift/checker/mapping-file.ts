import { readFileSync } from "node:fs";
import { type Mapping, parseMapping } from "./mapping.ts";
import { InvalidMapping } from "./reader.ts";

/** The mapping of a file, checked; no store is asked. @throws InvalidMapping */
export function readMapping(path: string): Mapping {
  return parseMapping(read(path), path);
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const { code = "unreadable" } = error as NodeJS.ErrnoException;
    throw new InvalidMapping(
      `the mapping ${path} cannot be read (${code}): write one there, or name another with --mapping`,
    );
  }
}
