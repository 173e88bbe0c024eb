import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import type { MonitoredSystem } from "../../../../components/monitoring/rules/groups.ts";
import { EVERYTHING, ruleGroups } from "../../../../components/monitoring/rules/groups.ts";
import { renderRules, renderRuleTests } from "../../../../components/monitoring/rules/render.ts";
import type { AlertRule, RuleGroup } from "../../../../components/monitoring/rules/rule.ts";
import { runbookPages } from "../../../../components/monitoring/rules/runbooks.ts";

const RUNBOOKS = { base: "https://git.example.org/groundwork/docs/runbooks" };
const PAGES = join(import.meta.dirname, "../../../../docs/runbooks");

const all = ruleGroups(EVERYTHING);
const alertsOf = (groups: readonly RuleGroup[]): AlertRule[] => groups.flatMap(({ alerts }) => [...alerts]);
const namesOf = (groups: readonly RuleGroup[]): string[] => alertsOf(groups).map(({ name }) => name);

/** What systems.md asks for, word by word, and the alerts that answer it. */
const ASKED: Readonly<Record<string, readonly string[]>> = {
  "web-platform, critical: service down > 5 min": ["ServiceDown", "ServiceAbsent", "ReplicaMissing", "ProbeFailed"],
  "web-platform, critical: certificate < 30 days": ["CertificateExpiresSoon"],
  "web-platform, critical: error rate > 5 %": ["HttpErrorRateCritical"],
  "web-platform, critical: any resource > 90 %": [
    "HostCpuCritical",
    "HostMemoryCritical",
    "HostDiskCritical",
    "HostInodesCritical",
    "ContainerCpuCritical",
    "ContainerMemoryCritical",
    "PostgresConnectionsCritical",
    "GpuMemoryCritical",
  ],
  "web-platform, critical: security incident": ["SecurityIncident", "SecretExposed"],
  "web-platform, performance: response > 1000 ms": ["HttpLatencyHigh", "ProbeSlow"],
  "web-platform, performance: error rate > 2 %": ["HttpErrorRateHigh"],
  "web-platform, performance: resource trends": ["HostCpuTrend", "HostMemoryTrend", "HostDiskFullSoon"],
  "web-platform, performance: capacity": ["AutoscalingAtMaximum"],
  "web-platform, performance: cost": ["CostAboveBudget", "CostAboveLimit"],
  "finai-nexus: Redis failover": ["RedisFailover", "RedisClusterDown", "RedisReplicaMissing"],
  "finai-nexus: Redis eviction": ["RedisEvicting"],
  "finai-nexus: circuit breakers": ["CircuitBreakerOpen", "DependencyDown"],
  "finai-nexus: 99.9 % uptime": ["ErrorBudgetBurn"],
  "sophia: hit ratio, latency, errors, 50 concurrent": [
    "ChatCacheHitRatioLow",
    "ChatLatencyHigh",
    "ChatSaturated",
    "HttpErrorRateHigh",
  ],
  "sophia: secret drift": [
    "SecretDriftFound",
    "SecretDriftCheckLate",
    "SecretDriftRoundFailing",
    "SecretDriftStoreUnasked",
    "SecretDriftApiSlow",
    "SecretProposalWaiting",
    "SecretHealingFailing",
    "SecretExposed",
  ],
  "sophia: anomaly over a sliding 1 h window": ["TrafficAnomaly"],
  "tracks: tracks an hour": ["PipelineThroughputLow", "PipelineThroughputCritical", "PipelineStalled"],
  "tracks: queue depth": ["QueueDepthHigh", "QueueGrowing"],
  "tracks: validation rate": ["ValidationRateLow", "ValidationRateCritical"],
  "flowx: backup, restore tested": ["BackupTooOld", "BackupMissing", "BackupFailing", "RestoreTestTooOld"],
};

const tracks: MonitoredSystem = {
  tiers: { postgres: "single", redis: "single", rabbitmq: "single" },
  parts: [{ part: "scraper" }, { part: "data-transformer" }, { part: "rest-api" }],
  watchers: ["node", "containers"],
  pipeline: { itemsPerHour: 20_000, leastPerHour: 1_600, queueDepth: 10_000 },
};

