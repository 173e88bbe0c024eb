import assert from "node:assert/strict";
import { AlertmanagerConfig } from "@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1alpha1";
import { PrometheusRule } from "@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1";
import { before, describe, it } from "mocha";
import { strangersIn } from "../components/monitoring/rules/cluster-metrics.ts";
import type { Registered } from "../helpers/mocks.ts";
import { east, west } from "./cloud-fixture.ts";
import { alertsOf, cluster, deployed, recordsOf, systems } from "./cloud-monitoring.ts";

const NAMES = systems.map(({ name }) => name);
const WEBHOOK = "https://hooks.example/canary-5e1d";
const MAIL = "mail-canary-07aa";
const ALERTS = {
  slackChannel: "#prod",
  emailTo: "on-call@example.com",
  emailFrom: "alerts@example.com",
  smarthost: "mail.example.com:587",
  smtpUsername: "alerts",
};

/** What systems.md asks of each, and stands in its own rules. */
const ASKED: Readonly<Record<string, readonly string[]>> = {
  "finai-nexus": [
    ...["CircuitBreakerOpen", "DependencyDown", "ErrorBudgetBurn", "AutoscalingAtMaximum", "ReplicaMissing"],
    ...["MongodbNoPrimary", "MongodbReplicationLag", "VolumeCritical"],
  ],
  "web-platform": [
    // critical: down, errors above 5 %, any resource above 90 %, a security incident
    ...["ServiceDown", "ServiceAbsent", "HttpErrorRateCritical", "PodCpuCritical", "PodMemoryCritical"],
    "SecurityIncident",
    // performance: above 1 s, errors above 2 %, capacity
    ...["HttpLatencyHigh", "HttpErrorRateHigh", "PodUnschedulable"],
  ],
  sophia: ["ChatCacheHitRatioLow", "ChatLatencyHigh", "ChatSaturated", "HttpErrorRateHigh", "TrafficAnomaly"],
  tracks: [
    ...["PipelineThroughputLow", "PipelineThroughputCritical", "PipelineStalled", "QueueDepthHigh", "QueueGrowing"],
    ...["ValidationRateLow", "ValidationRateCritical", "RabbitmqDown", "RabbitmqMemoryAlarm", "VolumeCritical"],
  ],
  flowx: ["AutoscalingAtMaximum", "CacheHitRatioLow", "EventLoopLagHigh", "PodCpuHigh"],
};
const PICTURED: Readonly<Record<string, readonly string[]>> = {
  "finai-nexus": ["finai-nexus-services", "finai-nexus-mongodb", "finai-nexus-pods"],
  "web-platform": ["web-platform-services", "web-platform-pods"],
  sophia: ["sophia-chat", "sophia-services", "sophia-pods"],
  tracks: ["tracks-pipeline", "tracks-services", "tracks-rabbitmq", "tracks-pods"],
  flowx: ["flowx-agents", "flowx-services", "flowx-pods"],
};

