import { cpSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { groundworkRoot } from "../../scripts/rehearsal/home.ts";
import { temporaryFolder } from "./folder.ts";

/** A copy of a project in test/fixtures that a test may change, with these files instead of its own or beside them. */
export function fixture(name: string, files: Readonly<Record<string, string>> = {}): string {
  const folder = join(temporaryFolder(), `${name} #1`);
  cpSync(join(groundworkRoot, "test/fixtures", name), folder, { recursive: true });
  for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text);
  symlinkSync(join(groundworkRoot, "node_modules"), join(folder, "node_modules"));
  return folder;
}
