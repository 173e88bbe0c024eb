import { unknownAt } from "../framework/known.ts";
import { stackPolicy } from "../framework/policy.ts";
import type { Resource, StackPolicy } from "../framework/policy.ts";
import type { Settings, Values } from "../framework/settings.ts";
import type { Stack } from "../framework/stack.ts";
import { Companions, type Pair } from "./companions.ts";

/** A resource needs another beside it that does something for it. */
export interface Pairing<S extends Settings> extends Pair {
  /** The companion does what is asked. */
  readonly fits: (companion: Resource, values: Values<S>) => boolean;
  /** Inputs of the companion that `fits` reads. */
  readonly hangsOn: readonly string[];
  /** Whether the owner needs none, because it says the same itself or is of another kind; default: never. */
  readonly spared?: (owner: Resource, values: Values<S>, stack: Stack) => boolean;
  /** Inputs of the owner that `spared` reads. */
  readonly sparedHangsOn?: readonly string[];
  readonly says: (owner: Resource, companions: readonly Resource[]) => string;
  /** What cannot be told while something is not known; stands after `so`. */
  readonly asks: string;
}

type Words<S extends Settings> = Omit<StackPolicy<S>, "checkStack" | "types">;

/** The policy that each owner has its companion. */
export function pairs<S extends Settings>(words: Words<S>, pairing: Pairing<S>, besides: readonly string[] = []) {
  const { hangsOn, sparedHangsOn = [], fits, spared = () => false, says, asks } = pairing;
  return stackPolicy<S>({
    ...words,
    types: [...pairing.owners, ...pairing.companions, ...besides],
    checkStack(stack, values, report) {
      const companions = new Companions(stack, pairing);
      for (const owner of companions.owners) {
        const beside = companions.of(owner);
        if (beside.some((companion) => fits(companion, values)) || spared(owner, values, stack)) continue;
        const open = beside.flatMap(({ unknown, name }) => {
          const path = unknownAt(unknown, ...hangsOn);
          return path === undefined ? [] : [`${path} of ${name}`];
        })[0];
        const floating = companions.floating && `${companions.floating.path} of ${companions.floating.resource.name}`;
        const unknown = open ?? unknownAt(owner.unknown, ...sparedHangsOn) ?? floating;
        if (unknown !== undefined) report.undecided(unknown, asks, owner.urn);
        else report.violation(says(owner, beside), owner.urn);
      }
    },
  });
}
