import { setTimeout as sleep } from "node:timers/promises";
import { credential } from "../credential.ts";
import { SecretValue } from "../secret-value.ts";
import { secondsOf } from "../stores/http.ts";
import type { Message } from "./message.ts";
import type { Outcome, Sender } from "./outcome.ts";
import type { SlackReceiver } from "./settings.ts";
import { slackMessage } from "./slack-message.ts";

export interface SlackOptions {
  /** Of one attempt, in milliseconds. Default: 10 s */
  readonly timeout?: number;
}

const TIMEOUT = 10_000;
/** Seconds that are waited for Slack within a round; what takes longer is a later round's. */
const PATIENCE = 5;
/** Where Slack does not say how long, and the longest that is believed: both in seconds. */
const [UNTOLD, LONGEST] = [60, 3_600];
/** Milliseconds between two messages to one webhook: a second, and what a timer may be early. https://docs.slack.dev/apis/web-api/rate-limits */
const PAUSE = 1_100;
/** When the last message to each webhook has ended, or will begin: receivers may share one. */
const lastPosts = new Map<string, number>();

/** What happens before anything was sent. https://nodejs.org/api/errors.html#common-system-errors, https://nodejs.org/api/tls.html#x509-certificate-error-codes, https://undici.nodejs.org/#/docs/api/Errors */
const UNSENT =
  /^(?:ECONNREFUSED|ENOTFOUND|EAI_\w+|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT|UND_ERR_INVALID_ARG|EPROTO|ERR_SSL_\w+|ERR_TLS_\w+|CERT_\w+|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_\w+|HOSTNAME_MISMATCH)$/;
const CERTIFICATE =
  /^(?:ERR_TLS_\w+|CERT_\w+|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_\w+|HOSTNAME_MISMATCH)$/;

/** https://api.slack.com/changelog/2016-05-17-changes-to-errors-for-incoming-webhooks */
const WORDS: Readonly<Record<number, string>> = {
  400: "Slack does not take the message",
  403: "Slack does not let this webhook post: its token is invalid, or the workspace forbids it",
  404: "Slack has no such webhook, or its channel is gone: make a new webhook",
  410: "the channel of this webhook is archived: make a webhook for another one",
  429: "Slack has been posted to too often",
};

/** Posts to an incoming webhook, of which the address is a secret. https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks */
export class SlackSender implements Sender {
  readonly name: string;
  readonly messagesPerHour: number;
  readonly #variable: string;
  readonly #timeout: number;

  constructor({ name, webhookVariable, messagesPerHour }: SlackReceiver, { timeout = TIMEOUT }: SlackOptions = {}) {
    this.name = name;
    this.messagesPerHour = messagesPerHour;
    this.#variable = webhookVariable;
    this.#timeout = timeout;
  }

  async send(message: Message): Promise<Outcome> {
    const address = this.#address();
    if (typeof address === "string") return { result: "refused", reason: address };
    const body = JSON.stringify(slackMessage(message));
    const outcome = await this.#post(address, body);
    if (outcome.result !== "refused" || (outcome.retryAfter ?? LONGEST) > PATIENCE) return outcome;
    await sleep((outcome.retryAfter ?? 0) * 1_000);
    return this.#post(address, body);
  }

  /** Read at each message, so that a new one is taken at once. @returns why there is none, if so */
  #address(): SecretValue | string {
    const text = credential(this.#variable);
    if (text === "") return `the environment variable ${this.#variable} has no address of a webhook`;
    if (!/^(?:https:\/\/[^/]|http:\/\/(?:localhost|127\.0\.0\.1|\[::1\])[:/])/.test(text) || !URL.canParse(text))
      return `the environment variable ${this.#variable} has no address that begins with https://`;
    return new SecretValue(text);
  }

  async #post(address: SecretValue, body: string): Promise<Outcome> {
    await turn(address.reveal());
    try {
      const response = await fetch(address.reveal(), {
        method: "POST",
        headers: { "content-type": "application/json" },
        body,
        // it would lead our messages elsewhere
        redirect: "manual",
        signal: AbortSignal.timeout(this.#timeout),
      });
      await response.body?.cancel();
      return outcomeOf(response);
    } catch (error) {
      return failureOf(error);
    } finally {
      lastPosts.set(address.reveal(), Math.max(lastPosts.get(address.reveal()) ?? 0, performance.now()));
    }
  }
}

async function turn(address: string): Promise<void> {
  const now = performance.now();
  const at = Math.max(now, (lastPosts.get(address) ?? -PAUSE) + PAUSE);
  lastPosts.set(address, at);
  if (at > now) await sleep(at - now);
}

function outcomeOf({ status, headers }: Response): Outcome {
  if (status === 200) return { result: "delivered" };
  const reason = `${WORDS[status] ?? (status >= 500 ? "Slack has an error of its own" : "Slack answers something else than a webhook")} (HTTP ${status})`;
  // a gateway that has waited in vain does not know either
  if (status === 504) return { result: "unknown", reason };
  if (status !== 429) return { result: "refused", reason };
  const told = secondsOf(headers.get("retry-after") ?? undefined) ?? UNTOLD;
  return { result: "refused", reason, retryAfter: Math.min(told, LONGEST) };
}

/** What is thrown may quote the address. */
function failureOf(error: unknown): Outcome {
  const { cause } = error as { readonly cause?: { readonly code?: unknown; readonly errors?: readonly unknown[] } };
  const [first] = cause?.errors ?? [];
  const code = String(cause?.code ?? (first as { readonly code?: unknown } | undefined)?.code);
  if (CERTIFICATE.test(code))
    return { result: "refused", reason: "the certificate of the webhook's server is not trusted" };
  if (UNSENT.test(code)) return { result: "refused", reason: "the webhook's server cannot be reached" };
  return { result: "unknown", reason: "the webhook's server does not answer, or too late" };
}
