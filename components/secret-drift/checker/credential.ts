import { readFileSync } from "node:fs";

/**
 * A token or password by the variable that names it: the variable itself, or the file of which `<NAME>_FILE` has the path,
 * because variables show up in process listings and in what a container's engine tells. Read each time, so that a new one
 * is taken at once. @returns an empty text where there is none
 */
export function credential(variable: string): string {
  const value = process.env[variable]?.trim() ?? "";
  const file = process.env[`${variable}_FILE`] ?? "";
  if (value !== "" || file === "") return value;
  try {
    return readFileSync(file, "utf8").trim();
  } catch {
    return "";
  }
}
