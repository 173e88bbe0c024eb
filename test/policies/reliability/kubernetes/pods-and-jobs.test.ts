import assert from "node:assert/strict";
import { containerHasProbes } from "../../../../policies/reliability/kubernetes/container-has-probes.ts";
import { cronJobIsBounded } from "../../../../policies/reliability/kubernetes/cron-job-is-bounded.ts";
import { imageIsImmutable } from "../../../../policies/reliability/kubernetes/image-is-immutable.ts";
import { jobIsBounded } from "../../../../policies/reliability/kubernetes/job-is-bounded.ts";
import { podHasPriority } from "../../../../policies/reliability/kubernetes/pod-has-priority.ts";
import { podStopsGracefully } from "../../../../policies/reliability/kubernetes/pod-stops-gracefully.ts";
import { statefulSetKeepsClaims } from "../../../../policies/reliability/kubernetes/stateful-set-keeps-claims.ts";
import { describePolicy } from "../../cases.ts";
import { changed } from "../../fixtures.ts";
import { say, UNKNOWN } from "../../harness.ts";
import { deployment, inShop, podSpec, workloads } from "../../kubernetes-fixtures.ts";

const POD = "web/spec/template/spec";
const API = `${POD}/containers/0`;
const template = { metadata: { labels: { app: "web" } }, spec: podSpec };

describePolicy({
  policy: containerHasProbes,
  compliant: [deployment, ...workloads],
  passes: [
    { path: `${API}/startupProbe`, value: undefined },
    { path: "migration/spec/template/spec/containers/0/livenessProbe", value: undefined },
    { path: "nightly/spec/jobTemplate/spec/template/spec/containers/0/readinessProbe", value: undefined },
    { path: `${POD}/initContainers`, value: [{ name: "setup" }] },
    { path: "patch/spec/template/spec/containers/0/livenessProbe", value: undefined },
  ],
  breaks: [
    {
      path: `${API}/livenessProbe`,
      value: undefined,
      says: /^Container api of Deployment web has no liveness probe, so that it is never started again when it hangs; set spec\.template\.spec\.containers\[0\]\.livenessProbe\.$/,
    },
    { path: `${API}/readinessProbe`, value: undefined, says: /has no readiness probe/ },
    {
      path: `${API}/livenessProbe/successThreshold`,
      value: 2,
      says: /successThreshold 2, which the API server refuses/,
    },
  ],
  undecided: [`${API}/livenessProbe`, `${POD}/containers`],
});

it("container-has-probes asks for a startup probe where the config does", () => {
  const bare = changed(`${API}/startupProbe`, undefined, [deployment]);
  assert.match(say(containerHasProbes, bare, { startup: true })[0] ?? "", /has no startup probe/);
  assert.deepEqual(say(containerHasProbes, bare, { startup: true, stacks: { dev: { startup: false } } }), []);
});

describePolicy({
  policy: imageIsImmutable,
  compliant: [deployment, ...workloads],
  passes: [{ path: `${API}/image`, value: "nginx@sha256:ab12" }],
  breaks: [
    {
      path: `${API}/image`,
      value: "nginx",
      says: /^Container api of Deployment web has the image nginx, which has no tag and so means latest; name a version or a digest in spec\.template\.spec\.containers\[0\]\.image\.$/,
    },
    { path: `${API}/image`, value: "shop/web:main", says: /has the tag main, which is moved from build to build/ },
    {
      path: `${POD}/initContainers`,
      value: [{ name: "setup", image: "busybox:latest" }],
      says: /^Container setup .* has the tag latest/,
    },
  ],
  undecided: [`${API}/image`],
});

it("image-is-immutable sees the images of pods that a custom resource hides", () => {
  const broker = inShop("rabbitmq.com/v1beta1:RabbitmqCluster", "queue", { spec: { replicas: 3, image: "rabbitmq" } });
  assert.deepEqual(say(imageIsImmutable, [broker]), [
    "mandatory: Container rabbitmq of queue-server, which RabbitmqCluster queue makes, has the image rabbitmq, which has no tag and so means latest; name a version or a digest.",
  ]);
  assert.deepEqual(say(imageIsImmutable, changed("queue/spec/image", "rabbitmq:4.3.5", [broker])), []);
});

it("image-is-immutable passes an image that the stack builds", () => {
  const built = { type: "docker-build:index:Image", name: "image", props: { tags: ["shop/web"] } };
  const [web] = changed(`${API}/image`, UNKNOWN, [{ ...deployment, from: { spec: ["image"] } }]);
  assert.ok(web);
  assert.deepEqual(say(imageIsImmutable, [built, web]), []);
});

const service = inShop("core/v1:Service", "front", { spec: { selector: { app: "web" }, ports: [{ port: 80 }] } });

