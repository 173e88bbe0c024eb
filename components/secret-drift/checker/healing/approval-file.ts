import { createHash } from "node:crypto";
import { closeSync, constants, fstatSync, openSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { History } from "../history.ts";
import type { Mapping } from "../mapping.ts";
import { isSamePerson, readSigners } from "./allowed-signers.ts";
import { MOST_HOURS, approvalText, expiry, readApproval } from "./approval-text.ts";
import type { JournalEntry, Signature } from "./journal.ts";
import { presentRisk } from "./proposal.ts";
import { signerOf } from "./ssh-signature.ts";

/** What an approval is held against. */
export interface ApprovalDesk {
  readonly mapping: Pick<Mapping, "approval" | "secrets">;
  readonly history: Pick<History, "journal">;
}

/** What came of one signed file. */
export type Taken =
  | {
      readonly ok: true;
      readonly file: string;
      readonly proposal: string;
      readonly secret: string;
      readonly signer: string;
    }
  | { readonly ok: false; readonly file: string; readonly reason: string };

/** What files of approvals are called in a folder; each needs its signature beside it, in `.sig`. */
const ENDING = ".approval";
/** In bytes; a proposal of some thousand places. */
const LARGEST = 1024 * 1024;
/** In bytes; RSA of 16,384 bits has some 6,000. */
const LARGEST_SIGNATURE = 64 * 1024;

/** Approves what a signed file says, if it says so rightly. The signature is in a file of the same name and `.sig`. */
export async function takeApproval(desk: ApprovalDesk, file: string, now = Date.now()): Promise<Taken> {
  const refused = (reason: string): Taken => ({ ok: false, file, reason });
  const text = contents(file, LARGEST);
  if (!text.ok) return refused(text.reason);
  const checked = check(desk, text.text, now);
  if (typeof checked === "string") return refused(`${file} ${checked}`);
  const { entry, until, digest } = checked;
  const signature = contents(`${file}.sig`, LARGEST_SIGNATURE);
  if (!signature.ok) return refused(signature.reason);
  const signer = await signerOf(text.text, signature.text, readSigners(desk.mapping.approval.approvers ?? ""));
  if (typeof signer === "string") return refused(`the signature ${file}.sig does not count: ${signer}`);
  const proposer = [signer.name, ...signer.names].find((name) => isSamePerson(name, entry.proposer));
  if (entry.risk === "high" && proposer !== undefined)
    return refused(
      `proposal ${entry.id} has a high risk and was made by ${entry.proposer}, and ${file} is signed by ${proposer}: let somebody else sign it`,
    );
  const { name, names, key } = signer;
  const proof = { text: text.text, signature: signature.text };
  desk.history.journal.sign(entry.id, { digest, signer: name, names, key, at: now, until, proof });
  return { ok: true, file, proposal: entry.id, secret: entry.secret, signer: name };
}

/**
 * A proposal with the signatures alone that would be taken now too, by the approvers' file as it is now: who may sign no more
 * has not signed, and who has got the proposer's name has it.
 */
export async function withPresentSignatures(
  entry: JournalEntry,
  { approval }: Pick<Mapping, "approval">,
): Promise<JournalEntry> {
  const { approvers } = approval;
  if (entry.signatures.length === 0) return entry;
  if (approvers === undefined) return { ...entry, signatures: [] };
  const signers = readSigners(approvers);
  const signatures: Signature[] = [];
  for (const each of entry.signatures) {
    const { text, signature } = each.proof ?? {};
    if (text === undefined || signature === undefined || readApproval(text)?.proposal !== entry.id) continue;
    const signer = await signerOf(text, signature, signers);
    if (typeof signer !== "string") signatures.push({ ...each, signer: signer.name, names: signer.names });
  }
  return { ...entry, signatures };
}

/** What was told of each file of a folder, so that a monitor does not say the same in every round. */
const told = new WeakMap<object, Map<string, string>>();

/**
 * Takes every signed approval of a folder. What was taken before, and what has no signature yet, is passed over; what is
 * refused is told once for as long as the reason stays the same.
 */
export async function takeApprovals(desk: ApprovalDesk, folder: string, now = Date.now()): Promise<Taken[]> {
  const before = told.get(desk) ?? new Map<string, string>();
  told.set(desk, before);
  const taken: Taken[] = [];
  const tell = (one: Taken): void => {
    const reason = one.ok ? "" : one.reason;
    if (one.ok || before.get(one.file) !== reason) taken.push(one);
    before.set(one.file, reason);
  };
  for (const file of signed(folder, tell)) {
    const text = contents(file, LARGEST);
    if (text.ok && desk.history.journal.isSigned(digestOf(text.text))) continue;
    tell(await takeApproval(desk, file, now));
  }
  return taken;
}

function signed(folder: string, tell: (taken: Taken) => void): string[] {
  try {
    const names = new Set(readdirSync(folder));
    const files = [...names].filter((name) => name.endsWith(ENDING) && names.has(`${name}.sig`));
    return files.sort().map((name) => join(folder, name));
  } catch (error) {
    tell({ ok: false, file: folder, reason: `the folder of approvals ${folder} cannot be read (${codeOf(error)})` });
    return [];
  }
}

interface Checked {
  readonly entry: JournalEntry;
  readonly until: number;
  readonly digest: string;
}

/** What a text approves, or why it approves nothing, as the end of a sentence. */
function check({ mapping, history: { journal } }: ApprovalDesk, text: string, now: number): Checked | string {
  if (mapping.approval.approvers === undefined)
    return "cannot count while the mapping does not say who may sign: write approvers there";
  if (text.includes("\r"))
    return "has Windows line ends (CRLF): sign the file as `groundwork secrets approve` has written it";
  const said = readApproval(text);
  if (said === undefined)
    return "is no approval, or not all of one: write one with `groundwork secrets approve --write`";
  const { proposal, until } = said;
  const digest = digestOf(text);
  if (journal.isSigned(digest)) return `was used before: an approval of ${proposal} counts once`;
  if (until <= now) return `has expired at ${new Date(until).toISOString()}: write and sign a new one`;
  if (until > expiry(now, MOST_HOURS)) return `holds for longer than ${MOST_HOURS} hours: write and sign a new one`;
  const entry = journal.find(proposal);
  if (entry === undefined) return `approves ${proposal}, and there is no such proposal here`;
  if (entry.state !== "open") return `approves ${proposal}, which is not open any more (${entry.state})`;
  const risk = presentRisk(entry, mapping);
  if (risk !== entry.risk)
    return `approves ${proposal} at a ${entry.risk} risk, and the mapping gives it a ${risk} one now: check, then sign what is proposed`;
  if (approvalText(entry, until) !== text) return `is not what proposal ${proposal} is now: write and sign a new one`;
  return { entry, until, digest };
}

function digestOf(text: string): string {
  return createHash("sha256").update(text, "utf8").digest("hex");
}

/** Of a plain file only: a pipe or a device would never end. */
function contents(path: string, largest: number): { ok: true; text: string } | { ok: false; reason: string } {
  let file: number | undefined;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const stats = fstatSync(file);
    if (!stats.isFile()) return { ok: false, reason: `${path} is no file` };
    if (stats.size > largest)
      return { ok: false, reason: `${path} has ${stats.size} bytes, and ${largest} are the most that is read` };
    return { ok: true, text: readFileSync(file, "utf8") };
  } catch (error) {
    return { ok: false, reason: `${path} cannot be read (${codeOf(error)})` };
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? "unknown error";
}