describe("monitoring of all five systems in two regions", () => {
  let resources: readonly Registered[];
  before(async () => {
    const config = { alerts: ALERTS, runbookUrl: "https://forge.example/runbooks" };
    resources = await deployed(config, {}, { slackWebhookUrl: WEBHOOK, smtpPassword: MAIL });
  });

  for (const { name: region } of [west, east]) {
    for (const system of NAMES) {
      it(`has the alerts and dashboards of ${system} in ${region}`, () => {
        const { rules, dashboards } = cluster(resources, region);
        const alerts = alertsOf(rules(system));
        for (const alert of ASKED[system] ?? assert.fail(system)) assert.ok(alerts.includes(alert), alert);
        const uids = dashboards(system).map(({ uid }) => uid);
        for (const uid of PICTURED[system] ?? []) assert.ok(uids.includes(uid), `${uid} in ${uids.join(", ")}`);
        assert.ok(alerts.length >= 15);
        new PrometheusRule({ metadata: { name: "alerts" }, spec: { groups: rules(system) as never } }).validate();
      });

      it(`asks in ${region}, of ${system}, for metrics only that somebody there tells`, () => {
        const { rules, dashboards } = cluster(resources, region);
        const groups = rules(system);
        const recorded = recordsOf(groups);
        const exprs = groups.flatMap((group) => group.rules.map(({ expr }) => expr));
        assert.deepEqual(strangersIn(exprs, recorded), []);
        for (const { uid, panels } of dashboards(system)) {
          const queries = panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));
          assert.deepEqual(strangersIn(queries, recorded), [], uid);
        }
      });
    }
  }

  it("holds every expression to its system's series or namespaces, and every alert to its namespace", () => {
    const { rules } = cluster(resources);
    for (const system of NAMES)
      for (const { expr, alert, labels } of rules(system).flatMap((group) => group.rules)) {
        assert.match(expr, new RegExp(`(system="|namespace=~?")${system}`), expr);
        if (alert !== undefined) assert.equal(labels["namespace"], system);
      }
    assert.match(JSON.stringify(rules("tracks")), /namespace=~\\"tracks\|tracks-rabbitmq\\"/);
  });

  it("gives tracks a dashboard of ten panels", () => {
    const pipeline = cluster(resources)
      .dashboards("tracks")
      .find(({ uid }) => uid === "tracks-pipeline");
    assert.equal(pipeline?.panels.length, 10);
  });

  it("expects of each region as many replicas as run there", () => {
    const expected = (region: string) =>
      /part="backend"\} == 1\) < (\d+)/.exec(
        cluster(resources, region)
          .rules("finai-nexus")
          .flatMap((group) => group.rules)
          .find(({ alert }) => alert === "ReplicaMissing")?.expr ?? "",
      )?.[1];
    assert.deepEqual([expected(west.name), expected(east.name)], ["5", "3"]);
  });

  it("watches nodes, certificates and backups once for all of them", () => {
    const groups = cluster(resources).rules("monitoring");
    const alerts = alertsOf(groups);
    for (const alert of ["HostCpuCritical", "HostMemoryTrend", "CertificateNotRenewed", "ClusterBackupTooOld"])
      assert.ok(alerts.includes(alert), alert);
    const exprs = groups.flatMap(({ rules }) => rules.map(({ expr }) => expr));
    assert.deepEqual(strangersIn(exprs, recordsOf(groups)), []);
  });

  it("tells whom the stack names, by each system's routes and the platform's, in every region", () => {
    for (const { name: region } of [west, east]) {
      const configs = cluster(resources, region).objects<{ spec: object }>("AlertmanagerConfig");
      assert.deepEqual(configs.map(({ metadata }) => metadata.namespace).sort(), [...NAMES, "monitoring"].sort());
      for (const { metadata, spec } of configs) {
        new AlertmanagerConfig({ metadata: { name: metadata.name }, spec: spec }).validate();
        assert.match(JSON.stringify(spec), /"channel":"#prod"/);
        assert.match(JSON.stringify(spec), /"smarthost":"mail.example.com:587"/);
      }
    }
  });

  it("keeps their address and password in Secrets, which the routes name", () => {
    for (const canary of [WEBHOOK, MAIL]) {
      const holders = resources.filter(({ inputs }) => JSON.stringify(inputs).includes(canary));
      assert.equal(holders.length, (NAMES.length + 1) * 2);
      for (const { type } of holders) assert.equal(type, "kubernetes:core/v1:Secret");
    }
    const { objects } = cluster(resources);
    for (const { metadata, spec } of objects<{ spec: object }>("AlertmanagerConfig")) {
      const secret = objects("core/v1:Secret").find(
        (each) => each.metadata.namespace === metadata.namespace && each.metadata.name === "alert-receivers",
      );
      assert.ok(secret, metadata.namespace);
      assert.match(JSON.stringify(spec), /"apiURL":\{"key":"slack-api-url","name":"alert-receivers"\}/);
    }
  });

  it("names the team's own runbooks", () => {
    const [first] = cluster(resources)
      .rules("flowx")
      .flatMap(({ rules }) => rules)
      .filter(({ alert }) => alert === "ServiceDown");
    assert.equal(first?.annotations?.["runbook_url"], "https://forge.example/runbooks/ServiceDown.md");
  });

  it("has its routes taken by the stack's Alertmanager, beside which those stand that see everything", () => {
    const release = resources.find(
      ({ type, inputs }) => type.endsWith(":Release") && inputs["chart"] === "kube-prometheus-stack",
    );
    const { alertmanager } = release?.inputs["values"] as {
      alertmanager: { alertmanagerSpec: Record<string, unknown> };
    };
    const { alertmanagerSpec: spec } = alertmanager;
    assert.deepEqual(spec["alertmanagerConfigMatcherStrategy"], { type: "OnNamespaceExceptForAlertmanagerNamespace" });
    assert.deepEqual(spec["alertmanagerConfigNamespaceSelector"], {});
  });
});

describe("a cluster of one system", () => {
  const flowx = systems.filter(({ name }) => name === "flowx");

  it("tells nobody while nobody is named", async () => {
    const { objects, rules } = cluster(await deployed({ systems: flowx }));
    assert.deepEqual(objects("AlertmanagerConfig"), []);
    assert.ok(rules("flowx").length > 5);
  });

  it("has neither rules nor dashboards without Prometheus", async () => {
    const { objects } = cluster(await deployed({ systems: flowx }, { "kube-prometheus-stack": false }));
    assert.deepEqual([...objects("PrometheusRule"), ...objects("ConfigMap")], []);
  });
});
