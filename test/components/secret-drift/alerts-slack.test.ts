import assert from "node:assert/strict";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { after } from "mocha";
import fc from "fast-check";
import type { Group, Message } from "../../../components/secret-drift/checker/alerts/message.ts";
import { name, sentence } from "../../../components/secret-drift/checker/alerts/message.ts";
import { SlackSender } from "../../../components/secret-drift/checker/alerts/slack.ts";
import { slackMessage } from "../../../components/secret-drift/checker/alerts/slack-message.ts";
import { leaksOf } from "../../helpers/leaks.ts";
import { pem, selfSigned } from "../gateway/certificates.ts";
import { freePort } from "../../helpers/server.ts";
import { type FakeSlack, fakeSlack } from "./servers/slack-server.ts";

const group = (title: string, lines: readonly string[], noun = "place"): Group => ({
  title: [{ strong: "high risk" }, ": ", name(title)],
  lines: lines.map((line) => [{ strong: "missing" }, " ", name(line), ": ", sentence("the store has no such name")]),
  after: [["To do: ", { code: "groundwork secrets heal" }]],
  noun,
});
const message = (secrets: readonly Group[], others: readonly Group[] = []): Message => ({
  ...{ title: `${secrets.length} secrets not in step`, intro: [], secrets, others },
  footer: [["All of it: ", { code: "groundwork secrets check" }]],
});
const SMALL = message([group("database", ["DATABASE"])]);

