import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { SMTPServer } from "smtp-server";
import { pem, selfSigned } from "../../gateway/certificates.ts";

export interface Mail {
  readonly from: string;
  readonly to: readonly string[];
  /** As it came, with its headers. */
  readonly raw: string;
  readonly subject: string;
  /** Its parts by their type, decoded. */
  readonly parts: ReadonlyMap<string, string>;
  readonly secure: boolean;
}

export interface FakeSmtp {
  readonly port: number;
  /** Path of the certificate that it shows. */
  readonly certificate: string;
  readonly mails: Mail[];
  /** What is said instead of taking what a step asks for. */
  refuse:
    { readonly step: "login" | "from" | "to" | "data"; readonly code: number; readonly only?: string } | undefined;
  /** The connection ends when the message has come, before or after it is kept. */
  cut: "before" | "after" | undefined;
  /** Milliseconds until a greeting. */
  delay: number;
}

export const LOGIN = { user: "alerts", pass: "canary-mail-password-x7" };

/**
 * A mail server for submission, by the library that Nodemailer's authors keep: with STARTTLS or TLS from the beginning, and a
 * login, or with none of them. https://nodemailer.com/extras/smtp-server/
 */
export async function fakeSmtp(tls: "starttls" | "implicit" | "none" = "starttls"): Promise<FakeSmtp> {
  const files = selfSigned();
  const server = new SMTPServer({
    secure: tls === "implicit",
    key: pem(files.key),
    cert: pem(files.certificate),
    ...(tls === "none" && { disabledCommands: ["STARTTLS", "AUTH"] }),
    authOptional: tls === "none",
    logger: false,
    onConnect: (_, done) => void setTimeout(done, fake.delay),
    onAuth: ({ username, password }, _, done) => {
      if (refusal("login") === undefined && username === LOGIN.user && password === LOGIN.pass)
        return done(null, { user: LOGIN.user });
      done(said(535, `5.7.8 not ${password}`));
    },
    onMailFrom: (_, __, done) => done(refusal("from")),
    onRcptTo: ({ address }, _, done) => done(refusal("to", address)),
    onData: (stream, session, done) => {
      void text(stream).then((raw) => {
        const { mailFrom, rcptTo } = session.envelope;
        const keep = () =>
          fake.mails.push({
            from: mailFrom === false ? "" : mailFrom.address,
            to: rcptTo.map(({ address }) => address),
            ...read(raw),
            secure: session.secure,
          });
        const problem = refusal("data");
        if (problem !== undefined) return done(problem);
        if (fake.cut !== "before") keep();
        if (fake.cut === undefined) return done();
        for (const connection of server.connections) connection._socket.destroy();
      });
    },
  });
  const refusal = (step: string, address?: string): Error | undefined => {
    const { refuse } = fake;
    if (refuse?.step !== step || (refuse.only !== undefined && refuse.only !== address)) return undefined;
    return said(refuse.code, "no, and here is canary-mail-password-x7");
  };
  const fake: FakeSmtp = {
    port: 0,
    certificate: files.certificate,
    mails: [],
    refuse: undefined,
    cut: undefined,
    delay: 0,
  };
  // what is cut, or speaks no TLS, is no error of this server
  server.on("error", () => {});
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  server.server.unref();
  return Object.assign(fake, { port: (server.server.address() as AddressInfo).port });
}

function said(responseCode: number, message: string): Error {
  return Object.assign(new Error(message), { responseCode });
}

/** Enough of MIME for what the checker sends: two parts, each as it is or quoted-printable. */
function read(raw: string): Pick<Mail, "raw" | "subject" | "parts"> {
  const unfolded = raw.replaceAll(/\r\n[ \t]+/g, " ");
  const subject = /^Subject: (.*)$/m.exec(unfolded)?.[1]?.trim() ?? "";
  const boundary = /boundary="([^"]+)"/.exec(unfolded)?.[1] ?? "";
  const parts = raw.split(`--${boundary}`).slice(1, -1);
  return { raw, subject, parts: new Map(parts.map(part)) };
}

function part(text: string): readonly [string, string] {
  const end = text.indexOf("\r\n\r\n");
  const [head, body] = [text.slice(0, end), text.slice(end + 4)];
  const type = /Content-Type: ([^;\r\n]+)/i.exec(head)?.[1] ?? "";
  const encoding = /Content-Transfer-Encoding: (\S+)/i.exec(head)?.[1] ?? "7bit";
  if (encoding === "base64") return [type, Buffer.from(body, "base64").toString("utf8")];
  return [type, encoding === "quoted-printable" ? unquoted(body) : body];
}

function unquoted(text: string): string {
  const bytes = text
    .replaceAll("=\r\n", "")
    .replaceAll(/=([0-9A-F]{2})/g, (_, digits: string) => String.fromCharCode(parseInt(digits, 16)));
  return Buffer.from(bytes, "latin1").toString("utf8");
}
