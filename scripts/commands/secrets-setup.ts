import { existsSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { BadInput } from "@groundwork/lib/errors";
import { ensureHome } from "../rehearsal/home.ts";
import { type AddCommand, type Flags, guarded, loadChecker, print, withChecker } from "./secrets-shared.ts";

export function register(add: AddCommand): void {
  add(
    "init",
    "make the mapping, its encrypted files and the key of the fingerprints, whatever of them is missing",
  ).action(guarded(init));
  add(
    "set <property>",
    "give the source a value, which is read from standard input; a line's end at its end is left out",
  ).action(guarded(set));
}

async function init(flags: Flags): Promise<void> {
  const made: string[] = [];
  if (!existsSync(flags.mapping)) {
    write(flags.mapping, starter(join(ensureHome(), "secret-drift")));
    made.push(resolve(flags.mapping));
  }
  await withChecker(flags, async (checker) => {
    made.push(...(await checker.create()).map((scope) => resolve(scope)));
    if (await checker.prepare()) made.push(`the key of the fingerprints in ${checker.mapping.source.store}`);
  });
  print(flags, { made }, made.length === 0 ? "Everything was there already." : `Made ${made.join(", ")}.`);
}

function write(mapping: string, text: string): void {
  try {
    writeFileSync(mapping, text, { flag: "wx" });
  } catch (error) {
    const { code = "unknown error" } = error as NodeJS.ErrnoException;
    throw new BadInput(`the mapping ${mapping} cannot be written (${code}): name another with --mapping`);
  }
}

/** One secret as an example, with no place yet that anybody has. */
function starter(folder: string): string {
  return `# Which secret belongs where: docs/secret-drift.md
source: { store: local, scope: ${join(folder, "secrets.age")} }
stores:
  # A file that age has encrypted. Keep the identity, which opens it, somewhere else as well.
  local: { kind: file, identityFile: ${join(folder, "identity.txt")} }
  copy: { kind: file, identityFile: ${join(folder, "identity.txt")} }
defaults: { risk: medium, rotateAfterDays: 90, minimumLength: 12 }
secrets:
  database-password:
    property: database.password
    places:
      - { store: copy, scope: ${join(folder, "copy.age")}, name: DATABASE_PASSWORD }
`;
}

async function set(property: string, flags: Flags): Promise<void> {
  await withChecker(flags, async (checker) => {
    const { givenValue } = await loadChecker();
    await checker.set(property, () => givenValue(process.stdin));
    print(flags, { set: property }, `${property} is set in ${checker.mapping.source.store}.`);
  });
}
