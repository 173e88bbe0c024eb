import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { groundworkRoot } from "../../scripts/rehearsal/home.ts";

interface Package {
  readonly version?: string;
  readonly integrity?: string;
  readonly resolved?: string;
  readonly hasInstallScript?: boolean;
}

/**
 * That the lock file of an image installs the versions that the tests run with, from whatever registry npm is told to use.
 * @param least packages that it has at least
 * @param instead what makes the lock file anew
 */
export function assertLocked(folder: string, least: number, instead: string): void {
  const own = packages(folder);
  const tested = new Set(packages(".").map(identity));
  const untested = own.map(identity).filter((one) => !tested.has(one));
  assert.ok(own.length > least, `${own.length} packages`);
  assert.deepEqual(untested, [], `run ${instead}`);
  assert.deepEqual(
    own.filter(([, { resolved }]) => resolved !== undefined),
    [],
  );
  // the Dockerfile runs no install script; a package that needs one would be broken in the image
  assert.deepEqual(
    own.filter(([, { hasInstallScript }]) => hasInstallScript === true),
    [],
  );
}

/** What a lock file would install, by path. */
function packages(folder: string): [string, Package][] {
  const lock = JSON.parse(readFileSync(join(groundworkRoot, folder, "package-lock.json"), "utf8")) as {
    packages: Record<string, Package>;
  };
  return Object.entries(lock.packages).filter(([path]) => path.includes("node_modules/"));
}

function identity([path, { version, integrity }]: [string, Package]): string {
  return [path.slice(path.lastIndexOf("node_modules/")), version, integrity].join(" ");
}
