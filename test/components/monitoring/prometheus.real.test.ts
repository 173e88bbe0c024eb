import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { AlertmanagerConfig } from "../../../components/monitoring/alertmanager.ts";
import { alertmanagerFlags, renderAlertmanager } from "../../../components/monitoring/alertmanager.ts";
import type { ScrapeTarget } from "../../../components/monitoring/prometheus.ts";
import { prometheusFlags, renderPrometheus } from "../../../components/monitoring/prometheus.ts";
import { EVERYTHING, ruleGroups } from "../../../components/monitoring/rules/groups.ts";
import { renderRules } from "../../../components/monitoring/rules/render.ts";
import type { RuleGroup } from "../../../components/monitoring/rules/rule.ts";
import { temporaryFolder } from "../../helpers/folder.ts";
import { freePort, program, started } from "../../helpers/server.ts";
import { eventually, httpReceiver, mailReceiver } from "./alertmanager-receivers.ts";

const RUNBOOKS = { base: "https://git.example.org/docs/runbooks" };
const CANARY = { slack: "canary-slack-path", mail: "canary-mail-password" };
const ROUTES: AlertmanagerConfig = {
  slack: { channel: "#alerts", apiUrlFile: "/run/secrets/slack_api_url" },
  email: {
    to: "team@example.org",
    from: "alerts@example.org",
    smarthost: "mail.example.org:587",
    login: { username: "alerts", passwordFile: "/run/secrets/smtp_password" },
  },
  webhook: { url: "http://status:9000/alerts" },
  heartbeat: { url: "https://example.org/heartbeat" },
};
const TARGETS: readonly ScrapeTarget[] = [
  { part: "prometheus", hosts: ["localhost"], port: 9090 },
  { part: "api", hosts: ["s-api-1", "s-api-2"], port: 8000 },
  { part: "worker", hosts: ["worker"], port: 8000, discovery: "dns" },
  { part: "rabbitmq", tier: "rabbitmq", hosts: ["s-rabbitmq"], port: 15692, path: "/metrics/per-object" },
  { part: "containers", hosts: ["s-cadvisor"], port: 8080, ofContainers: true },
  {
    part: "redis",
    tier: "redis",
    hosts: ["s-redis-1", "s-redis-2"],
    port: 6379,
    through: { host: "s-redis-exporter", port: 9121, path: "/scrape", scheme: "redis://" },
  },
];

const amtool = (config: AlertmanagerConfig, change: (text: string) => string = (text) => text) => {
  const folder = temporaryFolder({ "alertmanager.yml": change(renderAlertmanager(config)) });
  return spawnSync(program("amtool", "prometheus-alertmanager"), ["check-config", join(folder, "alertmanager.yml")], {
    encoding: "utf8",
  });
};

describe("a real promtool", () => {
  it("accepts prometheus.yml with its rules, and finds every job in it", () => {
    const folder = temporaryFolder({ "rules.yml": renderRules(ruleGroups(EVERYTHING), RUNBOOKS) });
    const file = join(folder, "prometheus.yml");
    const ruleFile = join(folder, "rules.yml");
    writeFileSync(
      file,
      renderPrometheus({ system: "s", targets: TARGETS, ruleFile, alertmanager: "s-alertmanager:9093" }),
    );
    const said = execFileSync(program("promtool", "prometheus"), ["check", "config", file], { encoding: "utf8" });
    assert.match(said, /SUCCESS: .*prometheus.yml is valid/);
    assert.match(said, /1 rule files found/);
  });
});

describe("a real amtool", () => {
  it("accepts every set of receivers, none too", () => {
    const sets: readonly AlertmanagerConfig[] = [{}, ROUTES, { slack: ROUTES.slack }, { email: ROUTES.email }];
    for (const config of sets) {
      const { status, stdout, stderr } = amtool(config);
      assert.equal(status, 0, stderr);
      assert.match(stdout, /2 inhibit rules/);
    }
  });

  it("would have noticed a mistake", () => {
    assert.notEqual(amtool(ROUTES, (text) => text.replace("api_url_file", "api_uri_file")).status, 0);
  });
});

