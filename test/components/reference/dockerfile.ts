import { readFileSync } from "node:fs";
import { matchesGlob } from "node:path";

export interface Instruction {
  readonly name: string;
  readonly rest: string;
}

export interface Stage {
  readonly name: string;
  readonly from: string;
  readonly instructions: readonly Instruction[];
}

/** The stages of a Dockerfile that uses no heredocs. https://docs.docker.com/reference/dockerfile/ */
export function stages(path: string): Stage[] {
  const lines = readFileSync(path, "utf8")
    .split("\n")
    .filter((line) => !line.startsWith("#"))
    .join("\n")
    .replaceAll(/\\\n\s*/g, "")
    .split("\n")
    .filter((line) => line !== "");
  const found: { name: string; from: string; instructions: Instruction[] }[] = [];
  for (const line of lines) {
    const [name = "", ...words] = line.split(" ");
    const [from = "", , alias = ""] = words;
    if (name === "FROM") found.push({ name: alias, from, instructions: [] });
    else found.at(-1)?.instructions.push({ name, rest: words.join(" ") });
  }
  return found;
}

/** Paths that a build may copy: the last pattern that matches decides. https://docs.docker.com/build/concepts/context/#dockerignore-files */
export function sent(ignoreFile: string, paths: readonly string[]): string[] {
  const patterns = readFileSync(ignoreFile, "utf8").trim().split("\n");
  return paths.filter((path) => {
    const last = patterns.findLast((pattern) => covers(pattern.replace(/^!/, ""), path));
    return last === undefined || last.startsWith("!");
  });
}

/** A pattern also covers what is in a folder that it matches. */
function covers(pattern: string, path: string): boolean {
  const parts = path.split("/");
  return parts.some((_, index) => matchesGlob(parts.slice(0, index + 1).join("/"), pattern));
}
