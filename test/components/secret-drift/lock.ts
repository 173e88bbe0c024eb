import { execFileSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Writes the checker's package-lock.json: `node test/components/secret-drift/lock.ts`, from the versions that are installed here. */
const ROOT = join(import.meta.dirname, "../../..");
const WORKSPACE = "components/secret-drift/checker";

interface Lock {
  readonly name?: string;
  readonly version?: string;
  readonly lockfileVersion: number;
  readonly requires: boolean;
  readonly packages: Readonly<Record<string, { readonly link?: boolean }>>;
}

/** The lock file of the whole project as if the checker were all of it: npm takes away what it does not need. */
function asIfAlone(lock: Lock, own: { readonly name: string; readonly version: string }): Lock {
  const entries = Object.entries(lock.packages);
  const shared = entries.filter(([path, { link }]) => path.startsWith("node_modules/") && link !== true);
  const nested = entries
    .filter(([path]) => path.startsWith(`${WORKSPACE}/node_modules/`))
    .map(([path, found]) => [path.slice(WORKSPACE.length + 1), found] as const);
  const packages = { "": own as object, ...Object.fromEntries(shared), ...Object.fromEntries(nested) };
  return { ...lock, name: own.name, version: own.version, packages };
}

function write(): void {
  const folder = mkdtempSync(join(tmpdir(), "groundwork-lock-"));
  const path = (name: string) => join(ROOT, WORKSPACE, name);
  try {
    copyFileSync(path("package.json"), join(folder, "package.json"));
    const own = JSON.parse(readFileSync(path("package.json"), "utf8")) as { name: string; version: string };
    const lock = JSON.parse(readFileSync(join(ROOT, "package-lock.json"), "utf8")) as Lock;
    writeFileSync(join(folder, "package-lock.json"), JSON.stringify(asIfAlone(lock, own)));
    const args = [
      "install",
      "--package-lock-only",
      "--omit-lockfile-registry-resolved",
      "--ignore-scripts",
      "--no-audit",
    ];
    execFileSync("npm", [...args, "--no-fund", "--prefix", folder], { cwd: folder, stdio: "inherit" });
    copyFileSync(join(folder, "package-lock.json"), path("package-lock.json"));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (import.meta.main) write();
