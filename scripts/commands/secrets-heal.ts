import { hostname, userInfo } from "node:os";
import type { JournalEntry, Round } from "../../components/secret-drift/checker/index.ts";
import { type ProposalLine, renderProposals } from "../reports/secrets.ts";
import { type AddCommand, type Flags, exitBy, guarded, print, withChecker } from "./secrets-shared.ts";

export function register(add: AddCommand): void {
  add("heal", "check, and tell what would mend it; with --apply, do what needs no approval or has one")
    .option("--apply", "write; without it nothing is changed in any store")
    .action(guarded(heal));
}

const APPROVE = "groundwork secrets approve";

async function heal(flags: Flags & { readonly apply?: boolean }): Promise<void> {
  await withChecker(flags, async (checker) => {
    const round = await checker.check();
    checker.propose(round, userInfo().username);
    const healed = flags.apply === true ? await checker.heal(`${hostname()}-${process.pid}-${Date.now()}`) : [];
    const { journal } = checker.history;
    const outcomes = new Map(healed.map(({ id, result, reason }) => [id, `${result}: ${reason}`]));
    const touched = healed.flatMap(({ id }) => journal.find(id) ?? []);
    const waiting = journal.inState("applying", "open").filter(({ id }) => !outcomes.has(id));
    const signed = checker.mapping.approval.approvers !== undefined;
    const proposals = await Promise.all(
      [...touched, ...waiting].map(async (entry) => ({
        ...toLine(entry, await checker.isApprovedNow(entry), signed),
        ...(outcomes.has(entry.id) && { next: outcomes.get(entry.id) ?? "" }),
      })),
    );
    let left: Round | undefined;
    try {
      left = healed.some(({ result }) => result === "done") ? await checker.check() : round;
    } finally {
      // what was written is told, also when the source does not answer any more
      const shown = { proposals, left: left?.drifts, unasked: left?.unasked };
      print(flags, shown, renderProposals(proposals, left?.drifts.length));
    }
    exitBy(left.drifts.length, left.unasked.length);
  });
}

function toLine(entry: JournalEntry, isApproved: boolean, signed: boolean): ProposalLine {
  const { id, secret, risk, state, targets, proposer } = entry;
  const who = risk === "high" ? `somebody other than ${proposer}` : "somebody";
  const how = risk === "high" && signed ? `signs it: ${APPROVE} ${id} --write <file>` : `approves it: ${APPROVE} ${id}`;
  const next = isApproved ? "would be written with --apply" : `waits until ${who} ${how}`;
  return { id, secret, risk, state, targets, next };
}
