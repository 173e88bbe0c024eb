import type { Journal, JournalEntry } from "../healing/journal.ts";
import type { Mapping } from "../mapping.ts";
import type { RoundListener, RoundReport } from "../monitor/report.ts";
import { compose, testMessage } from "./compose.ts";
import { type Entry, Ledger, isDue, told } from "./ledger.ts";
import type { Outcome, Sender } from "./outcome.ts";
import type { AlertSettings, ReceiverSettings } from "./settings.ts";
import { SlackSender } from "./slack.ts";
import { SmtpSender } from "./smtp.ts";
import type { AlertState, Claim } from "./state.ts";
import { type Subject, type TroubleSubject, isRouted } from "./subject.ts";
import { Subjects } from "./subjects.ts";

export interface AlertOptions {
  readonly mapping: Mapping;
  /** Where what was told is remembered. */
  readonly history: { readonly alerts: AlertState; readonly journal: Pick<Journal, "inState"> };
  /** Whether a proposal may be applied as it is. */
  readonly isApproved: (proposal: JournalEntry) => boolean;
  /** Told in one line what could not be delivered, and when it can be again. Default: nobody */
  readonly say?: (line: string) => void;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  /** Instead of those that the mapping names. */
  readonly senders?: readonly Sender[];
}

/** What alerts need of a checker. */
export interface AlertedChecker extends Pick<AlertOptions, "history"> {
  readonly mapping: Mapping;
  isApproved(proposal: JournalEntry): boolean;
}

/** What came of a test message. */
export interface Tested {
  readonly receiver: string;
  readonly kind: ReceiverSettings["kind"];
  readonly delivered: boolean;
  /** Why it was not, or what was not as it should be. */
  readonly reason?: string;
}

const [MINUTE, HOUR] = [60_000, 3_600_000];
/** The most that is kept while nothing can be written down. */
const UNNOTED = 1_000;

/** Tells people what rounds find, what is over and what healing has done: as few messages as there can be, and nothing left out. */
export class Alerts implements RoundListener {
  readonly #settings: AlertSettings;
  readonly #senders: readonly Sender[];
  readonly #subjects: Subjects;
  readonly #mapping: Mapping;
  readonly #history: AlertOptions["history"];
  readonly #isApproved: AlertOptions["isApproved"];
  readonly #say: (line: string) => void;
  readonly #now: () => number;
  /** Of each receiver, what was said last. */
  readonly #said = new Map<string, string>();
  /** What no later round tells again, of rounds that could not be written down. */
  #unnoted: Pick<RoundReport, "healed" | "resolved"> = { healed: [], resolved: [] };
  #last = Promise.resolve();

  constructor(settings: AlertSettings, options: AlertOptions) {
    const { mapping, history, isApproved, say = () => {}, now = Date.now, senders } = options;
    this.#settings = settings;
    this.#senders = senders ?? settings.receivers.map(senderOf);
    this.#subjects = new Subjects(mapping);
    this.#mapping = mapping;
    this.#history = history;
    this.#isApproved = isApproved;
    this.#say = say;
    this.#now = now;
  }

  /** One round after the other, also where somebody does not wait for the end of one. */
  heard(report: RoundReport): Promise<void> {
    this.#last = this.#last.then(() => this.#hear(report));
    return this.#last;
  }

  async #hear(report: RoundReport): Promise<void> {
    const { healed, resolved } = this.#unnoted;
    const all = { ...report, healed: [...healed, ...report.healed], resolved: [...resolved, ...report.resolved] };
    try {
      this.#unnoted = { healed: all.healed.slice(-UNNOTED), resolved: all.resolved.slice(-UNNOTED) };
      this.#state.together(() => this.#note(all));
      this.#unnoted = { healed: [], resolved: [] };
      await Promise.all(this.#senders.map((sender) => this.#tell(sender)));
    } catch (error) {
      this.#say(`alerts: ${error instanceof Error ? error.name : "something"} has stopped them in this round`);
    }
  }

