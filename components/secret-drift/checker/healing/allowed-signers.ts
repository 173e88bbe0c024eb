import { readFileSync, statSync } from "node:fs";
import { InvalidMapping, type Keys, type Reader } from "../reader.ts";

/** Who approves: the keys `approvers` and `approvals` of the mapping. */
export interface ApprovalSettings {
  /** Path of the file of those whose signatures count; absent where nobody signs. */
  readonly approvers?: string;
  /** Path of the folder from which the monitor takes signed approvals; absent where it takes none. */
  readonly approvals?: string;
}

/** One line of an allowed signers file. https://man.openbsd.org/ssh-keygen#ALLOWED_SIGNERS */
interface Line {
  readonly principals: readonly string[];
  /** In base64, as it stands in the file. */
  readonly key: string;
  /** The key signs certificates, and no approvals itself. */
  readonly isAuthority: boolean;
}

/** Who may sign approvals: the file as it was when it was read, so that all that is decided of one approval rests on the same. */
export interface Signers {
  readonly text: string;
  readonly lines: readonly Line[];
}

const LINE =
  /^(?:"(?<quoted>[^"]+)"|(?<plain>[^\s"]+))[ \t]+(?:(?<options>(?:[^\s"]|"[^"]*")+)[ \t]+)?(?<type>(?:sk-)?(?:ssh|ecdsa)-[\w@.-]+)[ \t]+(?<key>[A-Za-z0-9+/]+={0,2})(?:[ \t].*)?$/;
/** Stands for many people: nobody could say who has signed. */
const PATTERN = /[*?!]/;
/** In bytes; some ten thousand signers. */
const LARGEST = 4 * 1024 * 1024;
const WORLD_WRITABLE = 0o002;

/** @throws InvalidMapping */
export function approvalSettings({ approvers, approvals }: Keys, read: Reader): ApprovalSettings {
  if (approvals !== undefined && approvers === undefined)
    throw read.wrong("approvals", approvals, "write approvers too, the file of those whose signatures count");
  return {
    ...(approvers !== undefined && { approvers: read.text(approvers, "approvers") }),
    ...(approvals !== undefined && { approvals: read.text(approvals, "approvals") }),
  };
}

/** @throws InvalidMapping when the file cannot be used */
export function readSigners(path: string): Signers {
  const text = read(path);
  const lines = text.split("\n").flatMap((each, index) => {
    const line = each.trim();
    if (line === "" || line.startsWith("#")) return [];
    const found = LINE.exec(line)?.groups;
    if (found?.["key"] === undefined)
      throw new InvalidMapping(
        `${path} has something else than an allowed signer in line ${index + 1}: write a name and a public key, as man ssh-keygen says under ALLOWED SIGNERS`,
      );
    const principals = (found["quoted"] ?? found["plain"] ?? "").split(",");
    return [
      { principals, key: found["key"], isAuthority: /(?:^|,)cert-authority(?:,|$)/i.test(found["options"] ?? "") },
    ];
  });
  if (lines.length === 0) throw new InvalidMapping(`${path} allows nobody to sign: write a name and a public key`);
  return { text, lines };
}

/** Every name that the file has for a key, on whichever line. */
export function namesOf({ lines }: Signers, key: string): string[] {
  const own = lines.filter((line) => line.key === key && !line.isAuthority);
  return [...new Set(own.flatMap(({ principals }) => principals).filter(isPerson))];
}

export function isPerson(principal: string): boolean {
  return principal !== "" && !PATTERN.test(principal);
}

/** Whether two names may be one person's: `alice` of a machine is taken for `alice@example.com`. */
export function isSamePerson(one: string, other: string): boolean {
  const [a, b] = [one.toLowerCase(), other.toLowerCase()];
  return a === b || localPart(a) === localPart(b);
}

function localPart(name: string): string {
  const at = name.lastIndexOf("@");
  return at < 0 ? name : name.slice(0, at);
}

function read(path: string): string {
  try {
    const { size, mode } = statSync(path);
    if (size > LARGEST) throw new InvalidMapping(`${path} has ${size} bytes: write the file of the allowed signers`);
    if ((mode & WORLD_WRITABLE) !== 0)
      throw new InvalidMapping(`${path} says who may approve and can be written by everybody: chmod o-w ${path}`);
    return readFileSync(path, "utf8");
  } catch (error) {
    if (error instanceof InvalidMapping) throw error;
    const { code = "unreadable" } = error as NodeJS.ErrnoException;
    throw new InvalidMapping(
      `the approvers' file ${path} cannot be read (${code}): write the allowed signers there, or correct approvers in the mapping`,
    );
  }
}
