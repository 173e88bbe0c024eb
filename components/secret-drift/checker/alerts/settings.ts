import type { Keys, Reader } from "../reader.ts";
import { RISKS, type Risk } from "../risk.ts";

/** A Slack channel, by an incoming webhook. */
export interface SlackReceiver {
  readonly kind: "slack";
  readonly name: string;
  /** Name of the environment variable with the webhook's address, which is a secret: who has it may post. */
  readonly webhookVariable: string;
  /** Messages that it gets in any hour at most. Default {@link ALERT_DEFAULTS}. */
  readonly messagesPerHour: number;
}

/** A mail server that takes mails for people. */
export interface SmtpReceiver {
  readonly kind: "smtp";
  readonly name: string;
  readonly host: string;
  /** Default: 587, or 465 where TLS is implicit. https://www.rfc-editor.org/rfc/rfc8314#section-3.3 */
  readonly port: number;
  /** `starttls` goes over to TLS before anything is said, `implicit` begins with it; `none` only within the machine. Default: starttls, or implicit on port 465 */
  readonly tls: "starttls" | "implicit" | "none";
  readonly from: string;
  readonly to: readonly string[];
  /** Default: the server asks for no password. */
  readonly login?: {
    readonly username: string;
    /** Name of the environment variable with the password. */
    readonly passwordVariable: string;
  };
  /** Messages that it gets in any hour at most. Default {@link ALERT_DEFAULTS}. */
  readonly messagesPerHour: number;
}

export type ReceiverSettings = SlackReceiver | SmtpReceiver;

/** What a receiver is told. A receiver may have several, and is told what fits one of them. */
export interface Route {
  readonly receiver: string;
  /** What is less risky is not told. Default: low, so everything is. */
  readonly minimumRisk: Risk;
  /** Only what belongs to one of them, or to nobody. Default: whoever owns it. */
  readonly owners?: readonly string[];
}

export interface AlertSettings {
  readonly receivers: readonly ReceiverSettings[];
  /** Default: every receiver is told everything. */
  readonly routes: readonly Route[];
  /** Hours until what was told is told again, whether it lasts or has come back. Default {@link ALERT_DEFAULTS}. */
  readonly repeatAfterHours: number;
  /** Minutes between two messages to one receiver at least; what comes up meanwhile is told together. Default {@link ALERT_DEFAULTS}. */
  readonly groupMinutes: number;
  /** Rounds in a row that the source, a scope or a receiver must fail, or a store be slow, until it is told. Default {@link ALERT_DEFAULTS}. */
  readonly troubleRounds: number;
  /** Seconds above which the p95 of a store's answers is told. Default {@link ALERT_DEFAULTS}. */
  readonly slowSeconds: number;
}

/**
 * Hours are those of Alertmanager's `repeat_interval`: https://prometheus.io/docs/alerting/latest/configuration/#route. Minutes
 * are fewer than those of a round with its jitter, so that each round may tell what is new. Slow is systems.md's, of sophia:
 * latency of the APIs < 2 s. One failed round may be a restart at the other side. With a round every 5 minutes, 12 messages an
 * hour are one a round, far below what Slack lets through: https://docs.slack.dev/apis/web-api/rate-limits
 */
export const ALERT_DEFAULTS = {
  repeatAfterHours: 4,
  groupMinutes: 4,
  troubleRounds: 2,
  slowSeconds: 2,
  messagesPerHour: 12,
};

const ADDRESS = /^[^\s@<>,;"]+@[^\s@<>,;"]+$/;
const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[?::1\]?)$/i;
const KINDS: Readonly<Record<string, (given: Keys, name: string, read: Reader) => ReceiverSettings>> = { slack, smtp };
const [SUBMISSION, SUBMISSIONS] = [587, 465];

/**
 * Checks the key `alerts` of a mapping. What belongs to owners that no secret has would be told to nobody, so it is refused.
 * @throws InvalidMapping
 */
export function alertSettings(value: unknown, owners: readonly string[], read: Reader): AlertSettings {
  const given = read.keys(value, "alerts");
  const { messagesPerHour: _, ...defaults } = ALERT_DEFAULTS;
  read.only(given, "alerts", ["receivers", "routes", ...Object.keys(defaults)]);
  const receivers = Object.entries(read.keys(given["receivers"], "alerts.receivers")).map(([name, settings]) =>
    receiver(name, read.keys(settings, `alerts.receivers.${name}`), read),
  );
  if (receivers.length === 0) throw read.wrong("alerts.receivers", {}, "name at least one receiver");
  const names = receivers.map(({ name }) => name);
  const routes =
    given["routes"] === undefined
      ? names.map((name): Route => ({ receiver: name, minimumRisk: "low" }))
      : read.list(given["routes"], "alerts.routes").map((each, index) => route(each, index, names, owners, read));
  const forgotten = names.find((name) => !routes.some((each) => each.receiver === name));
  if (forgotten !== undefined)
    throw read.wrong("alerts.routes", given["routes"], `add one to ${forgotten}, which is told nothing`);
  return {
    receivers,
    routes,
    repeatAfterHours: number(given, "repeatAfterHours", read),
    groupMinutes: number(given, "groupMinutes", read),
    troubleRounds: read.whole(given["troubleRounds"] ?? defaults.troubleRounds, "alerts.troubleRounds"),
    slowSeconds: number(given, "slowSeconds", read),
  };
}

