/**
 * The CLI that is downloaded or built where none is installed. 3.200.0 is a version that the Go module proxy serves;
 * newer ones come when it serves them, and the recorded release state (test/release) must preview unchanged with them.
 */
export const PULUMI_VERSION = "3.200.0";

/** Oldest CLI on PATH that is used: the event log and the analyzer protocol of this version are what we read and serve. */
export const MINIMUM_VERSION = "3.200.0";

/** `go` line of the build's go.mod. Older toolchains would have to download a newer one of themselves. */
export const MINIMUM_GO_VERSION = "1.25.0";

/** The numbers of the first version in a text such as `v3.200.0-dev` or `go version go1.26.8 linux/amd64`. */
export function findVersion(text: string): string | undefined {
  const match = /(?:^|[^\d.])(\d+)\.(\d+)(?:\.(\d+))?/.exec(text);
  return match === null ? undefined : `${match[1]}.${match[2]}.${match[3] ?? "0"}`;
}

export function isOlder(version: string, than: string): boolean {
  const [a, b] = [version, than].map((text) => text.split(".").map(Number));
  for (let i = 0; i < 3; i++) {
    const difference = (a?.[i] ?? 0) - (b?.[i] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}
