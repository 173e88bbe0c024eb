import assert from "node:assert/strict";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { after } from "mocha";
import type { Message } from "../../../components/secret-drift/checker/alerts/message.ts";
import { name } from "../../../components/secret-drift/checker/alerts/message.ts";
import type { SmtpReceiver } from "../../../components/secret-drift/checker/alerts/settings.ts";
import { SmtpSender } from "../../../components/secret-drift/checker/alerts/smtp.ts";
import { leaksOf } from "../../helpers/leaks.ts";
import { freePort } from "../../helpers/server.ts";
import { pem } from "../gateway/certificates.ts";
import { type FakeSmtp, LOGIN, fakeSmtp } from "./servers/smtp-server.ts";

const MESSAGE: Message = {
  title: "1 secret not in step (high risk: database)",
  intro: [],
  secrets: [
    {
      title: [{ strong: "high risk" }, ": ", name("database"), ", of payments & Söhne"],
      lines: [[{ strong: "missing" }, " ", name('<img src=x onerror=alert(1)> "quoted" \r\nBcc: evil@example.com')]],
      after: [["To do: ", { code: "groundwork secrets heal" }]],
      noun: "place",
    },
  ],
  others: [],
  footer: [["1 drift is open in all."]],
};
const TRUSTED = getCACertificates("default");

