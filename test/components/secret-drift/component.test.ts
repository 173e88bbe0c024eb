import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import * as aws from "@pulumi/aws";
import * as docker from "@pulumi/docker";
import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { parse } from "yaml";
import { parseMapping } from "../../../components/secret-drift/checker/mapping.ts";
import { DockerSecretDriftChecker } from "../../../components/secret-drift/docker.ts";
import { KubernetesSecretDriftChecker } from "../../../components/secret-drift/kubernetes.ts";
import type { KubernetesSecretDriftCheckerArgs } from "../../../components/secret-drift/kubernetes.ts";
import { awsStatements, secretRules } from "../../../components/secret-drift/rights.ts";
import type { DriftMapping } from "../../../components/secret-drift/spec.ts";
import { mappingText } from "../../../components/secret-drift/spec.ts";
import type { Registered } from "../../helpers/mocks.ts";
import { registered } from "../../helpers/mocks.ts";
import { isSecret, revealed } from "../../helpers/secret.ts";

const CANARY = "canary-of-the-token";
const ACCOUNT = { accountId: "123456789012", keys: ["arn:aws:kms:us-west-2:123456789012:key/k"] };

const MAPPING: DriftMapping = {
  source: { store: "parameters", scope: "us-west-2:/shop/prod/" },
  stores: {
    parameters: { kind: "aws-ssm" },
    secrets: { kind: "aws-secrets-manager" },
    cluster: { kind: "kubernetes" },
    code: { kind: "github" },
  },
  secrets: {
    database: {
      property: "/shop/prod/database",
      places: [
        { store: "cluster", scope: "shop", name: pulumi.interpolate`api-secrets#pgpassword` },
        { store: "cluster", scope: "billing", name: "worker#pgpassword" },
        { store: "secrets", scope: "us-east-1", name: "shop/database" },
        { store: "code", scope: "repo:acme/shop", name: "DATABASE" },
      ],
    },
  },
};
const HEALING: DriftMapping = { ...MAPPING, healing: { mode: "apply" } };

const value = <T>(output: pulumi.Input<T>): Promise<unknown> =>
  new Promise((resolve) => void pulumi.output(output).apply(resolve));

describe("the rights of the secret-drift checker", () => {
  const statements = async (mapping: DriftMapping) =>
    (await value(awsStatements(mapping, ACCOUNT))) as { Sid: string; Action: string[]; Resource: unknown }[];

  it("are to read what the mapping names, each by its name, and to write nothing", async () => {
    assert.deepEqual(
      (await statements(MAPPING)).map(({ Sid, Action, Resource }) => [Sid, Action, Resource]),
      [
        ["ListSecrets", ["secretsmanager:ListSecrets", "secretsmanager:BatchGetSecretValue"], "*"],
        [
          "CompareSecrets",
          ["secretsmanager:GetSecretValue"],
          ["arn:aws:secretsmanager:us-east-1:123456789012:secret:shop/database-??????"],
        ],
        ["KeysSecrets", ["kms:Decrypt"], ACCOUNT.keys],
        ["ListParameters", ["ssm:DescribeParameters"], "*"],
        [
          "CompareParameters",
          ["ssm:GetParameters"],
          ["groundwork-fingerprint-key", "groundwork-records", "database"].map(
            (name) => `arn:aws:ssm:us-west-2:123456789012:parameter/shop/prod/${name}`,
          ),
        ],
        ["KeysParameters", ["kms:Decrypt"], ACCOUNT.keys],
      ],
    );
    assert.deepEqual(secretRules(MAPPING), [{ apiGroups: [""], resources: ["secrets"], verbs: ["list"] }]);
  });

  it("are to write beside that only where it heals by itself", async () => {
    const written = (await statements(HEALING)).filter(({ Sid }) => Sid.startsWith("Heal"));
    assert.deepEqual(
      written.map(({ Action, Resource }) => [Action, Resource]),
      [
        [
          ["secretsmanager:PutSecretValue", "secretsmanager:CreateSecret", "secretsmanager:DescribeSecret"],
          ["arn:aws:secretsmanager:us-east-1:123456789012:secret:shop/database-??????"],
        ],
        [
          ["ssm:PutParameter"],
          ["groundwork-records", "groundwork-overwritten-*"].map(
            (name) => `arn:aws:ssm:us-west-2:123456789012:parameter/shop/prod/${name}`,
          ),
        ],
      ],
    );
    assert.deepEqual(secretRules(HEALING)[0]?.verbs, ["list", "get", "create", "patch"]);
  });

  it("reach all of a scope where it is managed, and no AWS where the mapping has none", async () => {
    const managed = { ...MAPPING, managed: [{ store: "secrets", scope: "us-east-1:shop/" }] };
    const [, compare] = await statements(managed);
    assert.ok((compare?.Resource as string[]).includes("arn:aws:secretsmanager:us-east-1:123456789012:secret:shop/*"));
    const { parameters: _, secrets: __, ...stores } = MAPPING.stores;
    const local = { ...MAPPING, stores: { ...stores, parameters: { kind: "file" }, secrets: { kind: "file" } } };
    assert.deepEqual(await statements(local), []);
  });
});

