import type { Fingerprints } from "../fingerprint.ts";
import { agreement } from "../compare.ts";
import { counted } from "../counted.ts";
import type { Agreement } from "../finding.ts";
import type { History } from "../history.ts";
import { type MappedSecret, type Mapping, type Risk, placeKey } from "../mapping.ts";
import { OVERWRITTEN } from "../own-names.ts";
import { Records } from "../records.ts";
import type { SecretValue } from "../secret-value.ts";
import { type Listed, MISSING, type Store, TOUCHED } from "../store.ts";
import { isSamePerson } from "./allowed-signers.ts";
import { withPresentSignatures } from "./approval-file.ts";
import type { JournalEntry } from "./journal.ts";
import { type Found, type Target, presentRisk } from "./proposal.ts";

export interface HealOptions {
  readonly mapping: Mapping;
  readonly stores: ReadonlyMap<string, Store>;
  readonly fingerprints: Fingerprints;
  readonly history: History;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Unique to this process. */
  readonly holder: string;
  /** What may be done without anybody's approval. Default: low. */
  readonly unasked?: readonly Risk[];
  /** Called after each step, with its name: where a test cuts the power. */
  readonly onStep?: (step: string) => void;
}

/** What came of one proposal. */
export interface Healed {
  readonly id: string;
  readonly secret: string;
  readonly result: "done" | "failed" | "withdrawn" | "waits";
  /** Why; never a value. */
  readonly reason: string;
}

const MINUTE = 60_000;
/** Between two healings of one secret. systems.md: sophia, secret drift */
export const COOL_DOWN = 30 * MINUTE;
/** Longer than any store takes for one secret, with all retries. */
const LEASE = 10 * MINUTE;

/**
 * Applies what may be applied: first what an earlier healer had begun, then what is open and approved, or needs no approval.
 * One healer at a time; each step is one that may be done twice, so a killed one is gone on with by the next.
 */
export async function heal(options: HealOptions): Promise<Healed[]> {
  const { history, holder, now } = options;
  if (!history.journal.lease(holder, now(), now() + LEASE)) return [];
  try {
    const healed: Healed[] = [];
    for (const entry of history.journal.inState("applying", "open")) {
      if (!history.journal.lease(holder, now(), now() + LEASE)) break;
      healed.push(await new Healing(options, entry).run());
    }
    return healed;
  } finally {
    history.journal.release(holder);
  }
}

export interface ApprovalRules {
  /** What needs nobody's approval. Default: low. */
  readonly unasked?: readonly Risk[] | undefined;
  /** The mapping says who may sign: then a high risk needs a signature, for a name on the command line is only said. */
  readonly signed: boolean;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** Who may not: the proposer of what is risky, and nobody at all of what nobody approved. */
export function isApproved(entry: JournalEntry, { unasked = ["low"], signed, now }: ApprovalRules): boolean {
  const { risk, approvals, proposer } = entry;
  if (unasked.includes(risk)) return true;
  const signatures = entry.signatures.filter(({ until }) => until > now);
  if (risk !== "high") return approvals.length + signatures.length > 0;
  if (signatures.some(({ names }) => !names.some((name) => isSamePerson(name, proposer)))) return true;
  return !signed && approvals.some(({ approver }) => approver !== proposer);
}

class Healing {
  readonly #options: HealOptions;
  readonly #entry: JournalEntry;

  constructor(options: HealOptions, entry: JournalEntry) {
    this.#options = options;
    this.#entry = entry;
  }

