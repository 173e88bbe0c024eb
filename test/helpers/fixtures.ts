import { cpSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { groundworkRoot } from "../../scripts/rehearsal/home.ts";
import { temporaryFolder } from "./folder.ts";

/** A copy of a project in test/fixtures that a test may change, with the dependencies of this repository. */
export function fixture(name: string, files: Readonly<Record<string, string>> = {}): string {
  const folder = temporaryFolder(files);
  cpSync(join(groundworkRoot, "test/fixtures", name), folder, {
    recursive: true,
    filter: (path) => !Object.keys(files).some((file) => path.endsWith(`/${name}/${file}`)),
  });
  symlinkSync(join(groundworkRoot, "node_modules"), join(folder, "node_modules"));
  return folder;
}