describe("the mapping that the component writes", () => {
  it("is one that the checker takes", async () => {
    const text = String(await value(mappingText(MAPPING)));
    const { source, secrets } = parseMapping(text, "secrets.yaml");
    assert.equal(source.scope, "us-west-2:/shop/prod/");
    assert.deepEqual(
      secrets[0]?.places.map(({ name }) => name),
      ["api-secrets#pgpassword", "worker#pgpassword", "shop/database", "DATABASE"],
    );
  });
});

const KUBERNETES = {
  "aws:iam/role:Role": (_inputs: object, name: string) => ({ arn: `arn:aws:iam::123456789012:role/${name}`, name }),
  "aws:iam/rolePolicy:RolePolicy": () => ({}),
  "aws:eks/podIdentityAssociation:PodIdentityAssociation": () => ({}),
  ...Object.fromEntries(
    [
      ...["core/v1:Namespace", "core/v1:ResourceQuota", "core/v1:LimitRange", "core/v1:ServiceAccount"],
      ...["core/v1:ConfigMap", "core/v1:Secret", "core/v1:PersistentVolumeClaim", "core/v1:Service"],
      ...["networking.k8s.io/v1:NetworkPolicy", "apps/v1:Deployment", "batch/v1:CronJob"],
      ...["rbac.authorization.k8s.io/v1:Role", "rbac.authorization.k8s.io/v1:RoleBinding"],
      "monitoring.coreos.com/v1:ServiceMonitor",
    ].map((type) => [
      `kubernetes:${type}`,
      (inputs: Record<string, unknown>, name: string) => ({ metadata: { name, ...(inputs["metadata"] as object) } }),
    ]),
  ),
};

const onKubernetes = (args: Partial<KubernetesSecretDriftCheckerArgs> = {}) =>
  registered(() => {
    const providers = [
      new aws.Provider("west", { region: "us-west-2" }),
      new kubernetes.Provider("west-kubernetes", { kubeconfig: "{}" }),
    ];
    new KubernetesSecretDriftChecker(
      "west-secret-drift",
      {
        system: "platform",
        mapping: MAPPING,
        credentials: { GITHUB_TOKEN: CANARY },
        image: "registry.example/secret-drift@sha256:1",
        clusterName: "prod-west",
        aws: ACCOUNT,
        monitored: true,
        protect: true,
        ...args,
      },
      { providers },
    );
  }, KUBERNETES);

const of = (resources: readonly Registered[], type: string) =>
  resources.filter((each) => each.type.endsWith(`:${type}`) && !each.type.startsWith("aws:"));
const spec = (resource: Registered | undefined) => resource?.inputs["spec"] as Record<string, unknown>;

interface Pod {
  automountServiceAccountToken: boolean;
  securityContext: Record<string, unknown>;
  containers: [Record<string, unknown> & { env: { name: string; value: string }[] }];
  volumes: { name: string; projected?: { sources: object[] }; secret?: object }[];
}
const podOf = (resource: Registered | undefined): Pod => (spec(resource)["template"] as { spec: Pod }).spec;

