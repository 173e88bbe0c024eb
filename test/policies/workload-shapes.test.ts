import fc from "fast-check";
import { docker as reliableDocker } from "../../policies/reliability/docker/index.ts";
import { kubernetes as reliableKubernetes } from "../../policies/reliability/kubernetes/index.ts";
import { docker as secureDocker } from "../../policies/security/docker/index.ts";
import { kubernetes as secureKubernetes } from "../../policies/security/kubernetes/index.ts";
import { dockerContainer, dockerService } from "./docker-fixtures.ts";
import { run, UNKNOWN } from "./harness.ts";
import type { Fake } from "./harness.ts";
import { deployment, inShop, namespace, workloads } from "./kubernetes-fixtures.ts";

const POLICIES = [...secureKubernetes, ...secureDocker, ...reliableKubernetes, ...reliableDocker];

/** Everything that these policies look at, as it is written right. */
const RIGHT: readonly Fake[] = [
  dockerContainer,
  dockerService,
  { type: "docker:index/network:Network", name: "net", props: { driver: "overlay", options: { encrypted: "" } } },
  {
    type: "docker:index/remoteImage:RemoteImage",
    name: "remote",
    props: { name: "nginx:1", build: { buildArgs: {} } },
  },
  { type: "docker:index/volume:Volume", name: "volume", props: { driverOpts: { o: "bind", device: "/srv" } } },
  { type: "docker:index/serviceConfig:ServiceConfig", name: "config", props: { data: "YQ==" } },
  { type: "docker-build:index:Image", name: "image", props: { buildArgs: { A: "1" } } },
  namespace,
  deployment,
  ...workloads,
  inShop("core/v1:Service", "service", { spec: { type: "ClusterIP", selector: { app: "web" }, externalIPs: [] } }),
  inShop("core/v1:ServiceAccount", "account", { automountServiceAccountToken: false }),
  inShop("core/v1:ConfigMap", "map", { data: { a: "b" } }),
  inShop("rbac.authorization.k8s.io/v1:Role", "role", {
    rules: [{ apiGroups: [""], resources: ["pods"], verbs: ["get"] }],
  }),
  inShop("rbac.authorization.k8s.io/v1:RoleBinding", "binding", { roleRef: { name: "a" }, subjects: [{ name: "b" }] }),
  inShop("networking.k8s.io/v1:NetworkPolicy", "deny", {
    spec: { podSelector: {}, policyTypes: ["Ingress"], ingress: [{}] },
  }),
  inShop("networking.k8s.io/v1:Ingress", "ingress", { spec: { tls: [] } }),
  inShop("gateway.networking.k8s.io/v1:Gateway", "gateway", { spec: { listeners: [{ protocol: "HTTP", port: 80 }] } }),
  inShop("policy/v1:PodDisruptionBudget", "budget", { spec: { selector: { matchLabels: { app: "web" } } } }),
  inShop("autoscaling/v2:HorizontalPodAutoscaler", "scaler", {
    spec: {
      minReplicas: 1,
      scaleTargetRef: { kind: "Deployment", name: "web" },
      metrics: [{ resource: { name: "cpu" } }],
    },
  }),
  inShop("keda.sh/v1alpha1:ScaledObject", "queue", { spec: { scaleTargetRef: { name: "data", kind: "StatefulSet" } } }),
];

const WRONG = fc.constantFrom<unknown>(
  ...[
    null,
    UNKNOWN,
    true,
    -1,
    "",
    "text",
    "a=b",
    [],
    [null],
    [UNKNOWN],
    ["text"],
    [[]],
    {},
    { constructor: 1 },
    { name: UNKNOWN },
  ],
);

/** The same value with a few of its parts replaced, at any depth. */
function bent(value: unknown): fc.Arbitrary<unknown> {
  const kept = inner(value);
  return fc.oneof({ arbitrary: kept, weight: 12 }, { arbitrary: WRONG, weight: 1 });
}

function inner(value: unknown): fc.Arbitrary<unknown> {
  if (Array.isArray(value)) return fc.tuple(...value.map(bent));
  if (typeof value !== "object" || value === null) return fc.constant(value);
  return fc.record(Object.fromEntries(Object.entries(value).map(([key, part]) => [key, bent(part)])));
}

describe("policies on workloads", () => {
  it("never fail on values of the wrong shape, wherever they are", () => {
    const program = fc.tuple(...RIGHT.map(({ props }) => inner(props)));
    fc.assert(
      fc.property(program, (all) => {
        const resources = all.map((props, index) => ({ ...(RIGHT[index] as Fake), props: props as Fake["props"] }));
        run(POLICIES, resources);
      }),
      { numRuns: 60 },
    );
  });
});
