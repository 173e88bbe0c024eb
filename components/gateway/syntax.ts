import { BadInput } from "@groundwork/lib/errors";

/** A directive, or what stands inside a block. */
export type Line = string | readonly Line[];

export function section(head: string, lines: readonly Line[]): Line[] {
  return [`${head} {`, lines, "}"];
}

export function block(depth: number, lines: readonly Line[]): string {
  return lines
    .map((line) => (typeof line === "string" ? `${"  ".repeat(depth)}${line}\n` : block(depth + 1, line)))
    .join("");
}

export function refuseUnless(isRight: boolean, key: string, value: unknown, expected: string): void {
  if (!isRight) throw new BadInput(`gateway: ${key} is ${JSON.stringify(value)}; write ${expected}.`);
}

/** A port that a process which is not root may listen on. */
export function refuseUnlessOpenPort(key: string, port: number): void {
  refuseUnless(Number.isInteger(port) && port > 1023 && port < 65_536, key, port, "a port from 1024 to 65535");
}

export function refuseUnlessPort(key: string, port: number): void {
  refuseUnless(Number.isInteger(port) && port > 0 && port < 65_536, key, port, "a port from 1 to 65535");
}