describe("alerts to Slack", () => {
  const variable = "GROUNDWORK_TEST_SLACK_WEBHOOK";
  let slack: FakeSlack;
  const sender = (address = slack.webhook(), timeout = 500) => {
    process.env[variable] = address;
    return new SlackSender(
      { kind: "slack", name: "chat", webhookVariable: variable, messagesPerHour: 12 },
      { timeout },
    );
  };
  before(async () => void (slack = await fakeSlack()));
  beforeEach(() => {
    Object.assign(slack, { trouble: undefined, archived: false, perSecond: Infinity });
    slack.posts.length = 0;
    slack.asked.length = 0;
  });
  after(() => delete process.env[variable]);

  it("arrive in the channel", async () => {
    assert.deepEqual(await sender().send(SMALL), { result: "delivered" });
    const [post] = slack.posts;
    assert.equal(post?.text, "1 secrets not in step");
    assert.deepEqual(
      post.blocks?.map(({ type }) => type),
      ["header", "section", "context"],
    );
    assert.equal(
      post.blocks[1]?.text?.text,
      "*high risk*: `database`\n*missing* `DATABASE`: the store has no such name\nTo do: `groundwork secrets heal`",
    );
  });

  it("are taken for what they are, whatever names hold", async () => {
    const evil = "<!channel> <https://evil.example|click> & `rm` *bold* \n> quote \u202Egnp.exe";
    await sender().send(message([group(evil, [evil])]));
    const text = slack.posts[0]?.blocks?.[1]?.text;
    assert.equal(text?.verbatim, true);
    const shown =
      "`&lt;!channel&gt; &lt;https://evil.example|click&gt; &amp; 'rm' *bold* \uFFFD&gt; quote \uFFFDgnp.exe`";
    assert.equal(text.text.split("\n")[0], `*high risk*: ${shown}`);
    assert.equal(text.text.split("`").length % 2, 1);
  });

  it("are cut with a count where there are too many, and Slack takes them still", async () => {
    const lines = Array.from({ length: 40 }, (_, index) => `PLACE_${index}`);
    const secrets = Array.from({ length: 57 }, (_, index) =>
      group(`secret-${index}`, lines.slice(0, 1 + (index % 40))),
    );
    assert.deepEqual(await sender().send(message(secrets, [group("others", lines, "trouble")])), {
      result: "delivered",
    });
    const blocks = slack.posts[0]?.blocks ?? [];
    const shown = blocks.filter(({ text }) => text?.text.includes("`secret-")).length;
    assert.ok(shown >= 10, String(shown));
    assert.ok(blocks.some(({ text }) => text?.text === `and ${57 - shown} more secrets`));
    const [many] = blocks.filter(({ text }) => text?.text.includes("`secret-9`"));
    assert.match(many?.text?.text ?? "", /`PLACE_5`.*\nand 4 more places\nTo do:/);
    assert.match(blocks.at(-2)?.text?.text ?? "", /`others`[^]*and 34 more troubles/);
  });

  it("fit into Slack's limits and count all that they leave out, whatever names hold", () => {
    const names = fc.string({ unit: "binary", maxLength: 300 });
    const groups = fc.array(fc.tuple(names, fc.array(names, { maxLength: 30 })), { maxLength: 40 });
    fc.assert(
      fc.property(groups, fc.array(names, { maxLength: 30 }), (secrets, troubles) => {
        const sent = message(
          secrets.map(([title, lines]) => group(title, lines.length === 0 ? ["one"] : lines)),
          troubles.length === 0 ? [] : [group("troubles", troubles, "trouble")],
        );
        const { blocks } = slackMessage(sent);
        assert.ok(blocks.length <= 50 && JSON.stringify(blocks).length <= 13_000);
        for (const { type, text } of blocks)
          assert.ok(text === undefined || text.text.length <= (type === "header" ? 150 : 3_000));
        const texts = blocks.map(({ text }) => text?.text ?? "");
        const more = /and (\d+) more secret/.exec(texts.find((text) => /^and \d+ more secrets?$/.test(text)) ?? "");
        const shown = texts.filter((text) => text.startsWith("*high risk*")).length - (troubles.length === 0 ? 0 : 1);
        assert.equal(shown + Number(more?.[1] ?? 0), secrets.length);
      }),
      { numRuns: 200 },
    );
  });

  it("wait for a moment when Slack asks for it, and for a later round when it is longer", async () => {
    slack.trouble = { times: 1, status: 429, headers: { "retry-after": "1" }, body: "rate_limited" };
    assert.deepEqual(await sender().send(SMALL), { result: "delivered" });
    assert.equal(slack.asked.length, 2);
    slack.trouble = { status: 429, headers: { "retry-after": "30" } };
    const reason = "Slack has been posted to too often (HTTP 429)";
    assert.deepEqual(await sender().send(SMALL), { result: "refused", reason, retryAfter: 30 });
    slack.trouble = { status: 429, headers: { "retry-after": "soon" } };
    assert.deepEqual(await sender().send(SMALL), { result: "refused", reason, retryAfter: 60 });
    assert.equal(slack.asked.length, 4);
  });

  it("keep to one a second for each webhook, so that Slack refuses none", async () => {
    slack.perSecond = 1;
    const one = sender();
    for (let each = 0; each < 3; each += 1) assert.deepEqual(await one.send(SMALL), { result: "delivered" });
    assert.equal(slack.asked.length, 3);
  });

  it("say what is wrong when they are refused, in words of ours", async () => {
    const address = slack.webhook();
    const refused = async (status: number, pattern: RegExp, to = address) => {
      const outcome = await sender(to).send(SMALL);
      assert.ok(outcome.result === (status === 504 ? "unknown" : "refused"));
      assert.match(outcome.reason, pattern);
      assert.ok(outcome.reason.includes(`(HTTP ${status})`), outcome.reason);
    };
    const [gone, archived] = [slack.webhook(), slack.webhook()];
    slack.revoke(gone);
    await refused(404, /no such webhook/, gone);
    slack.archived = true;
    await refused(410, /archived/, archived);
    slack.archived = false;
    for (const [status, pattern] of [
      [403, /does not let this webhook post/],
      [500, /an error of its own/],
      [504, /an error of its own/],
      [302, /something else than a webhook/],
    ] as const) {
      slack.trouble = {
        status,
        headers: { location: `${slack.url}/elsewhere` },
        body: `canary-of-the-server ${address}`,
      };
      await refused(status, pattern, slack.webhook());
    }
    assert.ok(slack.asked.every(({ path }) => path !== "/elsewhere"));
  });

  it("know when nobody can know whether they arrived", async () => {
    for (const trouble of [{ cut: true }, { delay: 2_000 }]) {
      slack.trouble = trouble;
      assert.deepEqual(await sender().send(SMALL), {
        result: "unknown",
        reason: "the webhook's server does not answer, or too late",
      });
    }
    const nobody = `http://127.0.0.1:${await freePort()}/services/T0/B0/canary`;
    assert.deepEqual(await sender(nobody).send(SMALL), {
      result: "refused",
      reason: "the webhook's server cannot be reached",
    });
  });

  it("go to no server that nobody vouches for", async () => {
    const { key, certificate } = selfSigned();
    let asked = 0;
    const server = createServer({ key: pem(key), cert: pem(certificate) }, (_, response) => {
      asked += 1;
      response.end("ok");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const outcome = await sender(`https://localhost:${port}/services/T0/B0/canary`, 5_000).send(SMALL);
    server.close();
    assert.deepEqual(outcome, {
      result: "refused",
      reason: "the certificate of the webhook's server is not trusted",
    });
    assert.equal(asked, 0);
  });

  it("need an address that is safe to post to", async () => {
    const refused = async (address: string, pattern: RegExp) => {
      const outcome = await sender(address).send(SMALL);
      assert.ok(outcome.result === "refused" && pattern.test(outcome.reason) && !outcome.reason.includes("canary"));
    };
    await refused("", /has no address of a webhook/);
    await refused("hooks.slack.com/canary", /has no address that begins with https/);
    await refused("http://hooks.slack.com/canary", /has no address that begins with https/);
    await refused("http://localhost.example.com/canary", /has no address that begins with https/);
    await refused("https://hooks slack/canary", /has no address that begins with https/);
    assert.equal(slack.asked.length, 0);
  });

  it("never show the webhook", async () => {
    const address = slack.webhook();
    const texts: Record<string, string> = {};
    for (const [index, trouble] of [undefined, { status: 500 }, { cut: true }, { delay: 1_000 }].entries()) {
      slack.trouble = trouble;
      texts[`outcome ${index}`] = JSON.stringify(await sender(address, 200).send(SMALL));
    }
    texts["sent"] = slack.asked.map(({ body }) => body).join();
    const path = new URL(address).pathname;
    assert.deepEqual(leaksOf([{ name: "webhook", value: path }], { folders: [], texts }), []);
  });
});
