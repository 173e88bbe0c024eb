import { commitments } from "./commitments.ts";
import { ioOptimized, logRetention, tiering } from "./data.ts";
import { graviton, idleNodes, previousGeneration, schedules } from "./machines.ts";
import { gatewayEndpoints, interfaceEndpoints, singleGateway } from "./network.ts";
import type { Proposal, Rule, Subject } from "./proposal.ts";
import { requests } from "./requests.ts";

const RULES: readonly Rule[] = [
  ...[commitments, graviton, previousGeneration, idleNodes, requests, schedules],
  ...[tiering, ioOptimized, logRetention],
  ...[gatewayEndpoints, interfaceEndpoints, singleGateway],
];

/** Every way to pay less for a stack that is known here, the largest saving first. */
export function optimize(subject: Subject): readonly Proposal[] {
  const found = RULES.flatMap((rule) => rule(subject));
  const byLine = Map.groupBy(found, ({ rule, change }) => `${rule} ${change}`);
  return [...byLine.values()]
    .map(together)
    .sort((a, b) => b.savingCents - a.savingCents || (a.rule + a.what < b.rule + b.what ? -1 : 1));
}

/** One line of the configuration may change all regions: it saves what it saves in all of them. */
function together(proposals: readonly Proposal[]): Proposal {
  const [first, ...others] = proposals as readonly [Proposal, ...Proposal[]];
  return {
    ...first,
    what: [first, ...others].map(({ what }) => what).join(" "),
    savingCents: others.reduce((sum, { savingCents }) => sum + savingCents, first.savingCents),
  };
}
