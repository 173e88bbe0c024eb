import type { NodemailerError, SMTPTransportOptions } from "nodemailer";
import { credential } from "../credential.ts";
import { mailMessage } from "./mail-message.ts";
import type { Message } from "./message.ts";
import type { Outcome, Sender } from "./outcome.ts";
import type { SmtpReceiver } from "./settings.ts";

export interface SmtpOptions {
  /** Of each step that waits for the server, in milliseconds; a whole message has four times as long. Default: 10 s */
  readonly timeout?: number;
}

const TIMEOUT = 10_000;

/** What happens before the message itself is sent. https://nodemailer.com/errors */
const WORDS: Readonly<Record<string, string>> = {
  EAUTH: "the mail server does not take the user name and password",
  ENOAUTH: "the mail server does not take the user name and password",
  ETLS: "the mail server cannot encrypt, or nobody vouches for its certificate",
  EREQUIRETLS: "the mail server cannot encrypt",
  EDNS: "the mail server's name is not known",
  EENVELOPE: "the mail server does not take the sender or any recipient",
  EMESSAGE: "the mail server does not take the message",
};
/** Of a socket that was never open, or not encrypted yet. https://nodejs.org/api/errors.html#common-system-errors */
const UNOPENED = /^(?:ECONNREFUSED|ENOTFOUND|EAI_\w+|EHOSTUNREACH|ENETUNREACH)$/;
const UNTRUSTED =
  /^(?:ERR_TLS_\w+|ERR_SSL_\w+|CERT_\w+|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_\w+)$/;

/** Hands mails to a server that takes them for people. */
export class SmtpSender implements Sender {
  readonly name: string;
  readonly messagesPerHour: number;
  readonly #settings: SmtpReceiver;
  readonly #timeout: number;

  constructor(settings: SmtpReceiver, { timeout = TIMEOUT }: SmtpOptions = {}) {
    this.name = settings.name;
    this.messagesPerHour = settings.messagesPerHour;
    this.#settings = settings;
    this.#timeout = timeout;
  }

  async send(message: Message): Promise<Outcome> {
    const { from, to, login } = this.#settings;
    const password = login === undefined ? undefined : credential(login.passwordVariable);
    if (login !== undefined && password === "")
      return { result: "refused", reason: `the environment variable ${login.passwordVariable} has no password` };
    try {
      const { createTransport } = await import("nodemailer");
      const { rejected } = await createTransport(this.#options(password)).sendMail({
        from,
        to: [...to],
        ...mailMessage(message),
        // so that nobody's holiday notice answers it. https://www.rfc-editor.org/rfc/rfc3834#section-5
        headers: { "Auto-Submitted": "auto-generated" },
        signal: AbortSignal.timeout(4 * this.#timeout),
      });
      if (rejected.length === 0) return { result: "delivered" };
      return {
        result: "delivered",
        note: `the mail server does not take ${rejected.length} of ${to.length} recipients`,
      };
    } catch (error) {
      return outcomeOf(error as NodemailerError);
    }
  }

  #options(password: string | undefined): SMTPTransportOptions {
    const { host, port, tls, login } = this.#settings;
    return {
      host,
      port,
      secure: tls === "implicit",
      requireTLS: tls === "starttls",
      ignoreTLS: tls === "none",
      ...(login !== undefined && { auth: { user: login.username, pass: password } }),
      connectionTimeout: this.#timeout,
      greetingTimeout: this.#timeout,
      // longer than that of the greeting, which tells more
      socketTimeout: 2 * this.#timeout,
      dnsTimeout: this.#timeout,
      disableFileAccess: true,
      disableUrlAccess: true,
    };
  }
}

/** By codes alone: what a server has said may quote what it was sent. */
function outcomeOf({ code = "", responseCode, originalCode = "", timeoutType }: NodemailerError): Outcome {
  const known = WORDS[code];
  if (responseCode !== undefined) {
    const words = known ?? "the mail server does not take mails now";
    return { result: "refused", reason: `${words} (${responseCode})` };
  }
  if (UNTRUSTED.test(originalCode))
    return { result: "refused", reason: "nobody vouches for the mail server's certificate" };
  if (known !== undefined && code !== "EMESSAGE") return { result: "refused", reason: known };
  const isUnopened = UNOPENED.test(originalCode) || (timeoutType !== undefined && timeoutType !== "SOCKET_TIMEOUT");
  return isUnopened
    ? { result: "refused", reason: "the mail server cannot be reached" }
    : { result: "unknown", reason: "the mail server does not answer, or too late" };
}
