import { EXCEPTED, MISCONFIGURED, UNDECIDED } from "@groundwork/lib/policy-findings";
import type { Finding } from "./findings.ts";
import { at, textAt } from "./known.ts";
import { stackParts } from "./settings.ts";

/** One resource that a policy leaves alone for a while. */
interface Exception {
  /** URN or logical name. */
  readonly resource: string;
  readonly reason: string;
  /** The last day on which it holds, `YYYY-MM-DD` in UTC. */
  readonly expires: string;
}

/** A resource of the stack, as far as an exception can name it. */
interface Named {
  readonly urn: string;
  readonly name: string;
}

/** The exceptions of one policy in one stack: those that hold silence its findings, all others are findings themselves. */
export class Exceptions {
  readonly #policy: string;
  readonly #valid: Exception[] = [];
  readonly #used = new Set<Exception>();
  readonly #problems: Finding[] = [];

  constructor(policy: string, config: Readonly<Record<string, unknown>>, stack: string, today: string) {
    this.#policy = policy;
    const written = [config, ...stackParts(config, stack)].flatMap(({ exceptions }) => exceptions ?? []);
    for (const one of written) this.#add(one, today);
  }

  /** Whether one of them holds, so that it has to be asked for at the end what it was good for. */
  get hold(): boolean {
    return this.#valid.length > 0;
  }

  /** What is wrong with them as they are written, and those whose time is over. */
  get problems(): readonly Finding[] {
    return this.#problems;
  }

  /** Whether a resource is excepted: it is not remediated either. */
  covers(urn: string): boolean {
    return this.#valid.some((exception) => names(exception, { urn, name: nameOf(urn) }));
  }

  /** The findings of which none is excepted; for each excepted resource that has any, one line tells so. */
  apply(findings: readonly Finding[], urn: string | undefined): Finding[] {
    if (this.#valid.length === 0) return [...findings];
    const left: Finding[] = [];
    const borne = new Map<Exception, Finding[]>();
    for (const finding of findings) {
      const about = finding.urn ?? urn;
      const exception =
        about === undefined ? undefined : this.#valid.find((one) => names(one, { urn: about, name: nameOf(about) }));
      if (!exception) left.push(finding);
      else borne.set(exception, [...(borne.get(exception) ?? []), finding]);
    }
    for (const [exception, own] of borne) {
      this.#used.add(exception);
      const wrong = own.filter(({ message }) => !message.startsWith(UNDECIDED));
      if (wrong.length > 0) left.push(bearing(exception, wrong));
    }
    return left;
  }

  /** At the end, when all resources that the policy looks at are known: those that name none, several, or nothing that is wrong. */
  leftovers(resources: readonly Named[], stack: string): Finding[] {
    return this.#valid.flatMap((exception) => {
      const named = resources.filter((resource) => names(exception, resource));
      const [first, second] = named;
      if (second !== undefined && first !== undefined) {
        const urns = named.map(({ urn }) => urn).sort();
        return this.#finding(
          `The exception from ${this.#policy} for ${exception.resource} fits ${named.length} resources; write the URN of the one that is meant, e.g. ${urns[0] ?? ""}.`,
          "mandatory",
        );
      }
      if (this.#used.has(exception)) return [];
      // a DNS record may be called so
      if (first === undefined && exception.resource.includes("*")) {
        return this.#finding(
          `${MISCONFIGURED}excepts ${exception.resource} from ${this.#policy} by a pattern; name one resource by its URN or logical name, without *, or, if one is really called so, move the exception below the stacks that have it.`,
          "mandatory",
        );
      }
      return this.#finding(
        first === undefined
          ? `The exception from ${this.#policy} for ${exception.resource} names no resource of stack ${stack} that this policy looks at; correct the name, take it away, or move it below the stacks that have it.`
          : `The exception from ${this.#policy} for ${exception.resource} is not needed: there is nothing to except; take it away.`,
        "advisory",
      );
    });
  }

  #add(written: unknown, today: string): void {
    const resource = textAt(written, "resource")?.trim() ?? "";
    const reason = textAt(written, "reason")?.trim() ?? "";
    const expires = at(written, "expires");
    const problem = this.#problem(written, resource, reason, expires);
    if (problem !== undefined) {
      this.#problems.push(...this.#finding(problem, "mandatory"));
    } else if (String(expires) < today) {
      this.#problems.push(
        ...this.#finding(
          `The exception from ${this.#policy} for ${resource} expired on ${String(expires)} (${reason}); mend the resource and take the exception away, or agree on a later date and write that.`,
          undefined,
        ),
      );
    } else {
      this.#valid.push({ resource, reason, expires: String(expires) });
    }
  }

  #problem(written: unknown, resource: string, reason: string, expires: unknown): string | undefined {
    const form = `{ "resource": "<URN or logical name>", "reason": "<why>", "expires": "YYYY-MM-DD" }`;
    const of = `${MISCONFIGURED}excepts ${resource === "" ? JSON.stringify(written) : resource} from ${this.#policy}`;
    const strange = Object.keys(typeof written === "object" && written !== null ? written : {}).find(
      (key) => !["resource", "reason", "expires"].includes(key),
    );
    if (resource === "") return `${of} without naming a resource; write ${form}.`;
    if (reason === "") return `${of} without a reason; write ${form}.`;
    if (!isDate(expires)) {
      return `${of} until ${expires === undefined ? "no date" : JSON.stringify(expires)}; write expires as a day of the calendar, YYYY-MM-DD.`;
    }
    return strange === undefined ? undefined : `${of} with the key ${strange}, which does not exist; write ${form}.`;
  }

  #finding(message: string, level: Finding["level"]): Finding[] {
    return [{ message, ...(level !== undefined && { level }) }];
  }
}

function bearing({ expires, reason }: Exception, wrong: readonly Finding[]): Finding {
  const [first] = wrong;
  const messages = wrong.map(({ message }) => message).sort();
  const because = /[.!?]$/.test(reason) ? reason : `${reason}.`;
  return {
    message: `${EXCEPTED}${expires}: ${because} It would say: ${messages.join(" ")}`,
    level: "advisory",
    ...(first?.urn !== undefined && { urn: first.urn }),
  };
}

function names({ resource }: Exception, { urn, name }: Named): boolean {
  return resource === urn || resource === name;
}

/** Everything after the fourth `::`, because a logical name may have `::` in it. */
export function nameOf(urn: string): string {
  return urn.split("::").slice(3).join("::");
}

function isDate(value: unknown): value is string {
  if (typeof value !== "string" || !/^\d{4}-\d{2}-\d{2}$/.test(value)) return false;
  const date = new Date(`${value}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(value);
}