  async run(): Promise<Healed> {
    const { mapping, history, now, unasked } = this.#options;
    const { id, state } = this.#entry;
    const secret = mapping.secrets.find((each) => each.id === this.#entry.secret);
    if (secret === undefined) return this.#end("withdrawn", "the mapping no longer has this secret");
    const stray = this.#entry.targets.find(
      ({ place }) => !secret.places.some((own) => placeKey(own) === placeKey(place)),
    );
    if (stray !== undefined) return this.#end("withdrawn", `the mapping no longer has the place ${stray.place.name}`);
    const risk = presentRisk(this.#entry, mapping);
    if (risk !== this.#entry.risk)
      return this.#end(
        state === "applying" ? "failed" : "withdrawn",
        `the mapping has raised its risk from ${this.#entry.risk} to ${risk} since it was proposed`,
      );
    if (state === "open") {
      const present = await withPresentSignatures(this.#entry, mapping);
      if (!isApproved(present, { unasked, signed: mapping.approval.approvers !== undefined, now: now() })) {
        const lost = this.#entry.signatures.length > present.signatures.length;
        return this.#told(
          "waits",
          `${risk} risk: it needs an approval${lost ? " of somebody who may sign now: a signature that it has counts no more" : ""}`,
        );
      }
      const last = history.journal.lastAttempt(secret.id);
      if (last !== undefined && now() - last < COOL_DOWN) return this.#told("waits", "it was healed a short while ago");
    }
    const value = await this.#truth(secret);
    if (typeof value === "string") return this.#end(value === CHANGED ? "withdrawn" : "failed", value);
    if (state === "open") history.journal.begin(id, now());
    this.#step("begun");
    return this.#apply(value);
  }

  /** The value that was proposed, or why there is none to write. */
  async #truth({ property, minimumLength }: MappedSecret): Promise<SecretValue | string> {
    const { mapping, fingerprints } = this.#options;
    const { store, scope } = mapping.source;
    const read = await this.#store(store).read(scope, [property]);
    if (!read.ok) return `the source could not be read: ${read.problem.message}`;
    const answer = read.value.get(property);
    if (answer?.ok !== true) return `the source could not be read: ${answer?.problem.message ?? "it gave no answer"}`;
    if (answer.value === MISSING) return "the source no longer has it";
    if (fingerprints.of(answer.value) !== this.#entry.fingerprint) return CHANGED;
    const { length } = answer.value.reveal().trim();
    if (length < Math.max(1, minimumLength))
      return `the source's value has ${length} characters, and ${minimumLength} is the least that is written`;
    return answer.value;
  }

  /** One place first: what is wrong with a value should show where it does least. */
  async #apply(value: SecretValue): Promise<Healed> {
    for (const [index, target] of this.#entry.targets.entries()) {
      const problem = await this.#mend(target, value);
      if (problem === undefined) continue;
      if (problem === TOUCHED && index === 0) return this.#end("withdrawn", problem);
      const left = this.#entry.targets.length - index - 1;
      const others =
        left === 0 ? "" : `; ${counted(left, "other place")} left as ${left === 1 ? "it was" : "they were"}`;
      return this.#end("failed", `${target.place.store} ${target.place.name}: ${problem}${others}`);
    }
    return this.#end("done", `${counted(this.#entry.targets.length, "place")} written and verified`);
  }

  async #mend({ place, found }: Target, value: SecretValue): Promise<string | undefined> {
    const { history, fingerprints } = this.#options;
    const store = this.#store(place.store);
    let present = await this.#present(store, place.scope, place.name);
    if (typeof present === "string") return present;
    const has = present.value === undefined ? undefined : fingerprints.of(present.value);
    if (has === this.#entry.fingerprint && present.listed !== undefined) {
      history.agree(placeKey(place), agreement(has, present.listed));
      return undefined;
    }
    // where values cannot be read, the write of a healer that was killed looks like somebody else's: then a person decides
    if (!isAsFound(present.listed, has, found)) return TOUCHED;
    // what both once agreed on was in the source, which has moved on from it
    const agreed = history.agreement(placeKey(place))?.fingerprint;
    if (present.value !== undefined && has !== agreed) {
      const kept = await this.#keep(place.store, place.name, present.value);
      if (kept !== undefined) return kept;
      // that took a while, and a version of a whole scope has moved where the source is in it
      present = await this.#present(store, place.scope, place.name);
      if (typeof present === "string") return present;
      const now = present.value === undefined ? undefined : fingerprints.of(present.value);
      if (now !== has) return TOUCHED;
    }
    this.#step("kept");
    const written = await store.write(place.scope, place.name, value, present.listed ?? MISSING);
    this.#step("written");
    if (!written.ok) return written.problem.message;
    const problem = await this.#verify(store, place.scope, written.value);
    if (problem !== undefined) return problem;
    this.#step("verified");
    const now = agreement(this.#entry.fingerprint, written.value);
    history.agree(placeKey(place), now);
    this.#step("recorded");
    return store.readable ? undefined : await this.#record(placeKey(place), now);
  }

