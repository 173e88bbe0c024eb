import assert from "node:assert/strict";
import { BadInput } from "@groundwork/lib/errors";
import { describe, it } from "mocha";
import { parseConfig } from "../../stacks/config/parse.ts";

type Values = Readonly<Record<string, unknown>>;

const PROD: Values = {
  ...{ target: "cloud", systems: ["flowx"], domain: "example.com", awsAccountId: "123456789012" },
  ...{ cloudflareAccountId: "0123456789abcdef0123456789abcdef", cloudflareZoneId: "fedcba9876543210fedcba9876543210" },
  regions: [{ name: "us-west-2", role: "primary", cidr: "10.0.0.0/16" }],
};
const WEBHOOK = "https://hooks.example/canary-11d0";

function read(values: Values) {
  const entries = Object.entries({ ...PROD, ...values }).map(
    ([key, value]) => [`groundwork:${key}`, typeof value === "string" ? value : JSON.stringify(value)] as const,
  );
  const isSecret = (key: string): boolean => /slackWebhookUrl|smtpPassword/.test(key);
  return parseConfig("groundwork", Object.fromEntries(entries), isSecret);
}

describe("alerts and traces of a cloud stack", () => {
  it("are what its keys say, and by default nobody is told and nothing traced", () => {
    const plain = read({});
    assert.deepEqual([plain.alerts, plain.traces, plain.runbookUrl], [{}, false, undefined]);
    const given = read({
      ...{ alerts: { slackChannel: "#prod" }, slackWebhookUrl: WEBHOOK, traces: true },
      runbookUrl: "https://forge.example/runbooks",
    });
    assert.deepEqual(given.alerts, { slackChannel: "#prod" });
    assert.equal(given.runbookUrl, "https://forge.example/runbooks");
    assert.ok(given.target === "cloud");
    const installed = given.addons.map(({ addon }) => addon.name);
    assert.ok(installed.includes("opentelemetry-collector"));
    assert.equal(JSON.stringify(given).includes(WEBHOOK), false, "the secret is read where it is used");
  });

  const slack = { alerts: { slackChannel: "#prod" }, slackWebhookUrl: WEBHOOK };
  const mail = { emailTo: "a@example.com", emailFrom: "b@example.com", smarthost: "mail.example.com:587" };
  const refused: readonly (readonly [what: string, values: Values, expected: RegExp])[] = [
    ["a channel without an address", { alerts: { slackChannel: "#prod" } }, /slackChannel and not .*slackWebhookUrl/],
    ["mail without a sender", { alerts: { emailTo: "a@example.com" } }, /emailTo and not emailFrom/],
    ["a login without a password", { alerts: { ...mail, smtpUsername: "a" } }, /smtpUsername and not .*smtpPassword/],
    [
      "alerts without Prometheus",
      { ...slack, addons: { "kube-prometheus-stack": false } },
      /alerts is given and .*addons\.kube-prometheus-stack is false/,
    ],
    [
      "traces without a collector",
      { traces: true, addons: { "opentelemetry-collector": false } },
      /traces is given and .*addons\.opentelemetry-collector is false/,
    ],
  ];
  for (const [what, values, expected] of refused)
    it(`refuse ${what} in one sentence`, () => {
      assert.throws(
        () => read(values),
        (error: Error) => error instanceof BadInput && expected.test(error.message) && !error.message.includes(WEBHOOK),
      );
    });
});
