import { randomBytes } from "node:crypto";
import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";
import { Decrypter, Encrypter, armor, generateIdentity, identityToRecipient } from "age-encryption";
import { type LockOptions, lock } from "proper-lockfile";
import { makeFolder } from "../folder.ts";
import { InvalidMapping } from "../reader.ts";
import { SecretValue } from "../secret-value.ts";
import {
  type Asked,
  type Listed,
  MISSING,
  type Missing,
  type Store,
  TOUCHED,
  answered,
  isStill,
  refused,
} from "../store.ts";

/** What is in the file, once it is decrypted. */
type Contents = Readonly<
  Record<string, { readonly value: string; readonly updatedAt: number; readonly version: string }>
>;

export interface FileStoreOptions {
  readonly name: string;
  /** Path of the file with the age identity that opens the files, as `age-keygen` writes it. */
  readonly identityFile: string;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/** Of a folder: what is in it is encrypted, or its owner's alone. */
const OPEN = 0o777;
/** A writer waits for another for some ten seconds; a lock that nobody has touched for as long is that of one that died. */
const LOCK: LockOptions = { realpath: false, stale: 10_000, retries: { retries: 40, minTimeout: 50, maxTimeout: 300 } };

/**
 * Secrets in a file that `age` has encrypted (https://age-encryption.org), for one who has no account anywhere. A scope is
 * the file's path. The identity is a file of its own: keep the two apart.
 */
export class FileStore implements Store {
  readonly name: string;
  readonly readable = true;
  readonly guards = true;
  readonly #identityFile: string;
  readonly #now: () => number;

  constructor({ name, identityFile, now = Date.now }: FileStoreOptions) {
    this.name = name;
    this.#identityFile = identityFile;
    this.#now = now;
  }

  async list(scope: string): Promise<Asked<readonly Listed[]>> {
    const contents = await this.#open(scope);
    if (!contents.ok) return contents;
    return answered(
      Object.entries(contents.value).map(([name, { updatedAt, version }]) => ({ name, updatedAt, version })),
    );
  }

  async read(
    scope: string,
    names: readonly string[],
  ): Promise<Asked<ReadonlyMap<string, Asked<SecretValue | Missing>>>> {
    const contents = await this.#open(scope);
    if (!contents.ok) return contents;
    const value = (name: string): SecretValue | Missing => {
      const entry = Object.hasOwn(contents.value, name) ? contents.value[name] : undefined;
      return entry === undefined ? MISSING : new SecretValue(entry.value);
    };
    return answered(new Map(names.map((name) => [name, answered(value(name))])));
  }

  async write(scope: string, name: string, value: SecretValue, ifFound?: Listed | Missing): Promise<Asked<Listed>> {
    const release = await lock(scope, LOCK).catch(() => undefined);
    if (release === undefined) return refused("conflict", `${scope} is being written by somebody else`);
    try {
      const contents = await this.#open(scope);
      if (!contents.ok) return contents;
      const before = Object.hasOwn(contents.value, name) ? contents.value[name] : undefined;
      const there = before === undefined ? MISSING : { ...before, name };
      if (ifFound !== undefined && !isStill(there, ifFound)) return refused("conflict", TOUCHED);
      const entry = { value: value.reveal(), updatedAt: this.#now(), version: randomBytes(8).toString("hex") };
      return await this.#save(scope, { ...contents.value, [name]: entry }, { name, ...entry });
    } finally {
      await release();
    }
  }

  async health(scope: string): Promise<Asked<true>> {
    const contents = await this.#open(scope);
    return contents.ok ? answered(true) : contents;
  }

  /** Each file is there, or not, by itself. */
  service(scope: string): string {
    return scope;
  }

  /**
   * Makes the identity and an empty file where they are not there yet.
   * @throws InvalidMapping when there is a file and no identity, which would open nothing, or nothing can be made there
   */
  async create(scope: string): Promise<boolean> {
    if (!existsSync(this.#identityFile)) {
      if (existsSync(scope))
        throw new InvalidMapping(
          `${scope} exists, but ${this.#identityFile}, which opens it, does not: put that file back, or move the other away`,
        );
      this.#makeFolder(this.#identityFile);
      const identity = await generateIdentity();
      await replace(this.#identityFile, `${identity}\n`).catch((error: unknown) => {
        throw new InvalidMapping(`${this.#identityFile} cannot be written (${codeOf(error)})`);
      });
    }
    if (existsSync(scope)) return false;
    this.#makeFolder(scope);
    const saved = await this.#save(scope, {}, { name: "" });
    if (!saved.ok) throw new InvalidMapping(saved.problem.message);
    return true;
  }

  async #open(scope: string): Promise<Asked<Contents>> {
    const identity = this.#identity();
    if (!identity.ok) return identity;
    const file = readable(scope);
    if (!file.ok) return file;
    try {
      return answered(JSON.parse(await decrypted(file.value, identity.value)) as Contents);
    } catch {
      return refused("unauthorized", `${scope} cannot be opened with the identity in ${this.#identityFile}`);
    }
  }

