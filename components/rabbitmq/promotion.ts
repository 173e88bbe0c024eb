import { BadInput } from "@groundwork/lib/errors";
import type { PromotionStep } from "@groundwork/lib/promotion";

export interface RabbitmqPromotion {
  /** The system whose broker it is. */
  readonly system: string;
  /** The region that is left; also its kubectl context. */
  readonly from: string;
  /** The region that takes over; also its kubectl context. */
  readonly to: string;
  /** Whether the old region still answers: then its queues can be worked off. Default false: the region is lost. */
  readonly planned?: boolean;
}

/**
 * Queues are a region's own. Replicating them over regions (federation, shovels) would give every message twice or late,
 * and still lose the newest ones: what must not be lost is in the database before it is in a queue, and publishers send
 * again what was not confirmed. So nothing is promoted here: the broker in the other region runs already, with the same
 * queues, and messages come where the traffic goes.
 */
export function rabbitmqPromotion({ system, from, to, planned = false }: RabbitmqPromotion): readonly PromotionStep[] {
  if (from === to) throw new BadInput(`the queues of ${system} go from ${from} to ${to}; write another region.`);
  if (planned)
    return [
      {
        order: 1,
        what: `Stop what publishes in ${from}, and let its consumers work off the queues of ${system}.`,
        how: {
          command: `kubectl --context ${from} -n ${system}-rabbitmq exec rabbitmq-server-0 -- rabbitmqctl list_queues -p ${system} name messages`,
        },
        waitsFor: "every queue but the dead letters has 0 messages",
        loses: "nothing",
      },
    ];
  return [
    {
      order: 1,
      what: `See that the broker of ${system} in ${to} serves: it has the same queues, and is empty or has its own messages.`,
      how: {
        command: `kubectl --context ${to} -n ${system}-rabbitmq exec rabbitmq-server-0 -- rabbitmq-diagnostics check_running`,
      },
      waitsFor: "the command exits with 0",
      loses: `nothing for good where ${from} comes back: what was queued there waits on its volumes, and is worked off then; everything that was queued where it never comes back`,
    },
    {
      order: 2,
      what: `When ${from} is back: start its consumers before its publishers, and look at the dead letters.`,
      how: {
        command: `kubectl --context ${from} -n ${system}-rabbitmq exec rabbitmq-server-0 -- rabbitmqctl list_queues -p ${system} name messages`,
      },
      waitsFor: "every queue but the dead letters has 0 messages",
      loses:
        "nothing; what was published a second time in the meantime is delivered twice, which consumers must bear anyway",
    },
  ];
}