function number(given: Keys, key: "repeatAfterHours" | "groupMinutes" | "slowSeconds", read: Reader): number {
  const value = given[key] ?? ALERT_DEFAULTS[key];
  if (typeof value === "number" && Number.isFinite(value) && value > 0) return value;
  throw read.wrong(`alerts.${key}`, value, "write a number above 0");
}

function receiver(name: string, given: Keys, read: Reader): ReceiverSettings {
  read.name(name, "alerts.receivers");
  const kind = given["kind"];
  const make = typeof kind === "string" && Object.hasOwn(KINDS, kind) ? KINDS[kind] : undefined;
  if (make === undefined)
    throw read.wrong(`alerts.receivers.${name}.kind`, kind, `write one of ${Object.keys(KINDS).join(", ")}`);
  return make(given, name, read);
}

function slack(given: Keys, name: string, read: Reader): SlackReceiver {
  const path = `alerts.receivers.${name}`;
  read.only(given, path, ["kind", "webhookVariable", "messagesPerHour"]);
  return {
    kind: "slack",
    name,
    webhookVariable: read.variable(given["webhookVariable"], `${path}.webhookVariable`, "the webhook's address"),
    messagesPerHour: messagesPerHour(given, path, read),
  };
}

function smtp(given: Keys, name: string, read: Reader): SmtpReceiver {
  const path = `alerts.receivers.${name}`;
  const known = ["kind", "host", "port", "tls", "from", "to", "username", "passwordVariable", "messagesPerHour"];
  read.only(given, path, known);
  const host = read.text(given["host"], `${path}.host`);
  const usual = given["port"] === SUBMISSIONS ? "implicit" : "starttls";
  const tls = read.oneOf(given["tls"] ?? usual, `${path}.tls`, ["starttls", "implicit", "none"] as const);
  if (tls === "none" && !LOOPBACK.test(host))
    throw read.wrong(`${path}.tls`, tls, `write starttls or implicit: ${host} is not this machine`);
  const to = typeof given["to"] === "string" ? [given["to"]] : read.texts(given["to"], `${path}.to`);
  if (to.length === 0) throw read.wrong(`${path}.to`, [], "write at least one address");
  return {
    kind: "smtp",
    name,
    host,
    port: port(given["port"] ?? (tls === "implicit" ? SUBMISSIONS : SUBMISSION), `${path}.port`, read),
    tls,
    from: address(given["from"], `${path}.from`, read),
    to: to.map((each, index) => address(each, `${path}.to[${index}]`, read)),
    ...login(given, path, read),
    messagesPerHour: messagesPerHour(given, path, read),
  };
}

function login(given: Keys, path: string, read: Reader): Pick<SmtpReceiver, "login"> {
  const { username, passwordVariable } = given;
  if (username === undefined && passwordVariable === undefined) return {};
  return {
    login: {
      username: read.text(username, `${path}.username`),
      passwordVariable: read.variable(passwordVariable, `${path}.passwordVariable`, "the password"),
    },
  };
}

function route(
  value: unknown,
  index: number,
  receivers: readonly string[],
  known: readonly string[],
  read: Reader,
): Route {
  const path = `alerts.routes[${index}]`;
  const given = read.keys(value, path);
  read.only(given, path, ["receiver", "minimumRisk", "owners"]);
  const name = read.oneOf(read.text(given["receiver"], `${path}.receiver`), `${path}.receiver`, receivers);
  const minimumRisk = read.oneOf(given["minimumRisk"] ?? "low", `${path}.minimumRisk`, RISKS);
  if (given["owners"] === undefined) return { receiver: name, minimumRisk };
  const owners = read.texts(given["owners"], `${path}.owners`);
  const stranger = owners.find((owner) => !known.includes(owner));
  if (stranger !== undefined || owners.length === 0)
    throw read.wrong(
      `${path}.owners`,
      stranger ?? owners,
      known.length === 0 ? "leave it out: no secret has owners" : `write some of ${known.join(", ")}`,
    );
  return { receiver: name, minimumRisk, owners };
}

function messagesPerHour(given: Keys, path: string, read: Reader): number {
  return read.whole(given["messagesPerHour"] ?? ALERT_DEFAULTS.messagesPerHour, `${path}.messagesPerHour`);
}

function port(value: unknown, path: string, read: Reader): number {
  const whole = read.whole(value, path);
  if (whole > 65_535) throw read.wrong(path, whole, "write a port from 1 to 65535");
  return whole;
}

function address(value: unknown, path: string, read: Reader): string {
  const text = read.text(value, path);
  if (!ADDRESS.test(text)) throw read.wrong(path, text, "write a mail address such as alerts@example.com");
  return text;
}
