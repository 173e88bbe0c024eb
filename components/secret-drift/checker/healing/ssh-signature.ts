import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { childEnvironment } from "../child-environment.ts";
import { type Signers, isPerson, namesOf } from "./allowed-signers.ts";

/** What keeps a signature of something else, such as a commit, from being one of an approval. */
export const NAMESPACE = "groundwork-approval";

/** Who has signed. */
export interface Signer {
  /** The name under which the signature is good. */
  readonly name: string;
  /** Every name that this key has, {@link name} included. */
  readonly names: readonly string[];
  /** The public key, in base64. */
  readonly key: string;
}

const ARMOR = /^-----BEGIN SSH SIGNATURE-----\n([A-Za-z0-9+/=\n]+)\n-----END SSH SIGNATURE-----\n?$/;
const MAGIC = "SSHSIG";
/** In milliseconds; it takes some ten. */
const PATIENCE = 10_000;
const NOT_INSTALLED = "ssh-keygen is not installed, which checks signatures: install OpenSSH's client";

/**
 * Whose good signature of a text this is, or why it is none. OpenSSH's own program checks it, as git lets it check those of
 * commits: hardware keys, certificates, dates and revocation are what they are everywhere else, and no key of a signer, nor
 * code of ours that reads them, is here. It is given copies of the files, so that nobody exchanges them in between.
 */
export async function signerOf(text: string, signature: string, signers: Signers): Promise<Signer | string> {
  const envelope = opened(signature);
  if (envelope === undefined) return "it is no SSH signature, or not all of one";
  if (envelope.namespace !== NAMESPACE)
    return `it was made for something else (${printable(envelope.namespace)}): sign with -n ${NAMESPACE}`;
  const folder = mkdtempSync(join(tmpdir(), "groundwork-approval-"));
  try {
    const files = { signature: join(folder, "sig"), signers: join(folder, "signers") };
    writeFileSync(files.signature, signature, { mode: 0o600 });
    writeFileSync(files.signers, signers.text, { mode: 0o600 });
    return await verified(text, envelope.key, signers, files);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Files {
  readonly signature: string;
  readonly signers: string;
}

async function verified(text: string, key: string, signers: Signers, files: Files): Promise<Signer | string> {
  const base = ["-s", files.signature];
  const intact = await keygen(["-Y", "check-novalidate", "-n", NAMESPACE, ...base], text);
  if (intact === undefined) return NOT_INSTALLED;
  if (intact.code !== 0) return "the text is not what was signed";
  // a certificate's names are in it; a key may have several lines, of which this tells the first
  const found = await keygen(["-Y", "find-principals", "-f", files.signers, ...base], "");
  const names = [...new Set([...(found?.lines ?? []).filter(isPerson), ...namesOf(signers, key)])];
  for (const name of names) {
    const good = await keygen(["-Y", "verify", "-f", files.signers, "-I", name, "-n", NAMESPACE, ...base], text);
    if (good?.code === 0) return { name, names, key };
  }
  return names.length === 0
    ? "whoever signed it is not among the approvers, or not at this date"
    : `${names.join(", ")} may not approve, or not at this date`;
}

/** The namespace and the key of a signature. https://github.com/openssh/openssh-portable/blob/master/PROTOCOL.sshsig */
function opened(armored: string): { readonly namespace: string; readonly key: string } | undefined {
  const [, base64] = ARMOR.exec(armored) ?? [];
  const bytes = Buffer.from(base64 ?? "", "base64");
  if (bytes.subarray(0, MAGIC.length).toString("latin1") !== MAGIC) return undefined;
  const [key, namespace, , , signed, ...more] = stringsOf(bytes.subarray(MAGIC.length + 4)) ?? [];
  if (key === undefined || namespace === undefined || signed === undefined || more.length > 0) return undefined;
  return { namespace: namespace.toString("utf8"), key: key.toString("base64") };
}

/** SSH's strings, each after its length; nothing where they do not end where the bytes do. */
function stringsOf(bytes: Buffer): readonly Buffer[] | undefined {
  const strings: Buffer[] = [];
  let at = 0;
  while (at + 4 <= bytes.length) {
    const end = at + 4 + bytes.readUInt32BE(at);
    if (end > bytes.length) return undefined;
    strings.push(bytes.subarray(at + 4, end));
    at = end;
  }
  return at === bytes.length ? strings : undefined;
}

function printable(text: string): string {
  return /^[\w.@-]{1,60}$/.test(text) ? text : "another namespace";
}

/** What it prints and how it ends; nothing where there is no such program. */
function keygen(
  args: readonly string[],
  input: string,
): Promise<{ readonly code: number; readonly lines: readonly string[] } | undefined> {
  return new Promise((resolve) => {
    const child = spawn("ssh-keygen", args, {
      env: childEnvironment(),
      stdio: ["pipe", "pipe", "ignore"],
      timeout: PATIENCE,
    });
    let printed = "";
    child.stdout.on("data", (chunk: Buffer) => (printed += chunk.toString("utf8")));
    // it ends without reading what it will not check
    child.stdin.on("error", () => undefined);
    child.on("error", () => resolve(undefined));
    child.on("close", (code) => resolve({ code: code ?? -1, lines: printed.split("\n").map((line) => line.trim()) }));
    child.stdin.end(input);
  });
}