describe("alerts by mail", () => {
  const variable = "GROUNDWORK_TEST_SMTP_PASSWORD";
  const trust = (...servers: readonly FakeSmtp[]) =>
    setDefaultCACertificates([...TRUSTED, ...servers.map(({ certificate }) => pem(certificate))]);
  const sender = ({ port }: Pick<FakeSmtp, "port">, more: Partial<SmtpReceiver> = {}, timeout = 1_000) => {
    const settings: SmtpReceiver = {
      ...{ kind: "smtp", name: "mail", host: "localhost", port, tls: "starttls", messagesPerHour: 12 },
      ...{ from: "groundwork@example.com", to: ["ops@example.com", "oncall@example.com"] },
      login: { username: LOGIN.user, passwordVariable: variable },
      ...more,
    };
    return new SmtpSender(settings, { timeout });
  };
  beforeEach(() => void (process.env[variable] = LOGIN.pass));
  after(() => {
    delete process.env[variable];
    setDefaultCACertificates(TRUSTED);
  });

  it("arrive as text and as HTML, encrypted, with a login", async () => {
    const server = await fakeSmtp();
    trust(server);
    assert.deepEqual(await sender(server).send(MESSAGE), { result: "delivered" });
    const [mail] = server.mails;
    assert.ok(mail);
    assert.equal(mail.secure, true);
    assert.equal(mail.from, "groundwork@example.com");
    assert.deepEqual(mail.to, ["ops@example.com", "oncall@example.com"]);
    assert.equal(mail.subject, "[groundwork secrets] 1 secret not in step (high risk: database)");
    assert.match(mail.raw, /^Auto-Submitted: auto-generated\r$/m);
    assert.equal(
      mail.parts.get("text/plain")?.replaceAll("\r\n", "\n").trim(),
      [
        "1 secret not in step (high risk: database)",
        "",
        "high risk: database, of payments & Söhne",
        '  - missing <img src=x onerror=alert(1)> "quoted" \uFFFDBcc: evil@example.com',
        "  To do: groundwork secrets heal",
        "",
        "1 drift is open in all.",
      ].join("\n"),
    );
    const html = mail.parts.get("text/html") ?? "";
    assert.ok(html.includes("<strong>high risk</strong>"));
    assert.ok(html.includes("&lt;img src=x onerror=alert(1)&gt; &quot;quoted&quot; \uFFFDBcc: evil@example.com"));
    assert.ok(html.includes("of payments &amp; Söhne"));
    assert.doesNotMatch(html, /<img/);
    assert.doesNotMatch(mail.raw, /^Bcc/m);
  });

  it("begin with TLS where the server does", async () => {
    const server = await fakeSmtp("implicit");
    trust(server);
    assert.deepEqual(await sender(server, { tls: "implicit" }).send(MESSAGE), { result: "delivered" });
    assert.equal(server.mails[0]?.secure, true);
  });

  it("go without TLS and login only where that is said, which is within the machine", async () => {
    const server = await fakeSmtp("none");
    const plain = new SmtpSender({
      ...{ kind: "smtp", name: "mail", host: "127.0.0.1", port: server.port, tls: "none", messagesPerHour: 12 },
      ...{ from: "groundwork@example.com", to: ["ops@example.com"] },
    });
    assert.deepEqual(await plain.send(MESSAGE), { result: "delivered" });
    assert.equal(server.mails[0]?.secure, false);
    assert.deepEqual(await sender(server).send(MESSAGE), {
      result: "refused",
      reason: "the mail server cannot encrypt, or nobody vouches for its certificate (500)",
    });
    assert.equal(server.mails.length, 1);
  });

  it("go to no server that nobody vouches for, and no password does", async () => {
    for (const tls of ["starttls", "implicit"] as const) {
      const server = await fakeSmtp(tls);
      setDefaultCACertificates(TRUSTED);
      const outcome = await sender(server, { tls }).send(MESSAGE);
      assert.deepEqual(outcome, { result: "refused", reason: "nobody vouches for the mail server's certificate" });
      // the name in the certificate is another one
      trust(server);
      const other = await sender(server, { tls, host: "127.0.0.1" }).send(MESSAGE);
      assert.deepEqual(other, { result: "refused", reason: "nobody vouches for the mail server's certificate" });
      assert.equal(server.mails.length, 0);
    }
  });

  it("say what is wrong when they are refused, in words of ours", async () => {
    const server = await fakeSmtp();
    trust(server);
    const texts: Record<string, string> = {};
    for (const [refuse, reason] of [
      [{ step: "login", code: 535 }, "the mail server does not take the user name and password (535)"],
      [{ step: "from", code: 550 }, "the mail server does not take the sender or any recipient (550)"],
      [{ step: "to", code: 550 }, "the mail server does not take the sender or any recipient (550)"],
      [{ step: "from", code: 451 }, "the mail server does not take the sender or any recipient (451)"],
      [{ step: "data", code: 554 }, "the mail server does not take the message (554)"],
      [{ step: "data", code: 452 }, "the mail server does not take the message (452)"],
    ] as const) {
      server.refuse = refuse;
      const outcome = await sender(server).send(MESSAGE);
      assert.deepEqual(outcome, { result: "refused", reason });
      texts[`${refuse.step} ${refuse.code}`] = JSON.stringify(outcome);
    }
    server.refuse = { step: "to", code: 550, only: "oncall@example.com" };
    assert.deepEqual(await sender(server).send(MESSAGE), {
      result: "delivered",
      note: "the mail server does not take 1 of 2 recipients",
    });
    texts["mail"] = server.mails.map(({ raw }) => raw).join();
    assert.deepEqual(leaksOf([{ name: "password", value: LOGIN.pass }], { folders: [], texts }), []);
    process.env[variable] = "";
    assert.deepEqual(await sender(server).send(MESSAGE), {
      result: "refused",
      reason: `the environment variable ${variable} has no password`,
    });
  });

  it("know when nobody can know whether they arrived", async () => {
    for (const cut of ["before", "after"] as const) {
      const server = await fakeSmtp();
      trust(server);
      server.cut = cut;
      assert.deepEqual(await sender(server).send(MESSAGE), {
        result: "unknown",
        reason: "the mail server does not answer, or too late",
      });
      assert.equal(server.mails.length, cut === "after" ? 1 : 0);
    }
    const slow = await fakeSmtp();
    trust(slow);
    slow.delay = 2_000;
    const unreached = { result: "refused", reason: "the mail server cannot be reached" };
    assert.deepEqual(await sender(slow, {}, 300).send(MESSAGE), unreached);
    assert.deepEqual(await sender({ port: await freePort() }).send(MESSAGE), unreached);
    assert.deepEqual(await sender({ port: 587 }, { host: "no-such-host.invalid" }).send(MESSAGE), {
      result: "refused",
      reason: "the mail server's name is not known",
    });
  });
});
