import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { Alerts } from "../../../components/secret-drift/checker/alerts/index.ts";
import { SlackSender } from "../../../components/secret-drift/checker/alerts/slack.ts";
import { Checker } from "../../../components/secret-drift/checker/checker.ts";
import { assertRefused, groundwork } from "../../helpers/command-line.ts";
import { temporaryFolder } from "../../helpers/folder.ts";
import { leaksOf } from "../../helpers/leaks.ts";
import { groundworkRoot } from "../../../scripts/rehearsal/home.ts";
import { type FakeSlack, fakeSlack } from "./servers/slack-server.ts";
import { type FakeSmtp, LOGIN, fakeSmtp } from "./servers/smtp-server.ts";

const CANARY = 'canary-value "quoted" & 97cf';

function mapping(folder: string, alerts: string): string {
  const file = join(folder, "secrets.yaml");
  const store = `{ kind: file, identityFile: ${join(folder, "identity.txt")} }`;
  writeFileSync(
    file,
    `source: { store: local, scope: ${join(folder, "secrets.age")} }
stores: { local: ${store}, copy: ${store} }
secrets:
  database:
    property: database.password
    risk: high
    owners: [payments]
    places: [{ store: copy, scope: ${join(folder, "copy.age")}, name: DATABASE }]
healing: { mode: propose }
${alerts}`,
  );
  return file;
}