  get #state(): AlertState {
    return this.#history.alerts;
  }

  /** Writes down what each receiver is owed after a round. */
  #note(report: RoundReport): void {
    const now = this.#now();
    const troubles = this.#troubles(report, now);
    const lasting = [...report.open.map((finding) => this.#subjects.drift(finding)), ...troubles];
    const healings = this.#subjects.healings(report);
    for (const { name } of this.#senders) {
      const ledger = new Ledger(this.#state, name, now, this.#repeat);
      const mine = (subject: Subject) => this.#isFor(name, subject);
      ledger.lasting(lasting, mine, (key) => report.failure !== undefined && isOfScope(key));
      for (const healing of healings.filter(mine)) ledger.happened(healing);
      for (const { resolvedAt = now, ...finding } of report.resolved) {
        const subject = this.#subjects.drift(finding);
        if (mine(subject)) ledger.missed(subject, resolvedAt);
      }
      ledger.save();
    }
    this.#state.forget(
      this.#senders.map(({ name }) => name),
      now,
    );
  }

  /** What has gone wrong for long enough. While nothing can be compared, nobody knows of the scopes. */
  #troubles(report: RoundReport, now: number): TroubleSubject[] {
    const suspicions = [
      ...this.#subjects.suspicions(report, this.#settings),
      ...this.#state.unreached().map((each) => this.#subjects.unreached(each)),
    ];
    const keep = (key: string) => report.failure !== undefined && isOfScope(key);
    const streaks = this.#state.suspect(
      suspicions.map(({ key }) => key),
      keep,
      now,
    );
    return suspicions.flatMap((suspicion) => {
      const { rounds = 0, since = now } = streaks.get(suspicion.key) ?? {};
      return rounds < this.#settings.troubleRounds ? [] : [{ ...suspicion, since }];
    });
  }

  /** One does not learn from a receiver that it cannot be reached. */
  #isFor(receiver: string, subject: Subject): boolean {
    const routes = this.#settings.routes.filter((route) => route.receiver === receiver);
    return subject.key !== `receiver ${receiver}` && isRouted(subject, routes);
  }

  async #tell(sender: Sender): Promise<void> {
    const { name, messagesPerHour } = sender;
    const limits = { messagesPerHour, pause: this.#settings.groupMinutes * MINUTE };
    const taken = this.#state.together(() => {
      const now = this.#now();
      const entries = [...this.#state.entries(name).values()];
      const due = entries.filter((entry) => isDue(entry, now, this.#repeat));
      const claim = due.length === 0 ? undefined : this.#state.claim(name, limits, now);
      return claim && { due, claim, open: entries.filter(isOpenDrift).length };
    });
    if (taken === undefined) return;
    const { due, claim, open } = taken;
    const message = compose({
      due,
      open,
      proposals: this.#history.journal.inState("applying", "open"),
      isApproved: this.#isApproved,
      source: this.#mapping.source,
      repeatAfterHours: this.#settings.repeatAfterHours,
      ...(claim.mayRepeat !== undefined && { mayRepeat: claim.mayRepeat }),
    });
    const outcome = await sender.send(message);
    this.#settle(name, claim, due, outcome);
    this.#report(name, outcome);
  }

  #settle(receiver: string, claim: Claim, due: readonly Entry[], outcome: Outcome): void {
    const now = this.#now();
    this.#state.together(() => {
      this.#state.settle(receiver, claim, outcome, now);
      if (outcome.result !== "delivered") return;
      for (const entry of due) this.#state.save(receiver, told(entry, now));
    });
  }

  /** Once, until it changes. */
  #report(receiver: string, outcome: Outcome): void {
    const problem = outcome.result === "delivered" ? outcome.note : outcome.reason;
    if (problem === this.#said.get(receiver)) return;
    if (problem === undefined) this.#said.delete(receiver);
    else this.#said.set(receiver, problem);
    const how = outcome.result === "delivered" ? "was told" : "is told again in a later round";
    this.#say(problem === undefined ? `alerts: ${receiver} was told` : `alerts: ${receiver} ${how}: ${problem}`);
  }

  get #repeat(): number {
    return this.#settings.repeatAfterHours * HOUR;
  }
}

/** What listens to the rounds of a checker: nobody where its mapping has no alerts. */
export function alertListeners(checker: AlertedChecker, say: (line: string) => void): Alerts[] {
  const { alerts } = checker.mapping;
  if (alerts === undefined) return [];
  const { mapping, history } = checker;
  return [new Alerts(alerts, { mapping, history, isApproved: (proposal) => checker.isApproved(proposal), say })];
}

/** Sends a message to every receiver, whatever its routes and limits, and tells what came of each. */
export async function testAlerts(settings: AlertSettings, now: number): Promise<Tested[]> {
  const tested: Tested[] = [];
  for (const receiver of settings.receivers) {
    const { name, kind } = receiver;
    const outcome = await senderOf(receiver).send(testMessage(name, now));
    const delivered = outcome.result === "delivered";
    const reason = delivered ? outcome.note : outcome.reason;
    tested.push({ receiver: name, kind, delivered, ...(reason !== undefined && { reason }) });
  }
  return tested;
}

function senderOf(settings: ReceiverSettings): Sender {
  return settings.kind === "slack" ? new SlackSender(settings) : new SmtpSender(settings);
}

function isOfScope(key: string): boolean {
  return key.startsWith("unasked ");
}

function isOpenDrift({ subject, goneAt }: Entry): boolean {
  return subject.type === "drift" && goneAt === undefined;
}
