import { MISCONFIGURED } from "@groundwork/lib/policy-findings";
import { Exceptions } from "./exceptions.ts";
import type { Finding } from "./findings.ts";
import type { Policy } from "./policy.ts";
import { stackOf } from "./seen.ts";
import { COMMON_KEYS, resolve, unknownKeys } from "./settings.ts";
import type { Level, Values } from "./settings.ts";

/** What holds for a policy in the stack that is looked at. A process serves one stack with one configuration. */
export interface Terms {
  readonly stack: string;
  readonly values: Values<Policy["settings"]>;
  readonly level: Level | undefined;
  readonly exceptions: Exceptions;
  /** What is wrong with the policy's part of the config file. */
  readonly problems: readonly Finding[];
}

export class Held {
  readonly #policy: Policy;
  readonly #today: string;
  #terms: Terms | undefined;
  /** The engine asks for remediations only where the config's own level says so, which nobody else is told. */
  remediates = false;

  constructor(policy: Policy, today: string) {
    this.#policy = policy;
    this.#today = today;
  }

  get known(): Terms | undefined {
    return this.#terms;
  }

  terms(config: Readonly<Record<string, unknown>>, urn: string): Terms {
    return (this.#terms ??= this.#read(config, stackOf(urn)));
  }

  #read(config: Readonly<Record<string, unknown>>, stack: string): Terms {
    const { settings, name } = this.#policy;
    const { values, level } = resolve(settings, config, stack);
    const exceptions = new Exceptions(name, config, stack, this.#today);
    const keys = [...Object.keys(settings), ...COMMON_KEYS].join(", ");
    const problems: Finding[] = unknownKeys(settings, config).map((key) => ({
      message: `${MISCONFIGURED}sets ${name}.${key}, which does not exist; its keys are ${keys}.`,
      level: "mandatory",
    }));
    if (level === "remediate" && !this.remediates) {
      const instead =
        "remediate" in this.#policy
          ? `, which the engine cannot do for one stack alone; set ${name}.enforcementLevel to remediate, and in ${name}.stacks the level of all others`
          : ", but it has no remediation; set it to mandatory";
      const message = `${MISCONFIGURED}sets ${name}.stacks to remediate for stack ${stack}${instead}.`;
      problems.push({ message, level: "mandatory" });
    }
    return { stack, values, level, exceptions, problems: [...problems, ...exceptions.problems] };
  }
}