  /** What is there now, the value where it can be read. */
  async #present(
    store: Store,
    scope: string,
    name: string,
  ): Promise<{ listed?: Listed; value?: SecretValue } | string> {
    const listed = await store.list(scope);
    if (!listed.ok) return listed.problem.message;
    const mine = listed.value.find((each) => each.name === name);
    if (mine === undefined) return {};
    if (!store.readable) return { listed: mine };
    const read = await store.read(scope, [name]);
    if (!read.ok) return read.problem.message;
    const answer = read.value.get(name);
    if (answer?.ok === false) return answer.problem.message;
    return answer === undefined || answer.value === MISSING ? {} : { listed: mine, value: answer.value };
  }

  /** What somebody has written is theirs to lose, not ours: the source keeps it until they have looked. */
  async #keep(store: string, name: string, value: SecretValue): Promise<string | undefined> {
    const { mapping, fingerprints } = this.#options;
    const { source } = mapping;
    const key = `${OVERWRITTEN}-${store}-${name}-${fingerprints.of(value).slice(0, 8)}`.replaceAll(/[^\w-]/g, "-");
    const client = this.#store(source.store);
    const before = await client.read(source.scope, [key]);
    const answer = before.ok ? before.value.get(key) : undefined;
    if (answer?.ok === true && answer.value !== MISSING) return undefined;
    const kept = await client.write(source.scope, key, value);
    return kept.ok ? undefined : `what is there could not be kept in the source first: ${kept.problem.message}`;
  }

  async #record(place: string, agreed: Agreement): Promise<string | undefined> {
    const { source } = this.#options.mapping;
    const problem = await new Records(this.#store(source.store), source.scope).save(place, agreed);
    return problem === undefined ? undefined : `it was written, and what was written could not be recorded: ${problem}`;
  }

  async #verify(store: Store, scope: string, written: Listed): Promise<string | undefined> {
    const present = await this.#present(store, scope, written.name);
    if (typeof present === "string") return `it was written, and could not be looked at afterwards: ${present}`;
    if (present.listed === undefined) return "it was written, and is not there";
    if (!store.readable) return undefined;
    const same =
      present.value !== undefined && this.#options.fingerprints.of(present.value) === this.#entry.fingerprint;
    return same ? undefined : "it was written, and has another value";
  }

  #store(name: string): Store {
    const store = this.#options.stores.get(name);
    if (store === undefined) throw new Error(`the store ${name} has no client`);
    return store;
  }

  #end(result: "done" | "failed" | "withdrawn", reason: string): Healed {
    this.#options.history.journal.end(this.#entry.id, result, reason, this.#options.now());
    this.#step("ended");
    return this.#told(result, reason);
  }

  #told(result: Healed["result"], reason: string): Healed {
    return { id: this.#entry.id, secret: this.#entry.secret, result, reason };
  }

  #step(name: string): void {
    this.#options.onStep?.(name);
  }
}

const CHANGED = "the source has another value by now";

function isAsFound(listed: Listed | undefined, has: string | undefined, found: Found): boolean {
  if ((listed !== undefined) !== found.exists) return false;
  if (listed === undefined) return true;
  if (found.fingerprint !== undefined) return has === found.fingerprint;
  if (found.version !== undefined) return listed.version === found.version;
  return listed.updatedAt === found.updatedAt;
}
