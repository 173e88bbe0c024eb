import { randomBytes } from "node:crypto";
import { dirname } from "node:path";
import { isUnasked, scopeKey } from "./compare.ts";
import { Fingerprints } from "./fingerprint.ts";
import { makeFolder } from "./folder.ts";
import { readSigners } from "./healing/allowed-signers.ts";
import { withPresentSignatures } from "./healing/approval-file.ts";
import { type Healed, heal, isApproved } from "./healing/healer.ts";
import type { JournalEntry } from "./healing/journal.ts";
import { presentRisk, propose } from "./healing/proposal.ts";
import { History } from "./history.ts";
import { InvalidMapping, type Mapping, type Risk, scopesOf } from "./mapping.ts";
import { readMapping } from "./mapping-file.ts";
import { FINGERPRINT_KEY } from "./own-names.ts";
import { type Round, checkRound } from "./round.ts";
import { SecretValue } from "./secret-value.ts";
import { PatientStore } from "./monitor/patient-store.ts";
import { type Asked, MISSING, type Store } from "./store.ts";
import { openStores } from "./stores/index.ts";

const KEY_BYTES = 32;

export interface CheckerOptions {
  /** Path of the mapping. */
  readonly mapping: string;
  /** Path of the history; its folder is made. `:memory:` remembers nothing. */
  readonly history: string;
  /** Instead of the clients that the mapping names. */
  readonly stores?: ReadonlyMap<string, Store>;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/** The source could not be asked, so nothing can be told. */
export class SourceUnreachable extends Error {
  override readonly name = "SourceUnreachable";
}

/** Everything that a command needs: the mapping, a client for each store, and what was remembered. */
export class Checker {
  readonly mapping: Mapping;
  readonly history: History;
  readonly stores: ReadonlyMap<string, Store>;
  readonly #now: () => number;
  #fingerprints: Fingerprints | undefined;

  private constructor(mapping: Mapping, stores: ReadonlyMap<string, Store>, history: string, now: () => number) {
    this.mapping = mapping;
    this.stores = stores;
    this.history = new History(history);
    this.#now = now;
  }

  /** @throws InvalidMapping before anything is asked or written */
  static async open({ mapping: path, history, stores, now = Date.now }: CheckerOptions): Promise<Checker> {
    const mapping = readMapping(path);
    if (mapping.approval.approvers !== undefined) readSigners(mapping.approval.approvers);
    const clients = [...(stores ?? (await openStores(mapping, path)))];
    const patient = new Map(clients.map(([name, client]) => [name, new PatientStore(client, now)]));
    if (history !== ":memory:")
      makeFolder(dirname(history), "the history", "another file with --history, or HISTORY for the container");
    return new Checker(mapping, patient, history, now);
  }

  /** The store that holds the truth. */
  get source(): Store {
    const { store } = this.mapping.source;
    const source = this.stores.get(store);
    if (source === undefined) throw new Error(`the store ${store} has no client`);
    return source;
  }

  /** Makes what the scopes of the mapping need, where there is nothing yet. @returns those for which it had to */
  async create(): Promise<string[]> {
    const made: string[] = [];
    for (const { store, scope } of scopesOf(this.mapping))
      if ((await this.stores.get(store)?.create?.(scope)) === true) made.push(scope);
    return made;
  }

