import assert from "node:assert/strict";
import { parse } from "yaml";
import type { AlertmanagerConfig } from "../../../components/monitoring/alertmanager.ts";
import { alertmanagerFlags, renderAlertmanager } from "../../../components/monitoring/alertmanager.ts";
import { assertBadInput } from "../../helpers/bad-input.ts";

const slack = { channel: "#alerts", apiUrlFile: "/run/secrets/slack_api_url" };
const email = { to: "a@example.org", from: "b@example.org", smarthost: "mail.example.org:587" };

interface Rendered {
  readonly route: { readonly routes: readonly Readonly<Record<string, unknown>>[] } & Readonly<Record<string, unknown>>;
  readonly inhibit_rules: readonly Readonly<Record<string, unknown>>[];
  readonly receivers: readonly ({ readonly name: string } & Readonly<Record<string, unknown>>)[];
}
const rendered = (config: AlertmanagerConfig) => parse(renderAlertmanager(config)) as Rendered;

describe("alertmanager.yml", () => {
  it("has critical alerts out within 10 s and a cool-down of 5 min", () => {
    const { route } = rendered({ slack });
    const critical = route.routes.find(({ receiver }) => receiver === "urgent");
    assert.deepEqual(critical?.["matchers"], ['severity="critical"']);
    assert.equal(critical?.["group_wait"], "5s");
    assert.equal(route["group_interval"], "300s");
    assert.deepEqual(route["group_by"], ["alertname", "system", "part"]);
  });

  it("sends warnings to Slack only, critical alerts to Slack and by email, info to nobody", () => {
    const { receivers, route } = rendered({ slack, email });
    const kinds = Object.fromEntries(receivers.map(({ name, ...rest }) => [name, Object.keys(rest)]));
    assert.deepEqual(kinds, { nobody: [], people: ["slack_configs"], urgent: ["slack_configs", "email_configs"] });
    assert.equal(route["receiver"], "people");
    assert.ok(
      route.routes.some(({ matchers, receiver }) => String(matchers) === 'severity="info"' && receiver === "nobody"),
    );
  });

  it("lets a critical alert silence the warnings of the same part, never the sign of life", () => {
    const { inhibit_rules: rules } = rendered({});
    assert.deepEqual(rules[0], {
      source_matchers: ['severity="critical"'],
      target_matchers: ['severity=~"warning|info"', 'alertname!="Watchdog"'],
      equal: ["system", "part"],
    });
  });

  it("works without any receiver", () => {
    assert.ok(rendered({}).receivers.every((receiver) => Object.keys(receiver).length === 1));
  });

  it("sends a sign of life each minute where one is expected", () => {
    const { route } = rendered({ heartbeat: { url: "https://example.org/beat" } });
    assert.equal(route.routes[0]?.["repeat_interval"], "60s");
    assert.deepEqual(route.routes[0]?.["matchers"], ['alertname="Watchdog"']);
  });

  it("insists on encryption to the mail server, and looks for no other Alertmanager", () => {
    const text = renderAlertmanager({ email: { ...email, login: { username: "u", passwordFile: "/run/secrets/p" } } });
    assert.match(text, /require_tls: true/);
    assert.match(text, /auth_password_file: \/run\/secrets\/p/);
    assert.ok(alertmanagerFlags("/c", "/d", ":9093").includes("--cluster.listen-address="));
  });

  it("refuses receivers that could never be reached", async () => {
    await assertBadInput(
      () => renderAlertmanager({ slack: { ...slack, channel: "alerts" } }),
      "slack.channel",
      "alerts",
    );
    await assertBadInput(() => renderAlertmanager({ email: { ...email, to: "team" } }), "email.to", "team");
    await assertBadInput(
      () => renderAlertmanager({ email: { ...email, smarthost: "mail" } }),
      "smarthost",
      "host:port",
    );
    await assertBadInput(() => renderAlertmanager({ webhook: { url: "status" } }), "webhook.url", "status");
    await assertBadInput(() => renderAlertmanager({ times: { coolDown: -1 } }), "times.coolDown", "-1");
  });
});
