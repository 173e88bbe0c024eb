import { DatabaseSync } from "node:sqlite";
import { Alerts } from "../../../components/secret-drift/checker/alerts/index.ts";
import type { Message } from "../../../components/secret-drift/checker/alerts/message.ts";
import type { Outcome, Sender } from "../../../components/secret-drift/checker/alerts/outcome.ts";
import type { AlertSettings } from "../../../components/secret-drift/checker/alerts/settings.ts";
import { slackMessage } from "../../../components/secret-drift/checker/alerts/slack-message.ts";
import { AlertState } from "../../../components/secret-drift/checker/alerts/state.ts";
import type { DriftKind } from "../../../components/secret-drift/checker/finding.ts";
import { Journal } from "../../../components/secret-drift/checker/healing/journal.ts";
import type { Finding } from "../../../components/secret-drift/checker/history.ts";
import { type Mapping, parseMapping } from "../../../components/secret-drift/checker/mapping.ts";
import type { RoundReport } from "../../../components/secret-drift/checker/monitor/report.ts";

export const [MINUTE, HOUR] = [60_000, 3_600_000];
export const START = Date.UTC(2026, 10, 22, 12, 0);

export const MAPPING: Mapping = parseMapping(
  `
source: { store: esc, scope: acme/prod }
stores: { esc: { kind: pulumi-esc }, github: { kind: github }, aws: { kind: aws-ssm } }
secrets:
  database:
    property: database.password
    risk: high
    owners: [payments]
    places: [{ store: github, scope: "org:acme", name: DATABASE }, { store: aws, scope: us-west-2, name: prod/database }]
  api:
    property: api.key
    risk: low
    owners: [platform]
    places: [{ store: github, scope: "org:acme", name: API_KEY }]
  nobody:
    property: nobody.key
    places: [{ store: aws, scope: us-west-2, name: prod/nobody }]
`,
  "secrets.yaml",
);

/** A receiver that does what it is told, and keeps what it gets. */
export class Inbox implements Sender {
  readonly name: string;
  readonly messagesPerHour: number;
  readonly messages: Message[] = [];
  /** By the virtual clock. */
  readonly times: number[] = [];
  /** What comes of the next messages. */
  outcome: Outcome = { result: "delivered" };
  /** Cuts the power in the middle of sending, before or after the message has arrived. */
  kill: "before" | "after" | undefined;
  readonly #now: () => number;

  constructor(now: () => number, name = "chat", messagesPerHour = 1_000) {
    this.name = name;
    this.messagesPerHour = messagesPerHour;
    this.#now = now;
  }

  send(message: Message): Promise<Outcome> {
    if (this.kill !== "before" && this.outcome.result !== "refused") {
      this.messages.push(message);
      this.times.push(this.#now());
    }
    if (this.kill !== undefined) return new Promise(() => {});
    return Promise.resolve(this.outcome);
  }

  /** What a person reads there, of all messages since it was last asked. */
  read(): string {
    return this.messages.splice(0).map(asText).join("\n=====\n");
  }
}

/** As Slack shows it, line by line. */
export function asText(message: Message): string {
  return slackMessage(message)
    .blocks.flatMap(({ text, elements = [] }) => [text, ...elements].flatMap((each) => each?.text ?? []))
    .join("\n");
}

/** Rounds on a virtual clock, with what a person would do to the stores in between. */
export class Bench {
  now = START;
  readonly database = new DatabaseSync(":memory:");
  readonly journal = new Journal(this.database);
  readonly said: string[] = [];
  readonly inboxes: readonly Inbox[];
  readonly #settings: AlertSettings;
  readonly #open = new Map<string, Finding>();
  #alerts: Alerts;

  constructor(settings: Partial<AlertSettings> = {}, inboxes?: (now: () => number) => readonly Inbox[]) {
    this.inboxes = inboxes?.(() => this.now) ?? [new Inbox(() => this.now)];
    this.#settings = {
      receivers: [],
      routes: this.inboxes.map(({ name }) => ({ receiver: name, minimumRisk: "low" })),
      ...{ repeatAfterHours: 4, groupMinutes: 4, troubleRounds: 2, slowSeconds: 2 },
      ...settings,
    };
    this.#alerts = this.#start();
  }

  get inbox(): Inbox {
    const [first] = this.inboxes;
    if (first === undefined) throw new Error("no inbox");
    return first;
  }

  /** One round after the other, each as late as it is. */
  async round(
    later = 5 * MINUTE,
    more: Partial<RoundReport> & { readonly found?: readonly Finding[] } = {},
  ): Promise<void> {
    this.now += later;
    await this.#alerts.heard(this.report(more));
  }

  /** A round of which the checker is killed while it sends. */
  async killed(later = 5 * MINUTE): Promise<void> {
    this.now += later;
    const round = this.#alerts.heard(this.report({}));
    await Promise.race([round, new Promise((resolve) => setImmediate(resolve))]);
    this.restart();
  }

  restart(): void {
    this.#alerts = this.#start();
  }

  report({ found, ...more }: Partial<RoundReport> & { readonly found?: readonly Finding[] }): RoundReport {
    const before = new Map(this.#open);
    if (found !== undefined) {
      this.#open.clear();
      for (const finding of found)
        this.#open.set(keyOf(finding), before.get(keyOf(finding)) ?? { ...finding, firstSeen: this.now });
    }
    const gone = [...before.values()].filter((finding) => !this.#open.has(keyOf(finding)));
    return {
      ...{ at: this.now, milliseconds: 1_000, secrets: 3, unasked: [], healed: [], latency: [] },
      opened: [...this.#open.values()].filter((finding) => !before.has(keyOf(finding))),
      resolved: gone.map((finding) => ({ ...finding, resolvedAt: this.now })),
      open: [...this.#open.values()],
      ...more,
    };
  }

  #start(): Alerts {
    return new Alerts(this.#settings, {
      mapping: MAPPING,
      history: { alerts: new AlertState(this.database), journal: this.journal },
      isApproved: ({ approvals }) => approvals.length > 0,
      say: (line) => void this.said.push(line),
      now: () => this.now,
      senders: this.inboxes,
    });
  }
}

function keyOf({ kind, secret, place }: Finding): string {
  return JSON.stringify([kind, secret, place.store, place.scope, place.name]);
}

/** What a round finds. */
export function finding(kind: DriftKind, secret: string, store = "github", name = secret.toUpperCase()): Finding {
  const scope = store === "github" ? "org:acme" : "us-west-2";
  return { kind, secret, place: { store, scope, name }, evidence: "it differs", firstSeen: 0, lastSeen: 0 };
}