describePolicy({
  policy: podStopsGracefully,
  compliant: [deployment, service],
  breaks: [
    {
      path: `${API}/lifecycle`,
      value: undefined,
      says: /^Container api of Deployment web stops at once while Service front may still send it requests; set spec\.template\.spec\.containers\[0\]\.lifecycle\.preStop, e\.g\. to sleep 10 seconds\.$/,
    },
    {
      path: `${POD}/terminationGracePeriodSeconds`,
      value: 10,
      says: /waits 10 s before it stops and is killed after 10 s; set spec\.template\.spec\.terminationGracePeriodSeconds above 10/,
    },
  ],
  undecided: [`${API}/lifecycle`],
});

it("pod-stops-gracefully leaves out what no Service sends requests to", () => {
  const abrupt = changed(`${API}/lifecycle`, undefined, [deployment]);
  assert.deepEqual(say(podStopsGracefully, abrupt), []);
  assert.deepEqual(
    say(podStopsGracefully, [...abrupt, ...changed("front/spec/selector", { app: "db" }, [service])]),
    [],
  );
  assert.deepEqual(
    say(podStopsGracefully, [...abrupt, ...changed("front/metadata/namespace", "other", [service])]),
    [],
  );
});

describePolicy({
  policy: podHasPriority,
  compliant: [deployment, ...workloads],
  breaks: [
    {
      path: `${POD}/priorityClassName`,
      value: undefined,
      says: /^1 of 9 workloads have no priority: Deployment web; set priorityClassName of their pods\.$/,
    },
  ],
  undecided: [`${POD}/priorityClassName`],
});

it("pod-has-priority says one line for a cluster, however many there are", () => {
  const many = ["a", "b", "c", "d", "e"].map((name) =>
    inShop("apps/v1:Deployment", name, { spec: { template: { spec: { containers: [] } } } }),
  );
  assert.deepEqual(say(podHasPriority, many), [
    "advisory: 5 of 5 workloads have no priority: Deployment a, Deployment b, Deployment c and 2 more; set priorityClassName of their pods.",
  ]);
});

describePolicy({
  policy: statefulSetKeepsClaims,
  compliant: [
    inShop("apps/v1:StatefulSet", "db", {
      spec: { volumeClaimTemplates: [{ metadata: { name: "data" } }], persistentVolumeClaimRetentionPolicy: {} },
    }),
  ],
  passes: [{ path: "db/spec/persistentVolumeClaimRetentionPolicy", value: undefined }],
  breaks: [
    {
      path: "db/spec/persistentVolumeClaimRetentionPolicy/whenScaled",
      value: "Delete",
      says: /^StatefulSet db deletes its volumes when it is scaled down; set spec\.persistentVolumeClaimRetentionPolicy\.whenScaled to "Retain"\.$/,
    },
    { path: "db/spec/persistentVolumeClaimRetentionPolicy/whenDeleted", value: "Delete", says: /when it is deleted/ },
  ],
  undecided: ["db/spec/persistentVolumeClaimRetentionPolicy"],
});

const job = inShop("batch/v1:Job", "migrate", {
  spec: { backoffLimit: 3, activeDeadlineSeconds: 600, ttlSecondsAfterFinished: 3600, template },
});
const cronJob = inShop("batch/v1:CronJob", "report", {
  spec: {
    concurrencyPolicy: "Forbid",
    startingDeadlineSeconds: 300,
    jobTemplate: { spec: { activeDeadlineSeconds: 600, template } },
  },
});

describePolicy({
  policy: jobIsBounded,
  compliant: [job, cronJob],
  breaks: [
    {
      path: "migrate/spec/activeDeadlineSeconds",
      value: undefined,
      says: /^Job migrate may run for ever; set spec\.activeDeadlineSeconds\.$/,
    },
    { path: "migrate/spec/ttlSecondsAfterFinished", value: undefined, says: /stays for ever when it has ended/ },
    {
      path: "migrate/spec/backoffLimit",
      value: 50,
      says: /tries 50 times, where 6 is the most; lower spec\.backoffLimit/,
    },
    {
      path: "report/spec/jobTemplate/spec/activeDeadlineSeconds",
      value: undefined,
      says: /^CronJob report may run for ever; set spec\.jobTemplate\.spec/,
    },
  ],
  undecided: ["migrate/spec/activeDeadlineSeconds"],
});

describePolicy({
  policy: cronJobIsBounded,
  compliant: [cronJob],
  breaks: [
    {
      path: "report/spec/concurrencyPolicy",
      value: undefined,
      says: /^CronJob report starts while its last run goes on; set spec\.concurrencyPolicy to "Forbid" or "Replace"\.$/,
    },
    { path: "report/spec/startingDeadlineSeconds", value: undefined, says: /has no starting deadline/ },
    {
      path: "report/spec/startingDeadlineSeconds",
      value: 5,
      says: /a starting deadline of 5 s; set spec\.startingDeadlineSeconds to 10 or more/,
    },
    {
      path: "report/spec/failedJobsHistoryLimit",
      value: 100,
      says: /keeps 100 ended jobs, where 10 is the most; lower spec\.failedJobsHistoryLimit/,
    },
  ],
  undecided: ["report/spec/concurrencyPolicy", "report/spec/startingDeadlineSeconds"],
});
