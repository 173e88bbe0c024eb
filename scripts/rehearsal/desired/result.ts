import { readFileSync, writeFileSync } from "node:fs";

/** Written for {@link readResult}. */
export function writeResult(path: string, result: unknown): void {
  writeFileSync(path, JSON.stringify(result), { mode: 0o600 });
}

/** What is not known yet leaves a gap in a list, which JSON has no other word for than null. */
export function readResult<T>(path: string): T {
  return JSON.parse(readFileSync(path, "utf8"), function (this: unknown, _key, value: unknown) {
    return value === null && Array.isArray(this) ? undefined : value;
  }) as T;
}
