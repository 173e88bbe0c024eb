import { writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import { BadInput } from "@groundwork/lib/errors";
import type { Checker, JournalEntry } from "../../components/secret-drift/checker/index.ts";
import { type AddCommand, type Flags, guarded, loadChecker, print, withChecker } from "./secrets-shared.ts";

interface ApproveFlags extends Flags {
  readonly write?: string;
  readonly hours?: string;
  readonly file?: string;
}

export function register(add: AddCommand): void {
  add("approve", "agree to one proposal of `heal`, here or by a signed file")
    .argument("[proposal]", "its id, as `heal` lists it")
    .option("--write <file>", "write what is to be signed, and approve nothing yet")
    .option("--hours <n>", "with --write: how long the approval holds (default: 24)")
    .option("--file <file>", "approve what this signed file says; its signature is beside it, in <file>.sig")
    .addHelpText("after", HELP)
    .action(guarded(approve));
}

const HELP = `
Examples:
  $ groundwork secrets approve 3f2a9c0d1e4b                          in the name of the user of this machine
  $ groundwork secrets approve 3f2a9c0d1e4b --write db.approval      what it does, as a text
  $ ssh-keygen -Y sign -n groundwork-approval -f ~/.ssh/id_ed25519 db.approval
  $ groundwork secrets approve --file db.approval                    checks the signature, then approves

Signatures count where the mapping has approvers: <file of allowed signers> (man ssh-keygen); then a high risk needs one.
Exit codes: 0 approved or written; 2 it does not count, for the reason that is told.`;

async function approve(id: string | undefined, flags: ApproveFlags): Promise<void> {
  const { write, file, hours } = flags;
  if (hours !== undefined && write === undefined)
    throw new BadInput(`--hours ${hours} belongs to --write: say it when the approval is written`);
  if (file !== undefined && (id !== undefined || write !== undefined))
    throw new BadInput(`--file ${file} says itself what it approves: leave out ${id ?? `--write ${write ?? ""}`}`);
  await withChecker(flags, async (checker) => {
    if (file !== undefined) return take(checker, file, flags);
    const entry = openProposal(checker, id);
    return write === undefined ? say(checker, entry, flags) : writeText(checker, entry, write, flags);
  });
}

function openProposal(checker: Checker, id: string | undefined): JournalEntry {
  const { journal } = checker.history;
  const entry = id === undefined ? undefined : journal.find(id);
  if (entry?.state === "open") {
    const risk = checker.riskOf(entry);
    if (risk === entry.risk) return entry;
    throw new BadInput(
      `proposal ${entry.id} was made at a ${entry.risk} risk, and the mapping gives it a ${risk} one now: run \`groundwork secrets heal\` and approve what it lists`,
    );
  }
  const open = journal.inState("open").map((each) => each.id);
  const known = open.join(", ") || "those that `groundwork secrets heal` lists, and there is none";
  throw new BadInput(
    id === undefined
      ? `no proposal is named: write one of ${known}`
      : `there is no open proposal ${id}: write one of ${known}`,
  );
}

async function take(checker: Checker, file: string, flags: Flags): Promise<void> {
  const { takeApproval } = await loadChecker();
  const taken = await takeApproval(checker, file);
  if (!taken.ok) throw new BadInput(taken.reason);
  const { proposal, signer } = taken;
  approved(flags, proposal, signer);
}

function say(checker: Checker, { id, risk, proposer }: JournalEntry, flags: Flags): Promise<void> {
  const approver = userInfo().username;
  if (risk === "high" && checker.mapping.approval.approvers !== undefined)
    throw new BadInput(
      `proposal ${id} has a high risk, and anybody may call themselves ${approver} here: sign it, as \`groundwork secrets approve ${id} --write <file>\` tells`,
    );
  if (risk === "high" && approver === proposer)
    throw new BadInput(`proposal ${id} has a high risk and was made by ${approver}: let somebody else approve it`);
  checker.history.journal.approve(id, approver, Date.now());
  approved(flags, id, approver);
  return Promise.resolve();
}

function approved(flags: Flags, id: string, approver: string): void {
  print(
    flags,
    { approved: id, approver },
    `${approver} has approved ${id}: \`groundwork secrets heal --apply\` writes it.`,
  );
}

async function writeText(checker: Checker, entry: JournalEntry, file: string, flags: ApproveFlags): Promise<void> {
  const { APPROVAL_HOURS, MOST_APPROVAL_HOURS, APPROVAL_NAMESPACE, approvalExpiry, approvalText } = await loadChecker();
  const { approvers, approvals } = checker.mapping.approval;
  if (approvers === undefined)
    throw new BadInput(
      `${flags.mapping} does not say whose signatures count: write approvers there, or approve without --write`,
    );
  const hours = Number(flags.hours ?? APPROVAL_HOURS);
  if (!Number.isInteger(hours) || hours < 1 || hours > MOST_APPROVAL_HOURS)
    throw new BadInput(`--hours is ${flags.hours ?? ""}: write a whole number from 1 to ${MOST_APPROVAL_HOURS}`);
  const until = approvalExpiry(Date.now(), hours);
  save(file, approvalText(entry, until));
  const sign = `ssh-keygen -Y sign -n ${APPROVAL_NAMESPACE} -f <your key> ${file}`;
  const then =
    approvals === undefined
      ? `groundwork secrets approve --file ${file}`
      : `put ${file} and ${file}.sig into ${approvals}, or run groundwork secrets approve --file ${file}`;
  const expires = new Date(until).toISOString();
  print(
    flags,
    { written: file, proposal: entry.id, expires, sign },
    `${file} says what proposal ${entry.id} does, and holds until ${expires}.\nRead it, then sign it: ${sign}\nThen: ${then}`,
  );
}

/** What is there may be somebody's, and signed. */
function save(file: string, text: string): void {
  try {
    writeFileSync(file, text, { flag: "wx" });
  } catch (error) {
    const { code = "unknown error" } = error as NodeJS.ErrnoException;
    throw new BadInput(
      code === "EEXIST"
        ? `${file} exists already: write to another file`
        : `${file} cannot be written (${code}): name another file`,
    );
  }
}
