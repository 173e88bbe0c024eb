import { hostname, userInfo } from "node:os";
import { BadInput } from "@groundwork/lib/errors";
import type { JournalEntry } from "../../components/secret-drift/checker/index.ts";
import { type ProposalLine, renderProposals } from "../reports/secrets.ts";
import { type AddCommand, type Flags, exitBy, guarded, loadChecker, print, withChecker } from "./secrets-shared.ts";

export function register(add: AddCommand): void {
  add("heal", "check, and tell what would mend it; with --apply, do what needs no approval or has one")
    .option("--apply", "write; without it nothing is changed in any store")
    .action(guarded(heal));
  add("approve <proposal>", "agree to one proposal of `heal`").action(guarded(approve));
}

async function heal(flags: Flags & { readonly apply?: boolean }): Promise<void> {
  await withChecker(flags, async (checker) => {
    const { isApproved } = await loadChecker();
    const { drifts, unasked, ...round } = await checker.check();
    checker.propose({ ...round, drifts, unasked }, userInfo().username);
    const healed = flags.apply === true ? await checker.heal(`${hostname()}-${process.pid}-${Date.now()}`) : [];
    const { journal } = checker.history;
    const outcomes = new Map(healed.map(({ id, result, reason }) => [id, `${result}: ${reason}`]));
    const touched = healed.flatMap(({ id }) => journal.find(id) ?? []);
    const waiting = journal.inState("applying", "open").filter(({ id }) => !outcomes.has(id));
    const proposals = [...touched, ...waiting].map((entry) => ({
      ...toLine(entry, isApproved(entry)),
      ...(outcomes.has(entry.id) && { next: outcomes.get(entry.id) ?? "" }),
    }));
    print(flags, { proposals, unasked }, renderProposals(proposals));
    const left = drifts.length > 0 && healed.filter(({ result }) => result === "done").length < proposals.length;
    exitBy(left || (drifts.length > 0 && proposals.length === 0) ? 1 : 0, unasked.length);
  });
}

function toLine(entry: JournalEntry, isApproved: boolean): ProposalLine {
  const { id, secret, risk, state, targets, proposer } = entry;
  const who = risk === "high" ? `somebody other than ${proposer}` : "somebody";
  const next = isApproved
    ? "would be written with --apply"
    : `waits until ${who} approves it: groundwork secrets approve ${id}`;
  return { id, secret, risk, state, targets, next };
}

async function approve(id: string, flags: Flags): Promise<void> {
  await withChecker(flags, (checker) => {
    const { journal } = checker.history;
    const entry = journal.find(id);
    if (entry?.state !== "open") {
      const open = journal.inState("open").map((each) => each.id);
      throw new BadInput(
        `there is no open proposal ${id}: write one of ${open.join(", ") || "those that `groundwork secrets heal` lists, and there is none"}`,
      );
    }
    const approver = userInfo().username;
    if (entry.risk === "high" && approver === entry.proposer)
      throw new BadInput(`proposal ${id} has a high risk and was made by ${approver}: let somebody else approve it`);
    journal.approve(id, approver, Date.now());
    print(
      flags,
      { approved: id, approver },
      `${approver} has approved ${id}: \`groundwork secrets heal --apply\` writes it.`,
    );
    return Promise.resolve();
  });
}
