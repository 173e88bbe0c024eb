import assert from "node:assert/strict";
import { cluster, DEPLOYMENT, deployment, LIMIT_RANGE, limits, podSpec, QUOTA, quota, token } from "./objects.ts";

const RELEASE = token("helm.sh/v3:Release");
const ROLLOUT = token("argoproj.io/v1alpha1:Rollout");

const karpenter = (replicas: number, cpu = "1") => ({
  name: "karpenter",
  namespace: "nexus",
  chart: "oci://public.ecr.aws/karpenter/karpenter",
  version: "1.14.0",
  values: {
    replicas,
    controller: { resources: { requests: { cpu, memory: "1Gi" }, limits: { cpu, memory: "1Gi" } } },
  },
});
const rollout = (replicas: number) => ({
  ...deployment({ replicas }, podSpec(), "api"),
  apiVersion: "argoproj.io/v1alpha1",
  kind: "Rollout",
});
const fails = (messages: readonly string[], pattern: RegExp) => assert.match(messages.join("\n"), pattern);

describe("pods that a release or custom resource hides", () => {
  it("count against the quota of their namespace", () => {
    const made = cluster();
    made.create(QUOTA, quota({ "requests.cpu": "3" }), "quota");
    assert.deepEqual(made.refusals(RELEASE, karpenter(3)), []);
    fails(
      made.refusals(RELEASE, karpenter(4)),
      /^values: exceeded quota: quota, requested: requests.cpu=4, used: requests.cpu=0/,
    );
  });

  it("leave less for what comes after them", () => {
    const made = cluster();
    made.create(QUOTA, quota({ "requests.cpu": "3" }), "quota");
    made.create(RELEASE, karpenter(2), "karpenter");
    // 3 pods of 500m do not fit beside 2 of 1
    fails(
      made.refusals(DEPLOYMENT, deployment()),
      /exceeded quota: quota, requested: requests.cpu=1500m, used: requests.cpu=2/,
    );
    assert.deepEqual(made.refusals(DEPLOYMENT, deployment({ replicas: 2 })), []);
  });

  it("must name what the quota counts", () => {
    const made = cluster();
    made.create(QUOTA, quota({ "limits.memory": "64Gi" }), "quota");
    const bare = { ...karpenter(2), values: { replicas: 2 } };
    fails(made.refusals(RELEASE, bare), /^values: failed quota: quota: must specify limits.memory for: controller/);
  });

  it("stay within the limit range", () => {
    const made = cluster();
    made.create(LIMIT_RANGE, limits({ type: "Container", max: { cpu: "2" } }), "limits");
    assert.deepEqual(made.refusals(RELEASE, karpenter(2, "2")), []);
    fails(
      made.refusals(RELEASE, karpenter(2, "4")),
      /^values: container controller: maximum cpu usage per Container is 2/,
    );
  });

  it("are those of a Rollout, too", () => {
    const made = cluster();
    const controller = { name: "argo-rollouts", namespace: "kube-system", chart: "argo-rollouts", version: "2.41.0" };
    made.create(RELEASE, controller, "argo-rollouts");
    made.create(QUOTA, quota({ pods: "3" }), "quota");
    assert.deepEqual(made.refusals(ROLLOUT, rollout(3)), []);
    fails(made.refusals(ROLLOUT, rollout(4)), /^spec: exceeded quota: quota, requested: pods=4/);
  });
});