describe("alert rules", () => {
  for (const [asked, names] of Object.entries(ASKED)) {
    it(`have what is asked for: ${asked}`, () => {
      for (const name of names) assert.ok(namesOf(all).includes(name), name);
    });
  }

  it("fire at the numbers that systems.md names", () => {
    const expected = {
      ServiceDown: /for 5 min/,
      HttpErrorRateHigh: / > 0\.02$/,
      HttpErrorRateCritical: / > 0\.05$/,
      HttpLatencyHigh: / > 1$/,
      HostCpuCritical: / > 0\.9$/,
      CertificateExpiresSoon: / < 30 \* 86400$/,
      PipelineThroughputLow: / < 20000$/,
      PipelineThroughputCritical: / < 1600$/,
      ChatCacheHitRatioLow: / < 0\.8$/,
      SecretDriftApiSlow: / > 2$/,
    };
    for (const [name, pattern] of Object.entries(expected)) {
      const alert = alertsOf(all).find((rule) => rule.name === name);
      assert.match(`${alert?.expr}${name === "ServiceDown" ? ` ${alert?.description}` : ""}`, pattern, name);
    }
  });

  it("have names of their own in PascalCase, a severity, words and steps", () => {
    const names = namesOf(all);
    assert.equal(new Set(names).size, names.length);
    for (const alert of alertsOf(all)) {
      assert.match(alert.name, /^[A-Z][A-Za-z0-9]+$/);
      assert.match(alert.for, /^\d+[mh]$/);
      for (const text of [alert.summary, alert.description, alert.impact, alert.source]) assert.ok(text.length > 3);
      assert.ok(alert.actions.length > 0, alert.name);
      assert.ok(!alert.summary.includes("$value"), `${alert.name}: a changing summary makes a new message each time`);
    }
  });

  it("have a case that fires and one that stays silent, given to promtool", () => {
    for (const group of all) {
      const file = parse(renderRuleTests(group, "rules.yml", RUNBOOKS)) as { tests: { alert_rule_test: Case[] }[] };
      const cases = file.tests.flatMap((test) => test.alert_rule_test);
      for (const { name } of group.alerts) {
        const own = cases.filter(({ alertname }) => alertname === name).map(({ exp_alerts: alerts }) => alerts.length);
        assert.deepEqual(own, [1, 0], name);
      }
    }
  });

  it("keep the labels by which Alertmanager groups and inhibits", () => {
    // these speak of what is missing, so there is nothing to take a label from
    const unlabelled = new Set(["ServiceAbsent", "BackupMissing"]);
    // and these of the whole cluster, whose labels come with the rules of its platform
    const ofCluster = new Set(["certificates", "cluster-backups"]);
    for (const { name, fires } of alertsOf(all.filter((group) => !ofCluster.has(group.name)))) {
      if (!unlabelled.has(name)) assert.equal(fires.labels["system"], "s", name);
    }
  });
});

interface Case {
  readonly alertname: string;
  readonly exp_alerts: readonly object[];
}

describe("rule groups", () => {
  it("are chosen by what a system has", () => {
    const subjects = ruleGroups(tracks).map(({ name }) => name);
    for (const there of [
      "availability",
      "application",
      "business",
      "postgres",
      "redis",
      "rabbitmq",
      "host",
      "containers",
    ])
      assert.ok(subjects.includes(there), there);
    for (const absent of [
      "mongodb",
      "redis-cluster",
      "postgres-replication",
      "chat",
      "cost",
      "probes",
      "gpu",
      "backup",
    ])
      assert.ok(!subjects.includes(absent), absent);
    assert.deepEqual(
      ruleGroups({ tiers: {}, parts: [], watchers: [] }).map(({ name }) => name),
      ["monitoring"],
    );
  });

  it("miss a replica of what should have several, and of nothing else", () => {
    const expressions = (parts: MonitoredSystem["parts"]) =>
      alertsOf(ruleGroups({ ...tracks, parts })).flatMap(({ name, expr }) => (name === "ReplicaMissing" ? [expr] : []));
    assert.deepEqual(
      expressions([
        { part: "a", expected: 1 },
        { part: "b", replicas: { min: 1, max: 3 } },
      ]),
      [],
    );
    assert.deepEqual(
      expressions([
        { part: "a", expected: 4 },
        { part: "b", replicas: { min: 2, max: 3 } },
      ]),
      ['count by (system, part) (up{part="a"} == 1) < 4 or count by (system, part) (up{part="b"} == 1) < 2'],
    );
  });

  it("give tracks at least 15 alerts over infrastructure, database, application and business", () => {
    const groups = ruleGroups(tracks);
    const count = (...subjects: readonly string[]) =>
      namesOf(groups.filter(({ name }) => subjects.includes(name))).length;
    assert.ok(namesOf(groups).length >= 15);
    assert.ok(count("host", "containers") >= 5);
    assert.ok(count("postgres", "redis", "rabbitmq") >= 5);
    assert.ok(count("application") >= 5);
    assert.ok(count("business") >= 5);
  });

  it("are rendered with severity, subject and the address of the runbook", () => {
    const { groups } = parse(renderRules(ruleGroups(tracks), RUNBOOKS)) as { groups: { rules: Rendered[] }[] };
    const rule = groups.flatMap(({ rules }) => rules).find(({ alert }) => alert === "QueueDepthHigh");
    assert.deepEqual(rule?.labels, { severity: "warning", subject: "business" });
    assert.equal(rule?.annotations["runbook_url"], `${RUNBOOKS.base}/QueueDepthHigh.md`);
  });
});

interface Rendered {
  readonly alert?: string;
  readonly labels: object;
  readonly annotations: Readonly<Record<string, string>>;
}

describe("runbooks", () => {
  it("are as the rules say; else run `node components/monitoring/rules/runbooks.ts`", () => {
    const pages = runbookPages(all);
    assert.deepEqual(readdirSync(PAGES).sort(), [...pages.keys()].sort());
    for (const [file, text] of pages) assert.equal(readFileSync(join(PAGES, file), "utf8"), text, file);
  });
});