  /** Makes the key of the fingerprints where the source has none yet. @returns whether it had to */
  async prepare(): Promise<boolean> {
    if ((await this.#key()) !== undefined) return false;
    const key = new SecretValue(randomBytes(KEY_BYTES).toString("base64"));
    const written = await this.source.write(this.mapping.source.scope, FINGERPRINT_KEY, key, MISSING);
    if (written.ok) return true;
    // somebody else has made one meanwhile, and may have used it: that one stays
    if (written.problem.kind === "conflict" && (await this.#key()) !== undefined) return false;
    throw new SourceUnreachable(written.problem.message);
  }

  /**
   * Gives the source a value. A line's end at its end is none of it.
   * @throws InvalidMapping when the mapping has no such property, before `give` is called, or the value is too short
   */
  async set(property: string, give: () => Promise<SecretValue>): Promise<void> {
    const { source, secrets } = this.mapping;
    const secret = secrets.find((each) => each.property === property);
    if (secret === undefined) {
      const known = secrets.map((each) => each.property).join(", ");
      throw new InvalidMapping(
        `the mapping has no secret with the property ${property}: write ${known === "" ? "one into it first" : `one of ${known}`}`,
      );
    }
    const value = new SecretValue((await give()).reveal().replace(/\r?\n$/, ""));
    const { length } = value.reveal().trim();
    if (length < secret.minimumLength)
      throw new InvalidMapping(
        `the value of ${property} on standard input has ${length} characters: write ${secret.minimumLength} or more, or lower secrets.${secret.id}.minimumLength`,
      );
    const written = await this.source.write(source.scope, property, value);
    if (!written.ok) throw new SourceUnreachable(written.problem.message);
  }

  /** One round: asks every store and remembers what was found. Changes nothing in any store. */
  async check(): Promise<Round> {
    const { mapping, stores, history } = this;
    // somebody may have put another one there since the round before
    this.#fingerprints = undefined;
    return checkRound({ mapping, stores, history, fingerprints: await this.#keyed(), now: this.#now() });
  }

  /** Writes down what would mend what a round has found. */
  propose(round: Round, proposer: string): void {
    // what was proposed before, and approved, is no less right because the source does not answer now
    if (isUnasked(round.seen.source)) return;
    const proposals = propose(this.mapping, round.seen, round.drifts);
    const isUndecided = ({ targets }: JournalEntry): boolean =>
      targets.some(({ place }) => round.undecided.has(scopeKey(place)));
    this.history.journal.propose(proposals, proposer, this.#now(), isUndecided);
  }

  /** What a proposal risks now: the mapping may have raised it since. */
  riskOf(entry: JournalEntry): Risk {
    return presentRisk(entry, this.mapping);
  }

  /** Whether a proposal needs no approval, or has the one that it needs. */
  isApproved(entry: JournalEntry): boolean {
    return isApproved(
      { ...entry, risk: this.riskOf(entry) },
      { signed: this.mapping.approval.approvers !== undefined, now: this.#now() },
    );
  }

  /** Whether it would be written now: signatures count by the approvers' file as it is now. */
  async isApprovedNow(entry: JournalEntry): Promise<boolean> {
    return this.isApproved(await withPresentSignatures(entry, this.mapping));
  }

  /** Applies what may be applied. */
  async heal(holder: string): Promise<Healed[]> {
    const { mapping, stores, history } = this;
    return heal({ mapping, stores, history, fingerprints: await this.#keyed(), now: this.#now, holder });
  }

  close(): void {
    this.history.close();
  }

  async #keyed(): Promise<Fingerprints> {
    if (this.#fingerprints !== undefined) return this.#fingerprints;
    const key = await this.#key();
    if (key === undefined)
      throw new InvalidMapping(
        `the source ${this.mapping.source.store} has no ${FINGERPRINT_KEY}, with which values are compared: run \`groundwork secrets init\` once`,
      );
    this.#fingerprints = new Fingerprints(Buffer.from(key.reveal(), "base64"));
    return this.#fingerprints;
  }

  async #key(): Promise<SecretValue | undefined> {
    const asked = valueOf(await this.source.read(this.mapping.source.scope, [FINGERPRINT_KEY]), FINGERPRINT_KEY);
    if (!asked.ok) throw new SourceUnreachable(asked.problem.message);
    return asked.value;
  }
}

function valueOf(read: Awaited<ReturnType<Store["read"]>>, name: string): Asked<SecretValue | undefined> {
  if (!read.ok) return read;
  const answer = read.value.get(name);
  if (answer === undefined || (answer.ok && answer.value === MISSING)) return { ok: true, value: undefined };
  return answer as Asked<SecretValue>;
}