describe("the secret-drift checker on Kubernetes", () => {
  it("is one hardened pod with its history on a volume that has one writer", async () => {
    const resources = await onKubernetes();
    const [deployment] = of(resources, "Deployment");
    assert.deepEqual([spec(deployment)["replicas"], spec(deployment)["strategy"]], [1, { type: "Recreate" }]);
    const pod = podOf(deployment);
    const [container] = pod.containers;
    assert.deepEqual(container["securityContext"], {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      runAsNonRoot: true,
      capabilities: { drop: ["ALL"] },
    });
    assert.equal(pod.securityContext["runAsUser"], 1000);
    assert.deepEqual(container["args"], [
      ...["node", "main.ts", "monitor", "--mapping", "/etc/secret-drift/mapping.yaml"],
      ...["--history", "/var/lib/secret-drift/history.db", "--port", "9464"],
    ]);
    assert.deepEqual(container["livenessProbe"], {
      httpGet: { path: "/healthz", port: 9464 },
      periodSeconds: 30,
      timeoutSeconds: 5,
      failureThreshold: 3,
    });
    assert.equal(of(resources, "PersistentVolumeClaim").length, 1);
  });

  it("has a token of its own for an hour, and is bound to a role in the namespaces of the mapping alone", async () => {
    const resources = await onKubernetes();
    const pod = podOf(of(resources, "Deployment")[0]);
    assert.equal(pod.automountServiceAccountToken, false);
    const token = pod.volumes.find(({ name }) => name === "token")?.projected?.sources[0];
    assert.deepEqual(token, { serviceAccountToken: { path: "token", expirationSeconds: 3600 } });
    const where = (type: string) =>
      of(resources, type).map(({ inputs }) => (inputs["metadata"] as { namespace: string }).namespace);
    assert.deepEqual(where("Role"), ["billing", "shop"]);
    assert.deepEqual(where("RoleBinding"), ["billing", "shop"]);
    assert.equal(resources.filter(({ type }) => type.includes("ClusterRole")).length, 0);
  });

  it("can have its mapping changed, which brings a new pod", async () => {
    const resources = await onKubernetes();
    const [mapping] = of(resources, "ConfigMap");
    assert.equal(mapping?.inputs["immutable"], undefined);
    const { template } = of(resources, "Deployment")[0]?.inputs["spec"] as {
      template: { metadata: { annotations: Record<string, string> } };
    };
    const text = (mapping?.inputs["data"] as Record<string, string>)["mapping.yaml"] ?? "";
    const digest = createHash("sha256").update(text).digest("hex");
    assert.equal(template.metadata.annotations["checksum/mapping"], digest);
  });

  it("gets its tokens as files, and the engine knows that they are secrets", async () => {
    const resources = await onKubernetes();
    const [secret] = of(resources, "Secret");
    assert.ok(
      isSecret(secret?.inputs["stringData"]) || isSecret((secret?.inputs["stringData"] as never)["github_token"]),
    );
    const [container] = podOf(of(resources, "Deployment")[0]).containers;
    assert.deepEqual(container.env, [
      { name: "MAPPING", value: "/etc/secret-drift/mapping.yaml" },
      { name: "GITHUB_TOKEN_FILE", value: "/run/secrets/github_token" },
    ]);
    const others = resources.filter(({ type }) => !type.endsWith(":Secret"));
    assert.doesNotMatch(JSON.stringify(others), new RegExp(CANARY));
  });

  it("reaches DNS and HTTPS, is reached by Prometheus, and nothing else flows", async () => {
    const policies = of(await onKubernetes(), "NetworkPolicy");
    assert.deepEqual(
      policies.map(({ inputs }) => (inputs["metadata"] as { name: string }).name),
      ["default-deny", "dns", "secret-drift-flows"],
    );
    const own = spec(policies[2]) as { ingress: { ports: object[] }[]; egress: { ports: { port: number }[] }[] };
    assert.deepEqual(own.ingress[0]?.ports, [{ protocol: "TCP", port: 9464 }]);
    assert.deepEqual(
      own.egress.flatMap(({ ports }) => ports.map(({ port }) => port)),
      [443, 80],
    );
  });

  it("is asked for metrics as the alert rules know it, and not where no Prometheus is", async () => {
    const [monitor] = of(await onKubernetes(), "ServiceMonitor");
    const [{ relabelings }] = spec(monitor)["endpoints"] as [{ relabelings: object[] }];
    assert.deepEqual(relabelings, [
      { targetLabel: "job", replacement: "secret-drift" },
      { targetLabel: "system", replacement: "platform" },
      { targetLabel: "part", replacement: "secret-drift" },
    ]);
    const without = await onKubernetes({ monitored: false });
    assert.deepEqual(of(without, "ServiceMonitor"), []);
    assert.equal(spec(of(without, "NetworkPolicy")[2])["ingress"], undefined);
  });

  it("fits the quota of its namespace, also while one pod takes the place of another", async () => {
    const resources = await onKubernetes();
    assert.deepEqual(spec(of(resources, "ResourceQuota")[0])["hard"], {
      pods: "2",
      "requests.cpu": "100m",
      "requests.memory": "384Mi",
      "limits.cpu": "1",
      "limits.memory": "768Mi",
      "services.nodeports": "0",
      "services.loadbalancers": "0",
      persistentvolumeclaims: "2",
    });
  });

  it("can be a job that comes and goes, one at a time, and fails while anything differs", async () => {
    const resources = await onKubernetes({ runs: "cronJob", schedule: "*/15 * * * *" });
    for (const type of ["Deployment", "Service", "ServiceMonitor"]) assert.deepEqual(of(resources, type), []);
    const job = spec(of(resources, "CronJob")[0]);
    assert.deepEqual([job["schedule"], job["concurrencyPolicy"]], ["*/15 * * * *", "Forbid"]);
    const inner = (job["jobTemplate"] as { spec: { template: { spec: Pod & { restartPolicy: string } } } }).spec;
    assert.equal(inner.template.spec.restartPolicy, "Never");
    const [container] = inner.template.spec.containers;
    assert.deepEqual((container["args"] as string[]).slice(0, 3), ["node", "main.ts", "check"]);
    assert.equal(container["livenessProbe"], undefined);
  });
});

