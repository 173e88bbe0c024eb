import assert from "node:assert/strict";
import { AlertmanagerConfig } from "@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1alpha1";
import { PrometheusRule } from "@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1";
import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { describe, it } from "mocha";
import { dashboardsOf } from "../../../components/monitoring/dashboards/index.ts";
import type { DashboardSpec } from "../../../components/monitoring/dashboards/dashboard.ts";
import { secretDriftDashboard } from "../../../components/monitoring/dashboards/secret-drift.ts";
import { ClusterMonitoring, clusterRules } from "../../../components/monitoring/kubernetes-cluster.ts";
import { KubernetesMonitoring, systemRules } from "../../../components/monitoring/kubernetes.ts";
import type { KubernetesReceivers } from "../../../components/monitoring/kubernetes-receivers.ts";
import { EVERYTHING } from "../../../components/monitoring/rules/groups.ts";
import { scoped } from "../../../components/monitoring/rules/scoped.ts";
import { registered } from "../../helpers/mocks.ts";
import type { Outputs, Registered } from "../../helpers/mocks.ts";

const WEBHOOK = "https://hooks.example/canary-71c2";
const MAIL = "mail-canary-9b04";
const OUTPUTS: Outputs = Object.fromEntries(
  [
    "core/v1:ConfigMap",
    "core/v1:Secret",
    "monitoring.coreos.com/v1:PrometheusRule",
    "monitoring.coreos.com/v1alpha1:AlertmanagerConfig",
  ].map((type) => [`kubernetes:${type}`, () => ({})]),
);
const receivers: KubernetesReceivers = {
  slack: { channel: "#shop", apiUrl: pulumi.secret(WEBHOOK) },
  email: {
    to: "on-call@example.com",
    from: "alerts@example.com",
    smarthost: "mail.example.com:587",
    login: { username: "alerts", password: pulumi.secret(MAIL) },
  },
};

const made = (more: { receivers?: KubernetesReceivers } = {}): Promise<readonly Registered[]> =>
  registered(() => {
    const provider = new kubernetes.Provider("cluster", { kubeconfig: "{}" });
    const args = {
      system: "shop",
      namespace: "shop",
      rules: EVERYTHING,
      dashboards: dashboardsOf({ system: "shop", tiers: ["rabbitmq"] }),
      runbooks: { base: "https://forge.example/runbooks" },
      ...more,
    };
    new KubernetesMonitoring("shop-monitoring", args, { providers: [provider] });
  }, OUTPUTS);

describe("expressions of one system among several", () => {
  const cases: readonly (readonly [from: string, to: string])[] = [
    ["up", 'up{system="a"}'],
    ["up{}", 'up{system="a"}'],
    ['up{part="x"}', 'up{system="a",part="x"}'],
    ['up{system="b"}', 'up{system="b"}'],
    ["vector(1)", "vector(1)"],
    [
      'sum by (part) (rate(x_total{code=~"5.."}[5m])) / on () group_left () count(up offset 5m)',
      'sum by (part) (rate(x_total{system="a",code=~"5.."}[5m])) / on () group_left () count(up{system="a"} offset 5m)',
    ],
    ['absent(job:x:rate5m{part="{y}"})', 'absent(job:x:rate5m{system="a",part="{y}"})'],
  ];
  for (const [from, to] of cases) it(`write ${from}`, () => assert.equal(scoped(from, "system", "a"), to));

  it("have a choice where there are several", () => {
    assert.equal(scoped("up", "namespace", "a", "a-mongodb"), 'up{namespace=~"a|a-mongodb"}');
  });

  it("are refused where they are no PromQL", () => {
    assert.throws(() => scoped("sum(rate(", "system", "a"), /no PromQL/);
  });
});

interface Routes {
  readonly route: { readonly routes: readonly { matchers: { name: string; value: string }[]; receiver: string }[] };
  readonly receivers: readonly { readonly name: string }[];
}

