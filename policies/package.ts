import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { BadInput } from "@groundwork/lib/errors";

const HERE = import.meta.dirname;
const LIB = "@groundwork/lib/";
const SPECIFIER = /(\bfrom\s*|\bimport\s*\(?\s*)"([^"]+)"/g;

/**
 * Writes the pack as plain JavaScript, with what it uses of lib inside: Node strips types from nothing that is installed
 * in node_modules. `node policies/package.ts <folder>`, then `npm pack`, `npm publish` or `pulumi policy publish` there.
 */
export function packageTo(folder: string): void {
  if (existsSync(folder) && readdirSync(folder).length > 0) {
    throw new BadInput(`${folder} is not empty: name a folder that is, or that does not exist yet`);
  }
  mkdirSync(folder, { recursive: true });
  const waiting = [join(HERE, "index.mts")];
  const written = new Set(waiting);
  for (let source = waiting.pop(); source !== undefined; source = waiting.pop()) {
    for (const needed of writeModule(source, folder)) {
      if (!written.has(needed)) waiting.push(needed);
      written.add(needed);
    }
  }
  for (const file of ["PulumiPolicy.yaml", "README.md", "config.example.json"]) {
    copyFileSync(join(HERE, file), join(folder, file));
  }
  writeFileSync(join(folder, "package.json"), `${JSON.stringify(manifest(), null, 2)}\n`);
}

/** The sources that it imports. */
function writeModule(source: string, folder: string): string[] {
  const needed: string[] = [];
  const target = targetOf(source, folder);
  const plain = stripTypeScriptTypes(readFileSync(source, "utf8"));
  const code = plain.replaceAll(SPECIFIER, (whole: string, before: string, specifier: string) => {
    const imported = sourceOf(specifier, source);
    if (imported === undefined) return whole;
    needed.push(imported);
    const path = relative(dirname(target), targetOf(imported, folder));
    return `${before}"${path.startsWith(".") ? path : `./${path}`}"`;
  });
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, code);
  return needed;
}

/** `undefined` for what npm installs. */
function sourceOf(specifier: string, from: string): string | undefined {
  if (specifier.startsWith(".")) return resolve(dirname(from), specifier);
  return specifier.startsWith(LIB) ? fileURLToPath(import.meta.resolve(specifier)) : undefined;
}

function targetOf(source: string, folder: string): string {
  const own = relative(HERE, source);
  const path = own.startsWith("..") ? join("lib", relative(libFolder(), source)) : own;
  return join(folder, path.replace(/\.ts$/, ".js").replace(/\.mts$/, ".mjs"));
}

function libFolder(): string {
  return dirname(fileURLToPath(import.meta.resolve(`${LIB}errors`)));
}

function manifest(): object {
  const own = JSON.parse(readFileSync(join(HERE, "package.json"), "utf8")) as Record<string, unknown>;
  const dependencies = Object.entries(own["dependencies"] as Record<string, string>);
  const { files: _files, ...rest } = own;
  return {
    ...rest,
    main: "index.mjs",
    dependencies: Object.fromEntries(dependencies.filter(([name]) => !name.startsWith("@groundwork/"))),
  };
}

if (import.meta.main) {
  const [folder] = process.argv.slice(2);
  if (folder === undefined)
    throw new BadInput("name the folder to write the pack to: node policies/package.ts <folder>");
  packageTo(resolve(folder));
}
