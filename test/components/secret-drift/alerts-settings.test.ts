import assert from "node:assert/strict";
import { alertSettings } from "../../../components/secret-drift/checker/alerts/settings.ts";
import { InvalidMapping, Reader } from "../../../components/secret-drift/checker/reader.ts";

const CHAT = { kind: "slack", webhookVariable: "SLACK_WEBHOOK_URL" };
const MAIL = { kind: "smtp", host: "smtp.example.com", from: "groundwork@example.com", to: "ops@example.com" };
const parse = (value: unknown, owners = ["platform", "payments"]) =>
  alertSettings(value, owners, new Reader("secrets.yaml"));
const refuses = (value: unknown, message: string, owners?: string[]) =>
  assert.throws(
    () => parse(value, owners),
    (error) => error instanceof InvalidMapping && error.message === `secrets.yaml has ${message}`,
  );
const mail = (more: object) => ({ receivers: { mail: { ...MAIL, ...more } } });

describe("the settings of alerts", () => {
  it("tell every receiver everything, where nothing is said", () => {
    const { receivers, routes, ...others } = parse({ receivers: { chat: CHAT, mail: MAIL } });
    assert.deepEqual(receivers, [
      { kind: "slack", name: "chat", webhookVariable: "SLACK_WEBHOOK_URL", messagesPerHour: 12 },
      {
        ...{ kind: "smtp", name: "mail", host: "smtp.example.com", port: 587, tls: "starttls" },
        ...{ from: "groundwork@example.com", to: ["ops@example.com"], messagesPerHour: 12 },
      },
    ]);
    assert.deepEqual(routes, [
      { receiver: "chat", minimumRisk: "low" },
      { receiver: "mail", minimumRisk: "low" },
    ]);
    assert.deepEqual(others, { repeatAfterHours: 4, groupMinutes: 4, troubleRounds: 2, slowSeconds: 2 });
  });

  it("take routes by risk and by owner, a login, and limits", () => {
    const { receivers, routes, repeatAfterHours } = parse({
      receivers: {
        chat: CHAT,
        mail: { ...MAIL, username: "alerts", passwordVariable: "SMTP_PASSWORD", messagesPerHour: 3 },
      },
      routes: [{ receiver: "chat" }, { receiver: "mail", minimumRisk: "high", owners: ["payments"] }],
      repeatAfterHours: 0.5,
    });
    assert.deepEqual(routes[1], { receiver: "mail", minimumRisk: "high", owners: ["payments"] });
    assert.ok(receivers[1]?.kind === "smtp");
    assert.deepEqual(receivers[1].login, { username: "alerts", passwordVariable: "SMTP_PASSWORD" });
    assert.deepEqual([receivers[1].messagesPerHour, repeatAfterHours], [3, 0.5]);
  });

  it("begin with TLS on its own port, go over to it on others, and leave it out only within the machine", () => {
    const tls = (more: object) => {
      const [receiver] = parse(mail(more)).receivers;
      assert.ok(receiver?.kind === "smtp");
      return [receiver.port, receiver.tls];
    };
    assert.deepEqual(tls({}), [587, "starttls"]);
    assert.deepEqual(tls({ port: 465 }), [465, "implicit"]);
    assert.deepEqual(tls({ tls: "implicit" }), [465, "implicit"]);
    assert.deepEqual(tls({ port: 25, tls: "none", host: "127.0.0.1" }), [25, "none"]);
    assert.deepEqual(tls({ tls: "none", host: "localhost" }), [587, "none"]);
    refuses(
      mail({ tls: "none" }),
      'alerts.receivers.mail.tls as "none": write starttls or implicit: smtp.example.com is not this machine',
    );
    refuses(
      mail({ tls: "none", host: "localhost.example.com" }),
      'alerts.receivers.mail.tls as "none": write starttls or implicit: localhost.example.com is not this machine',
    );
    refuses(mail({ tls: "no" }), 'alerts.receivers.mail.tls as "no": write one of starttls, implicit, none');
  });

  it("refuse what they cannot use, in one sentence", () => {
    refuses("yes", 'alerts as "yes": write keys with values below it');
    refuses({}, "alerts.receivers as nothing: write keys with values below it");
    refuses({ receivers: {} }, "alerts.receivers as {}: name at least one receiver");
    refuses(
      { receivers: { chat: CHAT }, repeatAfter: 4 },
      "the unknown key alerts.repeatAfter: write one of receivers, routes, repeatAfterHours, groupMinutes, troubleRounds, slowSeconds",
    );
    refuses({ receivers: { chat: { kind: "irc" } } }, 'alerts.receivers.chat.kind as "irc": write one of slack, smtp');
    refuses(
      { receivers: { chat: { kind: "toString" } } },
      'alerts.receivers.chat.kind as "toString": write one of slack, smtp',
    );
    refuses(
      { receivers: { chat: { ...CHAT, channel: "#ops" } } },
      "the unknown key alerts.receivers.chat.channel: write one of kind, webhookVariable, messagesPerHour",
    );
    refuses(mail({ port: 70_000 }), "alerts.receivers.mail.port as 70000: write a port from 1 to 65535");
    refuses(mail({ to: [] }), "alerts.receivers.mail.to as []: write at least one address");
    refuses(
      mail({ to: ["ops@example.com", "a@b\r\nBcc: c@d"] }),
      'alerts.receivers.mail.to[1] as "a@b\\r\\nBcc: c@d": write a mail address such as alerts@example.com',
    );
    refuses(
      mail({ username: "alerts" }),
      "alerts.receivers.mail.passwordVariable as nothing: write the name of the environment variable that holds the password",
    );
    refuses(
      mail({ passwordVariable: "P" }),
      "alerts.receivers.mail.username as nothing: write a text that is not empty",
    );
    refuses(
      { receivers: { chat: { ...CHAT, messagesPerHour: 0 } } },
      "alerts.receivers.chat.messagesPerHour as 0: write a whole number above 0",
    );
    refuses(
      { receivers: { chat: CHAT }, repeatAfterHours: -1 },
      "alerts.repeatAfterHours as -1: write a number above 0",
    );
    refuses({ receivers: { chat: CHAT }, groupMinutes: "5" }, 'alerts.groupMinutes as "5": write a number above 0');
    refuses(
      { receivers: { chat: CHAT }, routes: [{ receiver: "mail" }] },
      'alerts.routes[0].receiver as "mail": write one of chat',
    );
    refuses(
      { receivers: { chat: CHAT, mail: MAIL }, routes: [{ receiver: "mail" }] },
      'alerts.routes as [{"receiver":"mail"}]: add one to chat, which is told nothing',
    );
    refuses(
      { receivers: { chat: CHAT }, routes: [{ receiver: "chat", owners: ["payment"] }] },
      'alerts.routes[0].owners as "payment": write some of platform, payments',
    );
    refuses(
      { receivers: { chat: CHAT }, routes: [{ receiver: "chat", owners: ["platform"] }] },
      'alerts.routes[0].owners as "platform": leave it out: no secret has owners',
      [],
    );
  });

  it("do not repeat a secret that was written where the name of its variable should be", () => {
    const instead = "[hidden]";
    refuses(
      { receivers: { chat: { kind: "slack", webhookVariable: "https://hooks.slack.com/services/T0/B0/canary" } } },
      `alerts.receivers.chat.webhookVariable as "${instead}": write the name of the environment variable that holds the webhook's address`,
    );
    refuses(
      mail({ username: "alerts", passwordVariable: "correct horse canary" }),
      `alerts.receivers.mail.passwordVariable as "${instead}": write the name of the environment variable that holds the password`,
    );
  });
});
