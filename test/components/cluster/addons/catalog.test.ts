import assert from "node:assert/strict";
import { expand, isUnexpanded, RELEASE } from "@groundwork/lib/expanders/expand";
import type { ExpandedWorkload } from "@groundwork/lib/expanders/expand";
import { chartNamed } from "@groundwork/lib/expanders/releases";
import { CATALOG } from "../../../../components/cluster/addons/catalog.ts";
import { isManaged } from "../../../../components/cluster/addons/addon.ts";
import type { HelmAddon } from "../../../../components/cluster/addons/addon.ts";
import { IN_KUBE_SYSTEM } from "../../../../components/cluster/addons/common-values.ts";
import type { Statement } from "../../../../components/cluster/iam.ts";
import { contextWith } from "./context.ts";

const HELM = CATALOG.filter((addon): addon is HelmAddon => !isManaged(addon));

function workloadsOf(addon: HelmAddon, installed?: Parameters<typeof contextWith>[0]): readonly ExpandedWorkload[] {
  const expansion = expand(RELEASE, {
    name: addon.name,
    namespace: addon.namespace,
    chart: addon.release.chart,
    version: addon.release.version,
    values: addon.values(contextWith(installed)),
  });
  assert.ok(expansion !== undefined && !isUnexpanded(expansion), `${addon.name} has no expander`);
  return expansion.workloads;
}

/** A chart's own switch for a monitor. */
const MONITORED = /"(?:service[mM]onitor|podMonitor)":\{[^{}]*"enabled":true|"podMonitorEnabled":true/;

/** Run once by design: their charts have no replicas, or two would do the same work twice. */
const SINGLE = ["external-dns", "velero", "kube-prometheus-stack-operator", "kube-prometheus-stack-kube-state-metrics"];
SINGLE.push("kube-prometheus-stack-grafana", "cloudnative-pg-barman-plugin-barman-cloud");

describe("every add-on of the catalog", () => {
  for (const addon of HELM) {
    describe(addon.name, () => {
      it("is pinned to an exact version, the one that its expander describes, with a source", () => {
        const chart = chartNamed(addon.release.chart);
        assert.equal(addon.release.version, chart?.version);
        assert.match(addon.release.version, /^v?\d+\.\d+\.\d+$/);
        assert.match(addon.release.source, /^https:\/\//);
        assert.ok(addon.release.chart.startsWith("oci://") !== (addon.release.repository !== undefined));
      });

      it("sets only values that its chart documents", () => {
        const known = chartNamed(addon.release.chart)?.keys ?? [];
        for (const installed of [undefined, []])
          for (const key of Object.keys(addon.values(contextWith(installed)))) assert.ok(known.includes(key), key);
      });

      it("gives every container CPU and memory, requested and limited", () => {
        for (const { name, pods } of workloadsOf(addon))
          for (const { name: container, requests, limits } of pods.containers)
            for (const amounts of [requests, limits])
              for (const amount of [amounts.cpu, amounts.memory])
                assert.ok(amount !== undefined && amount > 0, `${name}/${container}`);
      });

      it("runs each controller twice", () => {
        const once = workloadsOf(addon)
          .filter(({ kind, pods }) => (kind === "Deployment" || kind === "StatefulSet") && pods.replicas === 1)
          .map(({ name }) => name)
          .filter((name) => !SINGLE.includes(name));
        assert.deepEqual(once, []);
      });

      it("has a release name that Helm takes", () => {
        assert.ok(addon.name.length <= 53);
      });
    });
  }

  it("has its namespace closed, here or by who knows its neighbours", () => {
    for (const { name, network, guardedBy, namespace } of HELM) {
      assert.ok((network === undefined) !== (guardedBy === undefined), name);
      if (namespace === "kube-system") assert.equal(guardedBy, IN_KUBE_SYSTEM);
    }
  });

  it("is asked for its metrics, or it is said why not", () => {
    for (const addon of HELM.filter(({ name }) => name !== "kube-prometheus-stack")) {
      const byChart = MONITORED.test(JSON.stringify(addon.values(contextWith())));
      const reasons = [byChart, addon.monitors, addon.unmeasured, addon.guardedBy?.includes("monitors")];
      assert.equal(reasons.filter(Boolean).length, 1, addon.name);
      if (addon.monitors) assert.ok(addon.after?.includes("prometheus-operator-crds"), addon.name);
    }
  });

  it("makes no object of the Prometheus operator's kinds where that is not installed", () => {
    for (const addon of HELM.filter(({ name }) => name !== "kube-prometheus-stack")) {
      assert.doesNotMatch(JSON.stringify(addon.values(contextWith([]))), MONITORED, addon.name);
    }
  });

  it("comes after the kinds that it makes objects of", () => {
    for (const addon of HELM) {
      if (!MONITORED.test(JSON.stringify(addon.values(contextWith())))) continue;
      const before = [...addon.needs, ...(addon.after ?? [])];
      assert.ok(
        before.includes("prometheus-operator-crds") || before.includes("kube-prometheus-stack"),
        `${addon.name} makes a ServiceMonitor`,
      );
    }
  });
});

describe("identities of add-ons", () => {
  const identities = HELM.flatMap(({ name, identity }) =>
    identity?.statements ? [{ name, statements: identity.statements(contextWith()) }] : [],
  );

  it("fit an inline policy and name each statement once", () => {
    for (const { name, statements } of identities) {
      // Spaces do not count. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
      assert.ok(JSON.stringify(statements).length < 10_000, name);
      assert.equal(new Set(statements.map(({ Sid }) => Sid)).size, statements.length, name);
    }
  });

  it("allow no action by wildcard", () => {
    for (const { statements } of identities)
      for (const { Action } of statements)
        for (const action of Action) assert.match(action, /^[a-z0-9-]+:[A-Za-z0-9]+$/);
  });

  it("change nothing that is not named or tagged, but for the few actions that AWS cannot restrict", () => {
    const free = [
      ...["ec2:AuthorizeSecurityGroupIngress", "ec2:RevokeSecurityGroupIngress", "ec2:CreateSecurityGroup"],
      ...["wafv2:AssociateWebACL", "wafv2:DisassociateWebACL"],
    ];
    const changes = ({ Action, Resource, Condition }: Statement) =>
      Resource === "*" && Condition === undefined
        ? Action.filter((action) => !/:(?:Describe|Get|List)/.test(action) && !free.includes(action))
        : [];
    assert.deepEqual(
      identities.flatMap(({ statements }) => statements.flatMap(changes)),
      [],
    );
  });
});