  async #save(scope: string, contents: Contents, { name, updatedAt, version }: Listed): Promise<Asked<Listed>> {
    const identity = this.#identity();
    if (!identity.ok) return identity;
    const encrypter = new Encrypter();
    encrypter.addRecipient(await identityToRecipient(identity.value.reveal()));
    const text = JSON.stringify(contents);
    try {
      // what cannot be opened again must not take the place of what can
      await replace(scope, armor.encode(await encrypter.encrypt(text)), async (next) => {
        if ((await decrypted(next, identity.value)) !== text) throw new Error("it does not hold what was written");
      });
    } catch (error) {
      return refused("unavailable", `${scope} cannot be written (${codeOf(error)})`);
    }
    return answered({ name, ...(updatedAt !== undefined && { updatedAt }), ...(version !== undefined && { version }) });
  }

  #makeFolder(file: string): void {
    makeFolder(dirname(file), file, `another file in stores.${this.name}, or as a scope of it`, OPEN);
  }

  #identity(): Asked<SecretValue> {
    const file = readable(this.#identityFile);
    if (!file.ok) return file;
    const line = file.value.split("\n").find((each) => each.startsWith("AGE-SECRET-KEY-"));
    if (line === undefined) return refused("unauthorized", `${this.#identityFile} holds no age identity`);
    return answered(new SecretValue(line.trim()));
  }
}

function readable(path: string): Asked<string> {
  try {
    return answered(readFileSync(path, "utf8"));
  } catch (error) {
    const code = codeOf(error);
    if (code === "ENOENT") return refused("no-such-scope", `${path} does not exist`);
    return refused(code === "EACCES" ? "forbidden" : "unavailable", `${path} cannot be read (${code})`);
  }
}

async function decrypted(file: string, identity: SecretValue): Promise<string> {
  const decrypter = new Decrypter();
  decrypter.addIdentity(identity.reveal());
  return decrypter.decrypt(armor.decode(file), "text");
}

/**
 * All of it or nothing, and for its owner only.
 * @param check of what is on the disk before it takes the other's place; throws where that is not what it should be
 */
async function replace(path: string, text: string, check?: (next: string) => Promise<void>): Promise<void> {
  const next = `${path}.${process.pid}.next`;
  try {
    synced(next, "w", (file) => writeFileSync(file, text));
    chmodSync(next, 0o600);
    await check?.(readFileSync(next, "utf8"));
    renameSync(next, path);
  } catch (error) {
    rmSync(next, { force: true });
    throw error;
  }
  // the new name is the folder's to keep
  synced(dirname(path), "r");
}

function synced(path: string, flags: "r" | "w", change?: (file: number) => void): void {
  const file = openSync(path, flags, 0o600);
  try {
    change?.(file);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? "unknown error";
}
