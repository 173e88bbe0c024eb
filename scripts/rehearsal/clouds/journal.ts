import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import {
  closeSync,
  existsSync,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import { BadInput } from "@groundwork/lib/errors";
import type { Tree, TreeObject } from "./values.ts";
import { Secret, Unknown, isList, isObject } from "./values.ts";

/** A thing as it is written down. */
export interface Entry {
  readonly token: string;
  readonly id: string;
  readonly place: string;
  readonly urn: string;
  readonly inputs: TreeObject;
  readonly properties: TreeObject;
  /** What all of the thing's made-up digits derive from. */
  readonly seed: string;
  /** A digest of what must be unique in the place. */
  readonly key?: string;
  readonly quotas?: readonly { readonly quota: string; readonly per: string; readonly count: number }[];
  readonly broughtBy?: string;
  readonly retained?: string;
  /** Why a live rehearsal only simulates it, e.g. an image that cannot be had. */
  readonly leftOut?: string;
  /** While a live rehearsal's engine makes it: id and properties are made up until it has. */
  readonly unmade?: true;
}

export type Address = readonly [place: string, token: string, id: string];

/** What one operation did: written as one line, so that it happened wholly or not at all. */
export interface Transaction {
  readonly put?: readonly Entry[];
  readonly gone?: readonly Address[];
  /** How many things a URN has made so far: a thing that is made again must not get the ids of the old one. */
  readonly made?: readonly (readonly [urn: string, count: number])[];
}

/** Appends to a file of JSON lines. Killed at any moment, it loses at most the line that was being written. */
export class Journal {
  readonly #path: string;
  readonly #key: Buffer;
  #file: number | undefined;

  constructor(path: string, key: Buffer) {
    if (key.length !== KEY_LENGTH) throw new Error(`the sealing key has ${key.length} bytes instead of ${KEY_LENGTH}`);
    this.#path = path;
    this.#key = key;
  }

  /** All transactions so far. A torn last line is dropped: whoever wrote it died before the answer was given. */
  read(): Transaction[] {
    if (!existsSync(this.#path)) return [];
    const lines = readFileSync(this.#path, "utf8").split("\n");
    lines.pop();
    return lines.map((line, index) => {
      try {
        return unseal(JSON.parse(line), this.#key) as Transaction;
      } catch (error) {
        throw unreadable(this.#path, index + 1, error);
      }
    });
  }

  /** Replaces the file by one transaction, in one step. */
  compact(transaction: Transaction): void {
    this.close();
    mkdirSync(dirname(this.#path), { recursive: true });
    const draft = `${this.#path}.new`;
    writeFileSync(draft, this.#line(transaction), { mode: 0o600 });
    renameSync(draft, this.#path);
  }

  append(transaction: Transaction): void {
    this.#file ??= openSync(this.#path, "a", 0o600);
    const line = Buffer.from(this.#line(transaction));
    const { size } = fstatSync(this.#file);
    try {
      for (let written = 0; written < line.length;) written += writeSync(this.#file, line, written);
    } catch (error) {
      ftruncateSync(this.#file, size); // half a line, of a full disk, would spoil the next one
      throw error;
    }
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }

  #line(transaction: Transaction): string {
    return `${JSON.stringify(seal(transaction, this.#key))}\n`;
  }
}

function unreadable(path: string, line: number, error: unknown): Error {
  const sealed = error instanceof Error && "code" in error && error.code === "ERR_OSSL_BAD_DECRYPT";
  const why =
    sealed || (error instanceof Error && /authenticate/.test(error.message))
      ? "was sealed with another key"
      : "is not what the simulator wrote";
  return new BadInput(`line ${line} of ${path} ${why}: remove the file to start with empty clouds`);
}

const KEY_LENGTH = 32;
const NONCE_LENGTH = 12;
const TAG_LENGTH = 16;
const SEALED = "$sealed";

/** Every secret becomes ciphertext (AES-256-GCM). Objects that look like one are sealed too, so none is mistaken. */
export function seal(tree: Tree, key: Buffer): unknown {
  if (tree instanceof Secret) return { [SEALED]: encrypt(JSON.stringify(seal(tree.value, key)), key), secret: true };
  if (tree instanceof Unknown) throw new Error("a value that is not yet known cannot exist in a cloud");
  if (isList(tree)) return tree.map((member) => seal(member, key));
  if (!isObject(tree)) return tree;
  const object: Record<string, unknown> = {};
  for (const name in tree) if (tree[name] !== undefined) object[name] = seal(tree[name], key);
  return SEALED in object ? { [SEALED]: encrypt(JSON.stringify(object), key) } : object;
}

export function unseal(value: unknown, key: Buffer): Tree {
  if (Array.isArray(value)) return value.map((member) => unseal(member, key));
  if (typeof value !== "object" || value === null) return value as Tree;
  const object = value as Record<string, unknown>;
  if (typeof object[SEALED] === "string") {
    const inner: unknown = JSON.parse(decrypt(object[SEALED], key));
    return object["secret"] === true ? new Secret(unseal(inner, key)) : members(inner as Record<string, unknown>, key);
  }
  return members(object, key);
}

function members(object: Record<string, unknown>, key: Buffer): TreeObject {
  const tree: Record<string, Tree> = {};
  for (const name in object) tree[name] = unseal(object[name], key);
  return tree;
}

function encrypt(text: string, key: Buffer): string {
  const nonce = randomBytes(NONCE_LENGTH);
  const cipher = createCipheriv("aes-256-gcm", key, nonce);
  const hidden = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), hidden]).toString("base64");
}

function decrypt(text: string, key: Buffer): string {
  const bytes = Buffer.from(text, "base64");
  const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(0, NONCE_LENGTH));
  decipher.setAuthTag(bytes.subarray(NONCE_LENGTH, NONCE_LENGTH + TAG_LENGTH));
  return decipher.update(bytes.subarray(NONCE_LENGTH + TAG_LENGTH), undefined, "utf8") + decipher.final("utf8");
}
