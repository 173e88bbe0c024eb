import { BadInput } from "./errors.ts";

/** One step of the procedure that makes another region the primary one, for a runbook to print and a drill to take. */
export interface PromotionStep {
  /** Steps are taken from 1 up; those with the same number can be taken at the same time. */
  readonly order: number;
  /** One imperative sentence. */
  readonly what: string;
  /** A change of the configuration that the next `up` carries out, or a command to run. */
  readonly how: PromotionChange;
  /** What must be true before the next step, as someone can see it, e.g. `the writer endpoint accepts a write`. */
  readonly waitsFor?: string;
  /** What is lost for good by this step, e.g. `writes of the last second`; `nothing` where that is so. */
  readonly loses: string;
}

export type PromotionChange =
  | {
      /** Configuration keys and the values that they get. */
      readonly config: Readonly<Record<string, unknown>>;
    }
  | {
      /** A shell command line; what stands in `<angle brackets>` is filled in by whoever runs it. */
      readonly command: string;
    };

/** The steps in the order in which they are taken, numbered from 1 without gaps: several lists of steps become one runbook. */
export function inOrder(steps: readonly PromotionStep[]): readonly PromotionStep[] {
  const numbers = [...new Set(steps.map(({ order }) => order))].sort((a, b) => a - b);
  const wrong = numbers.find((number) => !Number.isInteger(number) || number < 1);
  if (wrong !== undefined)
    throw new BadInput(`promotion: a step's order is ${wrong}; write a whole number of 1 or more.`);
  return steps.map((step) => ({ ...step, order: numbers.indexOf(step.order) + 1 })).sort((a, b) => a.order - b.order);
}