describe("alerts on the command line", () => {
  let slack: FakeSlack;
  let smtp: FakeSmtp;
  const folder = temporaryFolder();
  const file = join(folder, "secrets.yaml");
  const run = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
    groundwork(["secrets", ...args, "--mapping", file], {
      home: join(folder, "home"),
      env: { NODE_EXTRA_CA_CERTS: smtp.certificate, CHAT_WEBHOOK: slack.webhook(), MAIL_PASSWORD: LOGIN.pass, ...env },
    });
  before(async () => {
    [slack, smtp] = [await fakeSlack(), await fakeSmtp()];
    mapping(
      folder,
      `alerts:
  receivers:
    chat: { kind: slack, webhookVariable: CHAT_WEBHOOK }
    mail:
      { kind: smtp, host: localhost, port: ${smtp.port}, from: groundwork@example.com, to: ops@example.com, username: ${LOGIN.user}, passwordVariable: MAIL_PASSWORD }
  routes: [{ receiver: chat }, { receiver: mail, minimumRisk: high, owners: [payments] }]
`,
    );
  });

  it("are tried with a message to every receiver", async () => {
    const { exitCode, stdout, stderr } = await run(["alert-test"]);
    assert.equal(exitCode, 0, stderr);
    assert.match(stdout, /chat +slack +delivered *\nmail +smtp +delivered/);
    assert.equal(slack.posts.splice(0)[0]?.blocks?.[0]?.text?.text, "Test of the secret-drift alerts");
    const [mail] = smtp.mails.splice(0);
    assert.match(mail?.subject ?? "", /Test of the secret-drift alerts/);
    assert.match(
      mail?.parts.get("text/plain") ?? "",
      /Nothing is wrong: somebody has run groundwork secrets alert-test/,
    );
  });

  it("say which receiver did not get it, and exit with 3", async () => {
    const { exitCode, stdout } = await run(["alert-test", "--json"], { MAIL_PASSWORD: "wrong" });
    assert.equal(exitCode, 3);
    const { receivers } = JSON.parse(stdout) as { receivers: readonly object[] };
    assert.deepEqual(receivers, [
      { receiver: "chat", kind: "slack", delivered: true },
      {
        ...{ receiver: "mail", kind: "smtp", delivered: false },
        reason: "the mail server does not take the user name and password (535)",
      },
    ]);
    slack.posts.length = 0;
  });

  it("are refused where the mapping has none, or has them wrong", async () => {
    const other = temporaryFolder();
    const none = mapping(other, "");
    assertRefused(
      await groundwork(["secrets", "alert-test", "--mapping", none], { home: other }),
      `${none} has no alerts: name their receivers, as docs/secret-drift.md shows`,
    );
    const wrong = mapping(other, "alerts: { receivers: { chat: { kind: slack, webhookVariable: https://x/canary } } }");
    assertRefused(
      await groundwork(["secrets", "alert-test", "--mapping", wrong], { home: other }),
      'alerts.receivers.chat.webhookVariable as "[hidden]"',
    );
  });

  it("tell what the monitor finds and what is resolved, over restarts, and never a value", async () => {
    const texts: Record<string, string> = {};
    const webhook = slack.webhook();
    const round = async (name: string) => {
      const { stdout, stderr } = await run(["monitor", "--rounds", "1"], { CHAT_WEBHOOK: webhook });
      texts[`output of ${name}`] = stdout + stderr;
    };
    await run(["init"]);
    await execa(
      process.execPath,
      [join(groundworkRoot, "scripts/groundwork.ts"), "secrets", "set", "database.password", "--mapping", file],
      {
        env: { GROUNDWORK_HOME: join(folder, "home") },
        input: CANARY,
      },
    );
    await round("the first");
    const found =
      /high risk.*`database`, of payments\n\*missing\* `copy` `[^`]*` `DATABASE` since [^]*To do: `groundwork secrets approve [0-9a-f]{12}`/;
    assert.match(slack.posts.splice(0)[0]?.blocks?.[1]?.text?.text ?? "", found);
    assert.match(smtp.mails[0]?.parts.get("text/plain") ?? "", /missing copy .* DATABASE since /);
    await round("the second");
    assert.deepEqual([slack.posts.length, smtp.mails.length], [0, 1]);
    texts["posts"] = slack.asked.map(({ body }) => body).join();
    texts["mails"] = smtp.mails.map(({ raw, parts }) => [raw, ...parts.values()].join()).join();
    const hidden = [
      { name: "value", value: CANARY },
      { name: "password", value: LOGIN.pass },
      { name: "webhook", value: new URL(webhook).pathname },
    ];
    assert.deepEqual(leaksOf(hidden, { folders: [folder], texts }), []);
  });

  it("lose nothing when the monitor is killed while it sends, and say that it may come twice", async () => {
    const history = join(temporaryFolder(), "history.db");
    const webhook = slack.webhook();
    slack.trouble = { delay: 2_000 };
    const monitor = run(["monitor", "--rounds", "1", "--history", history], { CHAT_WEBHOOK: webhook });
    const { pathname } = new URL(webhook);
    while (!slack.asked.some(({ path }) => path === pathname)) await new Promise((resolve) => setTimeout(resolve, 20));
    monitor.kill("SIGKILL");
    await monitor;
    slack.trouble = undefined;
    slack.posts.length = 0;
    const checker = await Checker.open({ mapping: file, history });
    const [at, before] = [Date.now() + 5 * 60_000, process.env["CHAT_WEBHOOK"]];
    try {
      process.env["CHAT_WEBHOOK"] = webhook;
      const { alerts = assert.fail() } = checker.mapping;
      const senders = alerts.receivers.flatMap((each) => (each.kind === "slack" ? [new SlackSender(each)] : []));
      const options = { mapping: checker.mapping, history: checker.history, isApproved: () => false, senders };
      const later = new Alerts(alerts, { ...options, now: () => at });
      const round = { at, milliseconds: 1, secrets: 1, opened: [], resolved: [], unasked: [], healed: [], latency: [] };
      await later.heard({ ...round, open: checker.history.open() });
    } finally {
      checker.close();
      if (before === undefined) delete process.env["CHAT_WEBHOOK"];
    }
    assert.match(slack.posts[0]?.blocks?.[1]?.text?.text ?? "", /^This may repeat a message of /);
    assert.match(slack.posts[0]?.blocks?.[2]?.text?.text ?? "", /`DATABASE` since /);
  });
});
