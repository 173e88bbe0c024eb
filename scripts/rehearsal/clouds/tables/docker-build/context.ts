import { createHash } from "node:crypto";
import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { isAbsolute, join, resolve } from "node:path";
import type { Ctx } from "../../table.ts";
import { plain, text } from "../values.ts";

/** Contexts that BuildKit fetches itself. https://docs.docker.com/build/concepts/context/#remote-context */
const REMOTE = /^(?:https?:\/\/|git@|git:\/\/|ssh:\/\/|docker-image:\/\/|oci-layout:\/\/|-$)/;

export interface Context {
  /** Absolute; `undefined` for a remote context. */
  readonly folder: string | undefined;
  /** The Dockerfile's text; `undefined` where it lies in a remote context or is not there. */
  readonly dockerfile: string | undefined;
  /** As the program names it, for messages. */
  readonly dockerfilePath: string;
}

/** `.` is the documented default of the context, `Dockerfile` inside it that of the Dockerfile. */
export function contextOf({ inputs, directory = process.cwd() }: Pick<Ctx, "inputs" | "directory">): Context {
  const location = text(plain(inputs.context).location) || ".";
  const folder = REMOTE.test(location) ? undefined : resolve(directory, location);
  const { inline, location: named } = plain(inputs.dockerfile);
  const dockerfilePath = text(named) || join(location, "Dockerfile");
  if (text(inline) !== "") return { folder, dockerfile: text(inline), dockerfilePath: "dockerfile.inline" };
  const file = isAbsolute(dockerfilePath) ? dockerfilePath : resolve(directory, dockerfilePath);
  const there = (folder !== undefined || text(named) !== "") && existsSync(file);
  return { folder, dockerfile: there ? readFileSync(file, "utf8") : undefined, dockerfilePath };
}

/** The files of a folder that a build sees, relative to it, in a fixed order. */
export function filesOf(folder: string): string[] {
  const ignored = ignores(folder);
  const files: string[] = [];
  const visit = (relative: string) => {
    for (const entry of readdirSync(join(folder, relative), { withFileTypes: true })) {
      const path = relative === "" ? entry.name : `${relative}/${entry.name}`;
      if (entry.isDirectory()) visit(path);
      else if (!ignored(path)) files.push(path);
    }
  };
  visit("");
  return files.sort();
}

/** https://docs.docker.com/build/concepts/context/#dockerignore-files: the last matching pattern wins, `!` takes back. */
function ignores(folder: string): (path: string) => boolean {
  const file = join(folder, ".dockerignore");
  if (!existsSync(file)) return () => false;
  const patterns = readFileSync(file, "utf8")
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => ({ keep: line.startsWith("!"), pattern: glob(line.replace(/^!/, "")) }));
  return (path) => patterns.reduce((ignored, { keep, pattern }) => (pattern.test(path) ? !keep : ignored), false);
}

/** A pattern names a file, or a folder with all that is in it. */
function glob(pattern: string): RegExp {
  const clean = pattern.replace(/^\.?\/+/, "").replace(/\/+$/, "");
  const source = clean.replace(/\*\*\/|\*\*|\*|\?|[.+^${}()|\\]/g, (part) => {
    if (part === "**/") return "(?:.*/)?";
    if (part === "**") return ".*";
    if (part === "*") return "[^/]*";
    return part === "?" ? "[^/]" : `\\${part}`;
  });
  return new RegExp(`^${source}(?:/.*)?$`);
}

/** Paths, modes and contents: what decides whether an image may have to be built again. */
export function contextHash(ctx: Ctx): string {
  const { folder, dockerfile } = contextOf(ctx);
  const hash = createHash("sha256").update(dockerfile ?? "");
  if (folder === undefined) return hash.update(text(plain(ctx.inputs.context).location)).digest("hex");
  if (!existsSync(folder)) return hash.digest("hex");
  for (const path of filesOf(folder)) {
    const file = join(folder, path);
    const stat = lstatSync(file);
    hash.update(`\0${path}\0${(stat.mode & 0o111) === 0 ? "" : "x"}\0`);
    hash.update(stat.isSymbolicLink() ? readlinkSync(file) : stat.isFile() ? readFileSync(file) : "");
  }
  return hash.digest("hex");
}

export interface Instruction {
  readonly name: string;
  readonly rest: string;
}

/** A Dockerfile's instructions, lines that end in `\` joined. https://docs.docker.com/reference/dockerfile/#format */
export function instructionsOf(dockerfile: string): Instruction[] {
  return dockerfile
    .split("\n")
    .filter((line) => !/^\s*#/.test(line))
    .join("\n")
    .replace(/\\[ \t]*\n/g, " ")
    .split("\n")
    .flatMap((line) => {
      const match = /^\s*([A-Za-z]+)\s+(.*\S)\s*$/.exec(line);
      return match?.[1] !== undefined && match[2] !== undefined
        ? [{ name: match[1].toUpperCase(), rest: match[2] }]
        : [];
    });
}