const DOCKER = {
  "docker:index/network:Network": () => ({}),
  "docker:index/volume:Volume": () => ({}),
  "docker:index/container:Container": () => ({}),
  "docker:index/service:Service": () => ({}),
  "docker:index/secret:Secret": (_inputs: object, name: string) => ({ name: `${name}-1a2b3c4` }),
  "docker:index/serviceConfig:ServiceConfig": (_inputs: object, name: string) => ({ name: `${name}-1a2b3c4` }),
};

const onDocker = (runs: "container" | "service", mapping = MAPPING) =>
  registered(() => {
    new DockerSecretDriftChecker("shop-secret-drift", {
      system: "shop",
      runs,
      mapping,
      credentials: { GITHUB_TOKEN: CANARY },
      image: "sha256:1",
      networks: [new docker.Network("monitoring", {})],
      protect: true,
    });
  }, DOCKER);

const FILES: DriftMapping = {
  source: { store: "local", scope: "/var/lib/secret-drift/secrets.age" },
  stores: { local: { kind: "file", identityFile: "/var/lib/secret-drift/identity.txt" } },
  secrets: {},
};

describe("the secret-drift checker on Docker", () => {
  it("is a hardened container with limits, its history in a volume and its token in a file", async () => {
    const resources = await onDocker("container");
    const [container] = of(resources, "Container");
    const inputs = container?.inputs as Record<string, unknown>;
    assert.deepEqual(
      [inputs["user"], inputs["capabilities"], inputs["securityOpts"], inputs["memory"], inputs["cpus"]],
      ["1000:1000", { drops: ["ALL"] }, ["no-new-privileges:true"], 384, "0.5"],
    );
    assert.deepEqual(inputs["volumes"], [
      { containerPath: "/var/lib/secret-drift", volumeName: "shop-secret-drift-history" },
    ]);
    assert.deepEqual(inputs["envs"], [
      "GITHUB_TOKEN_FILE=/run/secrets/github_token",
      "MAPPING=/etc/secret-drift/mapping.yaml",
    ]);
    const uploads = revealed(inputs["uploads"]) as { file: string; content: string; permissions: string }[];
    assert.deepEqual(
      uploads.map(({ file, permissions }) => [file, permissions]),
      [
        ["/run/secrets/github_token", "0400"],
        ["/etc/secret-drift/mapping.yaml", "0444"],
      ],
    );
    assert.deepEqual(inputs["ports"], undefined, "the page has no log-in");
  });

  it("makes the encrypted files of its mapping at the first start", async () => {
    const [container] = of(await onDocker("container", FILES), "Container");
    const [shell, flag, line = ""] = container?.inputs["command"] as string[];
    assert.deepEqual([shell, flag], ["sh", "-c"]);
    assert.match(line, /^node main\.ts init --mapping \S+ --history \S+ && exec node main\.ts monitor .* --port 9464$/);
    const [other] = of(await onDocker("container"), "Container");
    assert.deepEqual((other?.inputs["command"] as string[]).slice(0, 3), ["node", "main.ts", "monitor"]);
  });

  it("is a service of a Swarm with a read-only root, one replica, mapping as config and token as secret", async () => {
    const resources = await onDocker("service");
    const [service] = of(resources, "Service");
    const { containerSpec } = service?.inputs["taskSpec"] as { containerSpec: Record<string, unknown> };
    assert.deepEqual(
      [containerSpec["readOnly"], containerSpec["user"], containerSpec["capDrops"]],
      [true, "1000:1000", ["ALL"]],
    );
    assert.deepEqual(service?.inputs["mode"], { replicated: { replicas: 1 } });
    const [config] = of(resources, "ServiceConfig");
    const written = Buffer.from(String(config?.inputs["data"]), "base64").toString("utf8");
    assert.deepEqual((parse(written) as DriftMapping).source, MAPPING.source);
    assert.equal(of(resources, "Secret").length, 1);
    assert.equal((service?.inputs["updateConfig"] as { order: string }).order, "stop-first");
  });
});
