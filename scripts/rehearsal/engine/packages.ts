import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** An installed npm package, as its own package.json tells. */
export interface InstalledPackage {
  readonly name: string;
  readonly version: string;
  /** Set by Pulumi SDKs: the resource plug-in that they need. */
  readonly pulumi?: {
    readonly resource?: boolean;
    readonly name?: string;
    readonly version?: string;
    readonly server?: string;
  };
}

interface Manifest extends Partial<InstalledPackage> {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

/** What the program in this folder depends on as installed; with `transitive` also what those depend on. */
export function programPackages(folder: string, transitive: boolean): InstalledPackage[] {
  return walk(folder, () => transitive);
}

/** The Pulumi SDKs that come with a resource plug-in, which the CLI installs before it runs a program without a lock file for them. */
export function pluginPackages(folder: string): InstalledPackage[] {
  // only what itself builds on Pulumi can bring in another SDK: the other hundreds of packages need not be read
  return walk(folder, isPulumiPackage).filter(({ pulumi }) => pulumi?.resource === true);
}

function walk(folder: string, follow: (manifest: Manifest) => boolean): InstalledPackage[] {
  const root = nearestManifest(folder);
  if (root === undefined) return [];
  const found = new Map<string, InstalledPackage>();
  const queue = [root];
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    for (const name of dependencyNames(next.manifest, next === root)) {
      const installed = findInstalled(name, next.folder);
      if (installed === undefined || found.has(installed.folder)) continue;
      const { version = "", pulumi } = installed.manifest;
      found.set(installed.folder, { name, version, ...(pulumi === undefined ? {} : { pulumi }) });
      if (follow(installed.manifest)) queue.push(installed);
    }
  }
  return [...found.values()].sort((a, b) => a.name.localeCompare(b.name));
}

function isPulumiPackage({ pulumi, dependencies, peerDependencies }: Manifest): boolean {
  return pulumi !== undefined || "@pulumi/pulumi" in { ...dependencies, ...peerDependencies };
}

function dependencyNames(manifest: Manifest, isRoot: boolean): string[] {
  return Object.keys({ ...manifest.dependencies, ...(isRoot ? manifest.devDependencies : {}) });
}

interface Located {
  readonly folder: string;
  readonly manifest: Manifest;
}

function nearestManifest(folder: string): Located | undefined {
  const manifest = readManifest(folder);
  if (manifest !== undefined) return { folder, manifest };
  return dirname(folder) === folder ? undefined : nearestManifest(dirname(folder));
}

/** Looks in each node_modules from this folder upwards, as Node does. Packages need not export their package.json. */
function findInstalled(name: string, from: string): Located | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    const candidate = join(folder, "node_modules", name);
    const manifest = readManifest(candidate);
    if (manifest !== undefined) return { folder: candidate, manifest };
    if (dirname(folder) === folder) return undefined;
  }
}

function readManifest(folder: string): Manifest | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;
  } catch {
    return undefined;
  }
}
