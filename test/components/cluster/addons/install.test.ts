import * as aws from "@pulumi/aws";
import * as kubernetes from "@pulumi/kubernetes";
import assert from "node:assert/strict";
import { CATALOG } from "../../../../components/cluster/addons/catalog.ts";
import { chooseAddons } from "../../../../components/cluster/addons/choose.ts";
import type { AddonToggles } from "../../../../components/cluster/addons/choose.ts";
import { ClusterAddons } from "../../../../components/cluster/addons/install.ts";
import type { AddonName } from "../../../../components/cluster/addons/names.ts";
import type { AddonSettings } from "../../../../components/cluster/addons/settings.ts";
import { registered } from "../../../helpers/mocks.ts";
import type { Outputs, Registered } from "../../../helpers/mocks.ts";
import { customKind } from "@groundwork/lib/crds";
import { contextWith, SETTINGS } from "./context.ts";

const RELEASE = "kubernetes:helm.sh/v3:Release";
const nothing = () => ({});

/** Custom resources register under the type of their own kind. */
const custom: Outputs = Object.fromEntries(
  ["cert-manager.io/v1:Certificate", "cert-manager.io/v1:ClusterIssuer", "external-secrets.io/v1:ClusterSecretStore"]
    .concat("monitoring.coreos.com/v1:PrometheusRule", "monitoring.coreos.com/v1:PodMonitor")
    .map((kind) => [`kubernetes:${kind}`, nothing]),
);
const OUTPUTS: Outputs = {
  ...custom,
  [RELEASE]: nothing,
  "kubernetes:core/v1:Namespace": nothing,
  "kubernetes:core/v1:ResourceQuota": nothing,
  "kubernetes:core/v1:LimitRange": nothing,
  "kubernetes:core/v1:Secret": nothing,
  "kubernetes:networking.k8s.io/v1:NetworkPolicy": nothing,
  "kubernetes:storage.k8s.io/v1:StorageClass": nothing,
  "aws:iam/role:Role": (_inputs, name) => ({ name, arn: `arn:aws:iam::123456789012:role/${name}` }),
  "aws:iam/rolePolicy:RolePolicy": nothing,
  "aws:iam/rolePolicyAttachment:RolePolicyAttachment": nothing,
  "aws:eks/podIdentityAssociation:PodIdentityAssociation": nothing,
  "random:index/randomPassword:RandomPassword": () => ({ result: "drawn" }),
};

const ALL = CATALOG.map(({ name }) => name);

async function install(
  defaults: readonly AddonName[],
  toggles: AddonToggles = {},
  settings: AddonSettings = SETTINGS,
): Promise<readonly Registered[]> {
  const { installed: _, replicas: __, ...cluster } = contextWith();
  return registered(() => {
    const providers = [
      new aws.Provider("west", { region: "us-west-2" }),
      new kubernetes.Provider("west-kubernetes", { kubeconfig: "{}" }),
    ];
    new ClusterAddons("west", { ...cluster, settings, addons: chooseAddons(toggles, defaults) }, { providers });
  }, OUTPUTS);
}

const of = (resources: readonly Registered[], type: string) => resources.filter((each) => each.type === type);
const objects = (resources: readonly Registered[]) =>
  resources.filter(({ type }) => /^kubernetes:(?!core|helm|storage|networking)/.test(type));

describe("the add-ons of a cluster", () => {
  let all: readonly Registered[];
  before(async () => {
    all = await install(ALL);
  });

  it("are one atomic release each, in the namespace of the add-on", () => {
    const releases = of(all, RELEASE);
    assert.equal(releases.length, CATALOG.filter((addon) => "release" in addon).length);
    for (const { inputs } of releases) {
      assert.equal(inputs["atomic"], true);
      assert.equal(inputs["createNamespace"], false);
      assert.equal(inputs["skipCrds"], false);
      assert.equal(typeof inputs["version"], "string");
    }
  });

  it("have each namespace once, with a Pod Security level", () => {
    const names = of(all, "kubernetes:core/v1:Namespace").map(({ inputs }) => {
      const { name, labels } = inputs["metadata"] as { name: string; labels: Record<string, string> };
      assert.match(labels["pod-security.kubernetes.io/enforce"] ?? "", /^(?:restricted|baseline|privileged)$/);
      return name;
    });
    assert.equal(new Set(names).size, names.length);
    assert.ok(!names.includes("kube-system"));
    assert.ok(names.includes("monitoring"));
  });

  it("use only the providers that they are given", () => {
    for (const { type, provider, name } of all)
      if (/^(?:aws|kubernetes):/.test(type)) assert.ok(provider, `${name} has a default provider`);
  });

  it("make custom objects only of kinds that the table of kinds knows", () => {
    assert.ok(objects(all).length >= 5);
    for (const { inputs, name } of objects(all))
      assert.ok(customKind(String(inputs["apiVersion"]), String(inputs["kind"])), name);
  });

  it("give tokens to the cluster as secrets only", () => {
    for (const { type, inputs, name } of all)
      if (type !== "kubernetes:core/v1:Secret") assert.doesNotMatch(JSON.stringify(inputs), /canary/, name);
    assert.match(
      JSON.stringify(of(all, "kubernetes:core/v1:Secret")),
      /canary-cloudflare.*canary-esc|canary-esc.*canary-cloudflare/s,
    );
  });

  it("bind each identity to a service account that the chart makes", () => {
    for (const { inputs } of of(all, "aws:eks/podIdentityAssociation:PodIdentityAssociation")) {
      const account = String(inputs["serviceAccount"]);
      const release = of(all, RELEASE).find((each) =>
        JSON.stringify(each.inputs["values"]).includes(`"name":"${account}"`),
      );
      assert.equal(release?.inputs["namespace"], inputs["namespace"], account);
    }
  });

  it("are refused where one is needed that is switched off", async () => {
    await assert.rejects(install(ALL, { "prometheus-operator-crds": false }), {
      message:
        /^addons: kube-prometheus-stack needs prometheus-operator-crds, which is not installed; write prometheus-operator-crds: true, or kube-prometheus-stack: false\.$/,
    });
  });

  it("are refused where the environment does not say what they need", async () => {
    await assert.rejects(install([], { velero: true }, {}), {
      message: "addons: velero needs settings.backups, the bucket that backups go to; or write velero: false.",
    });
  });

  it("take changes of values and replicas", async () => {
    const [release] = of(
      await install([], { keda: { replicas: 3, values: { resources: { webhooks: { requests: { cpu: "70m" } } } } } }),
      RELEASE,
    );
    const values = release?.inputs["values"] as Record<string, Record<string, unknown>>;
    assert.equal(values["operator"]?.["replicaCount"], 3);
    assert.deepEqual((values["resources"]?.["webhooks"] as Record<string, unknown>)["requests"], {
      cpu: "70m",
      memory: "64Mi",
    });
    assert.ok((values["resources"]?.["operator"] as Record<string, unknown>)["limits"]);
  });
});