/** A target whose metrics the test decides. */
async function target(metrics: Record<string, number>) {
  const server = createServer((_, response) => {
    response.end(
      Object.entries(metrics)
        .map(([name, value]) => `${name} ${value}\n`)
        .join(""),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Nobody waits five minutes in a test. */
const atOnce = (group: RuleGroup): RuleGroup => ({
  ...group,
  alerts: group.alerts.map((alert) => ({ ...alert, for: "0m" })),
});

interface Alert {
  readonly labels: Readonly<Record<string, string>>;
  readonly status: { readonly state: string; readonly inhibitedBy: readonly string[] };
}

describe("a real Prometheus and Alertmanager", () => {
  it("tell people of an alert, keep quiet about warnings of what is critical, and tell when it is over", async () => {
    const metrics: Record<string, number> = { pg_up: 1, pg_exporter_last_scrape_error: 1 };
    await using fake = await target(metrics);
    await using hook = await httpReceiver();
    await using slack = await httpReceiver();
    await using mail = await mailReceiver();
    const [prometheusPort, alertmanagerPort] = [await freePort(), await freePort()];
    const folder = temporaryFolder({
      "rules.yml": renderRules(
        ruleGroups({ tiers: { postgres: "single" }, parts: [], watchers: [] }).map(atOnce),
        RUNBOOKS,
      ),
      slack: `http://127.0.0.1:${slack.port}/${CANARY.slack}`,
      password: CANARY.mail,
    });
    const at = (name: string) => join(folder, name);
    const own = { system: "s", ruleFile: at("rules.yml"), alertmanager: `127.0.0.1:${alertmanagerPort}`, interval: 1 };
    writeFileSync(
      at("prometheus.yml"),
      renderPrometheus({
        ...own,
        targets: [{ part: "postgres", tier: "postgres", hosts: ["127.0.0.1"], port: fake.port }],
      }),
    );
    const config = renderAlertmanager({
      slack: { channel: "#alerts", apiUrlFile: at("slack") },
      email: {
        to: "team@example.org",
        from: "alerts@example.org",
        smarthost: `127.0.0.1:${mail.port}`,
        login: { username: "alerts", passwordFile: at("password") },
        requireTls: false,
      },
      webhook: { url: `http://127.0.0.1:${hook.port}` },
      times: { wait: 1, criticalWait: 1, coolDown: 1 },
    });
    for (const secret of Object.values(CANARY)) assert.ok(!config.includes(secret));
    writeFileSync(at("alertmanager.yml"), config);

    await using _alertmanager = await started(
      program("prometheus-alertmanager", "prometheus-alertmanager"),
      alertmanagerFlags(at("alertmanager.yml"), at("alerts"), `127.0.0.1:${alertmanagerPort}`),
      /Listening on/,
    );
    const storage = { folder: at("data"), days: 15, size: 512 };
    await using _prometheus = await started(
      program("prometheus", "prometheus"),
      prometheusFlags(at("prometheus.yml"), storage, `127.0.0.1:${prometheusPort}`),
      /Server is ready to receive web requests/,
    );
    const told = (receiver: { readonly messages: readonly string[] }, ...parts: readonly string[]) =>
      eventually(parts.join(" "), () => receiver.messages.find((text) => parts.every((part) => text.includes(part))));
    const alerts = async () => {
      const response = await fetch(`http://127.0.0.1:${alertmanagerPort}/api/v2/alerts`);
      return (await response.json()) as Alert[];
    };

    const warning = await told(hook, "PostgresExporterError", '"status":"firing"');
    assert.match(warning, /git\.example\.org\/docs\/runbooks\/PostgresExporterError\.md/);
    assert.match(await told(slack, "PostgresExporterError"), /"channel":"#alerts"/);
    assert.equal(mail.messages.length, 0, "a warning wakes nobody");

    metrics["pg_up"] = 0;
    await told(hook, "PostgresDown", '"status":"firing"');
    await told(slack, "PostgresDown", "[FIRING] s: PostgresDown (postgres)");
    const letter = await told(mail, "PostgresDown", "Subject: [FIRING]");
    assert.ok(letter.startsWith(`alerts ${CANARY.mail}`), "the password of the file");
    const quiet = await eventually("the warning is inhibited", async () =>
      (await alerts()).find(({ labels, status }) => labels["severity"] === "warning" && status.inhibitedBy.length > 0),
    );
    assert.equal(quiet.status.state, "suppressed");

    metrics["pg_up"] = 1;
    await told(hook, "PostgresDown", '"status":"resolved"');
    await told(slack, "[RESOLVED] s: PostgresDown (postgres)");
    await told(mail, "Subject: [RESOLVED]");
    await eventually("the warning speaks again", async () =>
      (await alerts()).find(({ labels, status }) => labels["severity"] === "warning" && status.state === "active"),
    );
  });
});
