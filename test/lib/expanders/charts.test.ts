import assert from "node:assert/strict";
import fc from "fast-check";
import { expand, isUnexpanded, RELEASE } from "@groundwork/lib/expanders/expand";
import { CHARTS } from "@groundwork/lib/expanders/releases";
import { customKind, CUSTOM_KINDS } from "@groundwork/lib/crds";

const workloadsOf = (chart: string, values: unknown, name = chart) => {
  const expansion = expand(RELEASE, { chart, name, namespace: "it", values });
  assert.ok(expansion !== undefined && !isUnexpanded(expansion));
  return expansion;
};

describe("pods of charts", () => {
  it("are told whatever the values are", () => {
    for (const chart of CHARTS) {
      const values = fc.dictionary(fc.constantFrom(...chart.keys), fc.anything(), { maxKeys: 5 });
      fc.assert(
        fc.property(values, (given) => {
          for (const { name, pods } of workloadsOf(chart.name, given).workloads) {
            assert.notEqual(name, "");
            assert.ok(pods.containers.length > 0);
          }
        }),
        { numRuns: 30 },
      );
    }
  });

  it("are each described once, with a source", () => {
    assert.equal(new Set(CHARTS.map(({ name }) => name)).size, CHARTS.length);
    for (const { source, keys, name } of CHARTS) {
      assert.match(source, /^https:\/\//, name);
      assert.equal(new Set(keys).size, keys.length, name);
    }
  });

  it("of an unknown chart are unknown, and it is said where to describe them", () => {
    assert.deepEqual(expand(RELEASE, { chart: "unheard-of" }), {
      unknown:
        "chart unheard-of has no expander; add lib/expanders/charts/<name>.ts and name it in lib/expanders/releases.ts",
    });
  });

  it("of Prometheus are a server, its reloader and a claim for each replica", () => {
    const storage = { volumeClaimTemplate: { spec: { resources: { requests: { storage: "50Gi" } } } } };
    const { workloads, claims } = workloadsOf("kube-prometheus-stack", {
      prometheus: { prometheusSpec: { replicas: 2, storageSpec: storage } },
      grafana: { enabled: false },
      alertmanager: { enabled: false },
    });
    const server = workloads.find(({ kind }) => kind === "StatefulSet");
    assert.equal(server?.name, "prometheus-kube-prometheus-stack-prometheus");
    assert.deepEqual(
      server.pods.containers.map(({ name, kind }) => `${kind} ${name}`),
      ["init init-config-reloader", "container prometheus", "container config-reloader"],
    );
    assert.deepEqual(claims, [
      { namespace: "it", name: "prometheus-kube-prometheus-stack-prometheus-db", count: 2, bytes: 50 * 2 ** 30 },
    ]);
    assert.ok(!workloads.some(({ name }) => /grafana|alertmanager/.test(name)));
  });

  it("of the GPU plug-in are one on each GPU node, and more where GPUs are shared or described", () => {
    const names = (values: unknown) => workloadsOf("nvidia-device-plugin", values).workloads.map(({ name }) => name);
    assert.deepEqual(names({}), ["nvidia-device-plugin"]);
    const { workloads } = workloadsOf("nvidia-device-plugin", { config: { map: { default: "version: v1" } } });
    assert.deepEqual(workloads[1]?.nodeSelector, { "nvidia.com/mps.capable": "true" });
    assert.equal(names({ gfd: { enabled: true } })[1], "nvidia-device-plugin-gpu-feature-discovery");
    assert.deepEqual(names({ devicePlugin: { enabled: false } }), []);
  });

  it("of a collector follow its mode", () => {
    const kinds = ["daemonset", "deployment", "statefulset"].map(
      (mode) => workloadsOf("opentelemetry-collector", { mode }).workloads[0]?.kind,
    );
    assert.deepEqual(kinds, ["DaemonSet", "Deployment", "StatefulSet"]);
  });
});

describe("pods of custom resources", () => {
  const template = { spec: { containers: [{ name: "api", resources: { requests: { cpu: "1" } } }] } };

  it("of a Rollout are those of its template, or of the Deployment that it takes over", () => {
    const type = "kubernetes:argoproj.io/v1alpha1:Rollout";
    const metadata = { name: "api", namespace: "it" };
    const own = expand(type, { metadata, spec: { replicas: 3, template } });
    assert.ok(own && !isUnexpanded(own));
    assert.equal(own.workloads[0]?.pods.replicas, 3);
    const referring = expand(type, {
      metadata,
      spec: { replicas: 3, workloadRef: { kind: "Deployment", name: "api" } },
    });
    assert.deepEqual(referring, { workloads: [], claims: [] });
  });

  it("of a ScaledJob are as many as it may run at once", () => {
    const spec = { maxReplicaCount: 5, jobTargetRef: { parallelism: 2, template } };
    const jobs = expand("kubernetes:keda.sh/v1alpha1:ScaledJob", { metadata: { name: "a" }, spec });
    assert.ok(jobs && !isUnexpanded(jobs));
    assert.equal(jobs.workloads[0]?.pods.replicas, 10);
  });

  it("are decided for every kind that the table of kinds has", () => {
    for (const { group, version, kind } of CUSTOM_KINDS) {
      const written = expand(`kubernetes:${group}/${version}:${kind}`, { metadata: { name: "it" }, spec: {} });
      assert.ok(written === undefined || !isUnexpanded(written), `${group}/${kind}`);
      assert.equal(customKind(`${group}/${version}`, kind)?.kind, kind);
    }
  });

  it("of a kind that nobody described are unknown", () => {
    const unknown = expand("kubernetes:example.com/v1:Thing", { metadata: { name: "it" } });
    assert.ok(unknown && isUnexpanded(unknown));
    assert.match(unknown.unknown, /^example\.com\/Thing has no expander/);
  });
});