describe("monitoring of what all systems stand on", () => {
  const args = {
    namespace: "monitoring",
    systems: ["bank", "shop"],
    watchers: ["certificates", "cluster-backups"] as const,
    runbooks: { base: "https://forge.example/runbooks" },
  };
  const platform = (
    more: { receivers?: KubernetesReceivers; dashboards?: readonly DashboardSpec[] } = {},
  ): Promise<readonly Registered[]> =>
    registered(() => {
      const provider = new kubernetes.Provider("cluster", { kubeconfig: "{}" });
      new ClusterMonitoring("cluster-monitoring", { ...args, ...more }, { providers: [provider] });
    }, OUTPUTS);

  it("labels the alerts of nodes, certificates and backups, which belong to no system", () => {
    const { groups = [] } = clusterRules(args) ?? {};
    assert.deepEqual(
      groups.map(({ name }) => name),
      ["platform-host", "platform-capacity", "platform-certificates", "platform-cluster-backups"],
    );
    for (const { alert, labels } of groups.flatMap(({ rules = [] }) => rules)) {
      assert.equal(labels?.["system"], "platform");
      assert.equal(labels?.["namespace"], alert === undefined ? undefined : "monitoring");
      assert.ok(labels?.["part"]);
    }
    new PrometheusRule({ metadata: { name: "platform" }, spec: { groups } }).validate();
    const withoutVelero = clusterRules({ ...args, watchers: [] })?.groups ?? [];
    assert.equal(withoutVelero.length, 2);
  });

  it("has the dashboards that it is given where Grafana finds them", async () => {
    const isMap = ({ type }: Registered) => type === "kubernetes:core/v1:ConfigMap";
    assert.deepEqual((await platform()).filter(isMap), []);
    const [map, ...others] = (await platform({ dashboards: [secretDriftDashboard("platform")] })).filter(isMap);
    assert.deepEqual(others, []);
    assert.deepEqual(map?.inputs["metadata"], {
      name: "dashboard-platform-secret-drift",
      namespace: "monitoring",
      labels: { grafana_dashboard: "1" },
    });
  });

  it("has routes that leave the systems' alerts to the systems", async () => {
    const resources = await platform({ receivers });
    const config = resources.find(({ type }) => type.endsWith(":AlertmanagerConfig"));
    const spec = config?.inputs["spec"] as Routes;
    new AlertmanagerConfig({ metadata: { name: "platform" }, spec: spec as never }).validate();
    assert.equal((config?.inputs["metadata"] as { namespace: string }).namespace, "monitoring");
    const [first] = spec.route.routes;
    assert.deepEqual(first, {
      matchers: [{ name: "namespace", value: "bank|shop", matchType: "=~" }],
      receiver: "nobody",
    });
  });

  it("tells nobody until it is told whom", async () => {
    const types = (await platform()).map(({ type }) => type.replace(/.*:/, ""));
    assert.deepEqual(types.slice(-1), ["PrometheusRule"]);
  });
});

describe("monitoring of a system on Kubernetes", () => {
  it("has every alert of its groups, held to its own series and labelled as its own", () => {
    const { groups = [] } = systemRules({ system: "shop", rules: EVERYTHING, runbooks: { base: "https://r" } }) ?? {};
    const rules = groups.flatMap((group) => group.rules ?? []);
    assert.ok(rules.length > 100);
    for (const { alert, expr, labels } of rules) {
      assert.equal(labels?.["system"], "shop");
      assert.equal(labels?.["namespace"], alert === undefined ? undefined : "shop");
      const again = ["system", "namespace"].map((label) => scoped(String(expr), label, "shop"));
      assert.ok(again.includes(String(expr)), "scoping twice changes nothing");
    }
    assert.equal(
      groups.some(({ name }) => name === "shop-monitoring"),
      false,
    );
    const rule = new PrometheusRule({ metadata: { name: "alerts" }, spec: { groups } });
    rule.validate();
  });

  it("gives Grafana each dashboard as a file of its own", async () => {
    const maps = (await made()).filter(({ type }) => type.endsWith(":ConfigMap"));
    assert.ok(maps.length >= 2);
    for (const { inputs } of maps) {
      const { metadata, data } = inputs as { metadata: { labels: object }; data: Record<string, string> };
      assert.deepEqual(metadata.labels, { grafana_dashboard: "1" });
      const [[file = "", text = ""] = []] = Object.entries(data);
      assert.equal(file, `${(JSON.parse(text) as { uid: string }).uid}.json`);
    }
  });

  it("tells nobody until it is told whom, and then by routes that the operator accepts", async () => {
    assert.equal(
      (await made()).some(({ type }) => type.endsWith(":AlertmanagerConfig") || type.endsWith(":Secret")),
      false,
    );
    const resources = await made({ receivers });
    const config = resources.find(({ type }) => type.endsWith(":AlertmanagerConfig"));
    const spec = config?.inputs["spec"] as ConstructorParameters<typeof AlertmanagerConfig>[0] extends
      { spec?: infer S } | undefined
      ? S
      : never;
    new AlertmanagerConfig({ metadata: { name: "shop" }, spec }).validate();
    const named = Object.fromEntries(
      (spec as { receivers: { name: string }[] }).receivers.map(({ name, ...to }) => [name, Object.keys(to).sort()]),
    );
    // the stack's signs of life have the severity none
    const quiet = (spec as unknown as Routes).route.routes.filter(({ receiver }) => receiver === "nobody");
    assert.deepEqual(
      quiet.map(({ matchers }) => matchers),
      [[{ name: "severity", value: "info|none", matchType: "=~" }]],
    );
    assert.deepEqual(named, { nobody: [], people: ["slackConfigs"], urgent: ["emailConfigs", "slackConfigs"] });
  });

  it("keeps addresses and passwords in its Secret", async () => {
    const resources = await made({ receivers });
    for (const canary of [WEBHOOK, MAIL]) {
      const holders = resources.filter(({ inputs }) => JSON.stringify(inputs).includes(canary));
      assert.deepEqual(
        holders.map(({ type }) => type),
        ["kubernetes:core/v1:Secret"],
      );
    }
  });
});
