import assert from "node:assert/strict";
import fc from "fast-check";
import type { Thing } from "../../../../scripts/rehearsal/clouds/table.ts";
import {
  AUTOSCALER,
  autoscaler,
  cluster,
  CONFIG_MAP,
  DEPLOYMENT,
  deployment,
  LIMIT_RANGE,
  limits,
  object,
  podSpec,
  QUOTA,
  quota,
  SECRET,
  SERVICE,
  SERVICE_ACCOUNT,
  token,
} from "./objects.ts";

const fails = (messages: readonly string[], pattern: RegExp) => assert.match(messages.join("\n"), pattern);
const container = (rest: object) => deployment({}, podSpec({ ...rest }));
const sized = (cpu: string, memory: string, replicas = 1, name = "backend") =>
  deployment({ replicas }, podSpec({ resources: { requests: { cpu, memory }, limits: { cpu, memory } } }), name);

describe("objects in a simulated cluster", () => {
  it("need their namespace, and find the four that every cluster has", () => {
    const made = cluster();
    assert.deepEqual(made.refusals(DEPLOYMENT, deployment()), []);
    const elsewhere = { ...deployment(), metadata: { name: "backend", namespace: "nowhere" } };
    fails(made.refusals(DEPLOYMENT, elsewhere), /^metadata.namespace: namespaces "nowhere" not found/);
    assert.deepEqual(
      made.refusals(DEPLOYMENT, { ...deployment(), metadata: { name: "backend", namespace: "kube-system" } }),
      [],
    );
    assert.deepEqual(made.refusals(DEPLOYMENT, { ...deployment(), metadata: { name: "backend" } }), []);
  });

  it("are one of a name and kind in a namespace", () => {
    const made = cluster();
    made.create(DEPLOYMENT, deployment());
    fails(made.refusals(DEPLOYMENT, deployment()), /deployments.apps of that name already exists/);
    assert.deepEqual(
      made.refusals(DEPLOYMENT, { ...deployment(), metadata: { name: "backend", namespace: "default" } }),
      [],
    );
  });

  it("start only when what their pods need is there", () => {
    const made = cluster();
    const account = deployment({}, podSpec({}, { serviceAccountName: "backend" }));
    const variable = container({
      env: [{ name: "PGPASSWORD", valueFrom: { secretKeyRef: { name: "postgres", key: "password" } } }],
    });
    const settings = container({ envFrom: [{ configMapRef: { name: "settings" } }] });
    const volume = deployment({}, podSpec({}, { volumes: [{ name: "a", secret: { secretName: "postgres" } }] }));
    fails(
      made.refusals(DEPLOYMENT, account),
      /serviceAccountName: serviceaccount "backend" not found in namespace nexus: its pods would never start/,
    );
    fails(made.refusals(DEPLOYMENT, variable), /secretKeyRef.name: secret "postgres" not found/);
    fails(made.refusals(DEPLOYMENT, settings), /configMapRef.name: configmap "settings" not found/);
    fails(made.refusals(DEPLOYMENT, volume), /secretName: secret "postgres" not found/);
    made.create(SERVICE_ACCOUNT, object("ServiceAccount", "v1", {}, "backend"), "account");
    made.create(SECRET, object("Secret", "v1", { stringData: { user: "x" } }, "postgres"), "secret");
    made.create(CONFIG_MAP, object("ConfigMap", "v1", { data: { A: "b" } }, "settings"), "settings");
    for (const inputs of [account, settings, volume]) assert.deepEqual(made.refusals(DEPLOYMENT, inputs), []);
    fails(
      made.refusals(DEPLOYMENT, variable),
      /secretKeyRef.key: couldn't find key password in secret nexus\/postgres/,
    );
    const optional = container({ envFrom: [{ secretRef: { name: "nothing", optional: true } }] });
    assert.deepEqual(made.refusals(DEPLOYMENT, optional), []);
    assert.deepEqual(made.refusals(DEPLOYMENT, deployment({}, podSpec({}, { serviceAccountName: "default" }))), []);
  });

  it("run images only of ECR repositories that exist", () => {
    const made = cluster();
    const ecr = "111122223333.dkr.ecr.us-west-2.amazonaws.com/groundwork/api";
    const inputs = container({ image: `${ecr}:1.0@sha256:${"a".repeat(64)}` });
    fails(made.refusals(DEPLOYMENT, inputs), /containers\[0\].image: repository 111122223333/);
    const repository: Thing = {
      token: "aws:ecr/repository:Repository",
      id: "api",
      place: "aws/1/us-west-2",
      properties: { repositoryUrl: ecr },
      inputs: {},
      urn: "",
    };
    made.things.push(repository);
    assert.deepEqual(made.refusals(DEPLOYMENT, inputs), []);
  });

  it("keep what the API server lets nobody change", () => {
    const made = cluster();
    const STORAGE = token("storage.k8s.io/v1:StorageClass");
    const fast = {
      apiVersion: "storage.k8s.io/v1",
      kind: "StorageClass",
      metadata: { name: "fast" },
      provisioner: "ebs.csi.aws.com",
    };
    const old = made.create(STORAGE, { ...fast, reclaimPolicy: "Delete" });
    fails(made.refusals(STORAGE, { ...fast, reclaimPolicy: "Retain" }, "it", old), /reclaimPolicy: field is immutable/);
    assert.deepEqual(
      made.refusals(STORAGE, { ...fast, reclaimPolicy: "Delete", allowVolumeExpansion: true }, "it", old),
      [],
    );
  });

  it("take other data of an immutable ConfigMap, which the provider replaces", () => {
    const made = cluster();
    const sealed = object("ConfigMap", "v1", { immutable: true, data: { a: "1" } });
    const before = made.create(CONFIG_MAP, sealed);
    assert.deepEqual(made.refusals(CONFIG_MAP, { ...sealed, data: { a: "2" } }, "it", before), []);
    assert.ok(made.type(CONFIG_MAP).replaces?.includes("data"));
  });

  it("share no node port", () => {
    const made = cluster();
    const service = (name: string, nodePort: number) =>
      object("Service", "v1", { spec: { type: "NodePort", ports: [{ port: 80, nodePort }] } }, name);
    made.create(SERVICE, service("one", 30080), "one");
    fails(made.refusals(SERVICE, service("two", 30080)), /nodePort: provided port is already allocated by nexus\/one/);
    assert.deepEqual(made.refusals(SERVICE, service("two", 30081)), []);
  });

  it("scale something that is there and has requests to measure against", () => {
    const made = cluster();
    fails(made.refusals(AUTOSCALER, autoscaler()), /scaleTargetRef.name: Deployment "backend" not found/);
    made.create(DEPLOYMENT, deployment({ replicas: undefined }));
    assert.deepEqual(made.refusals(AUTOSCALER, autoscaler()), []);
    const bare = cluster();
    bare.create(DEPLOYMENT, container({ resources: {} }));
    fails(bare.refusals(AUTOSCALER, autoscaler()), /missing request for cpu in container backend/);
  });

  it("bind roles that exist", () => {
    const made = cluster();
    const BINDING = token("rbac.authorization.k8s.io/v1:RoleBinding");
    const binding = (kind: string, name: string) =>
      object("RoleBinding", "rbac.authorization.k8s.io/v1", {
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind, name },
        subjects: [],
      });
    fails(made.refusals(BINDING, binding("Role", "deployer")), /roleRef.name: Role "deployer" not found/);
    assert.deepEqual(made.refusals(BINDING, binding("ClusterRole", "view")), []);
    made.create(
      token("rbac.authorization.k8s.io/v1:Role"),
      object("Role", "rbac.authorization.k8s.io/v1", { rules: [] }, "deployer"),
    );
    assert.deepEqual(made.refusals(BINDING, binding("Role", "deployer")), []);
  });
});

describe("quotas and limit ranges of a simulated namespace", () => {
  it("refuse the workload that no longer fits, in the API server's words", () => {
    const made = cluster();
    made.create(QUOTA, quota({ "requests.cpu": "4", "requests.memory": "8Gi", pods: "10" }));
    made.create(DEPLOYMENT, sized("1", "1Gi", 3), "backend");
    fails(
      made.refusals(DEPLOYMENT, sized("1", "1Gi", 2, "frontend")),
      /spec: exceeded quota: quota, requested: requests.cpu=2, used: requests.cpu=3, limited: requests.cpu=4/,
    );
    assert.deepEqual(made.refusals(DEPLOYMENT, sized("1", "1Gi", 1, "frontend")), []);
    fails(made.refusals(DEPLOYMENT, sized("10m", "1Mi", 8, "frontend")), /pods=8, used: pods=3, limited: pods=10/);
    fails(
      made.refusals(DEPLOYMENT, sized("10m", "6Gi", 1, "frontend")),
      /requests.memory=6Gi, used: requests.memory=3Gi/,
    );
  });

  it("count a change instead of what it changes", () => {
    const made = cluster();
    made.create(QUOTA, quota({ "requests.cpu": "4" }));
    const old = made.create(DEPLOYMENT, sized("1", "1Gi", 3));
    assert.deepEqual(made.refusals(DEPLOYMENT, sized("1", "1Gi", 4), "it", old), []);
    fails(made.refusals(DEPLOYMENT, sized("1", "1Gi", 5), "it", old), /exceeded quota/);
  });

  it("count an autoscaler's minimum where the deployment leaves its replicas to it", () => {
    const made = cluster();
    made.create(QUOTA, quota({ "requests.cpu": "4" }));
    const scaled = sized("1", "1Gi");
    (scaled.spec as Record<string, unknown>).replicas = undefined;
    made.create(DEPLOYMENT, scaled);
    assert.deepEqual(made.refusals(AUTOSCALER, autoscaler({ minReplicas: 4 })), []);
    fails(
      made.refusals(AUTOSCALER, autoscaler({ minReplicas: 5 })),
      /exceeded quota: quota, requested: requests.cpu=4, used: requests.cpu=1/,
    );
    made.create(AUTOSCALER, autoscaler({ minReplicas: 3 }));
    fails(made.refusals(DEPLOYMENT, sized("1", "1Gi", 2, "frontend")), /used: requests.cpu=3/);
  });

  it("want requests and limits for what they count, unless a limit range gives them", () => {
    const made = cluster();
    made.create(QUOTA, quota({ "requests.cpu": "4", "limits.memory": "8Gi" }));
    const bare = container({ resources: {} });
    fails(made.refusals(DEPLOYMENT, bare), /failed quota: quota: must specify requests.cpu for: backend/);
    fails(
      made.refusals(DEPLOYMENT, container({ resources: { requests: { cpu: "1" } } })),
      /must specify limits.memory/,
    );
    made.create(
      LIMIT_RANGE,
      limits({ type: "Container", default: { cpu: "500m", memory: "512Mi" }, defaultRequest: { cpu: "100m" } }),
    );
    assert.deepEqual(made.refusals(DEPLOYMENT, bare), []);
  });

  it("hold each container and each pod inside the range", () => {
    const made = cluster();
    made.create(
      LIMIT_RANGE,
      limits(
        { type: "Container", min: { cpu: "100m" }, max: { cpu: "2", memory: "2Gi" } },
        { type: "Pod", max: { memory: "3Gi" } },
      ),
    );
    assert.deepEqual(made.refusals(DEPLOYMENT, sized("2", "2Gi")), []);
    fails(
      made.refusals(DEPLOYMENT, sized("3", "1Gi")),
      /container backend: maximum cpu usage per Container is 2, but limit is 3/,
    );
    fails(
      made.refusals(DEPLOYMENT, sized("50m", "1Gi")),
      /minimum cpu usage per Container is 100m, but request is 50m/,
    );
    const two = podSpec();
    two.containers = ["a", "b"].map((name) => ({
      name,
      image: "x",
      resources: { limits: { cpu: "1", memory: "2Gi" } },
    }));
    fails(made.refusals(DEPLOYMENT, deployment({}, two)), /maximum memory usage per Pod is 3Gi, but limit is 4Gi/);
  });

  it("count objects", () => {
    const made = cluster();
    made.create(QUOTA, quota({ services: "1", "count/deployments.apps": "1" }));
    const service = (name: string) => object("Service", "v1", { spec: { ports: [{ port: 80 }] } }, name);
    made.create(SERVICE, service("one"), "one");
    fails(made.refusals(SERVICE, service("two")), /requested: services=1, used: services=1, limited: services=1/);
    assert.deepEqual(made.refusals(DEPLOYMENT, deployment()), []);
  });

  it("never hold more than the quota, whatever is asked for in whatever order", () => {
    const wanted = fc.array(
      fc.record({ cpu: fc.integer({ min: 1, max: 2000 }), replicas: fc.integer({ min: 0, max: 5 }) }),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(wanted, fc.integer({ min: 0, max: 6000 }), (asked, limit) => {
        const made = cluster();
        made.create(QUOTA, quota({ "requests.cpu": `${limit}m` }));
        let held = 0;
        asked.forEach(({ cpu, replicas }, index) => {
          const inputs = sized(`${cpu}m`, "1Mi", replicas, `d${index}`);
          const fits = held + cpu * replicas <= limit;
          assert.equal(made.refusals(DEPLOYMENT, inputs, `d${index}`).length === 0, fits || cpu * replicas === 0);
          if (!fits && cpu * replicas > 0) return;
          made.create(DEPLOYMENT, inputs, `d${index}`);
          held += cpu * replicas;
        });
        assert.ok(held <= limit);
      }),
    );
  });
});

describe("outputs of a simulated cluster", () => {
  it("are those of the provider: ids, metadata, status, addresses", () => {
    const made = cluster();
    const { id, properties } = made.create(DEPLOYMENT, deployment());
    assert.equal(id, "nexus/backend");
    const metadata = properties.metadata as Record<string, unknown>;
    assert.match(String(metadata.uid), /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    assert.match(String(metadata.creationTimestamp), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    assert.equal(metadata.generation, 1);
    assert.equal((properties.status as Record<string, unknown>).availableReplicas, 3);
    assert.equal(made.things[0]?.id, "nexus");
    const balancer = made.create(
      SERVICE,
      object("Service", "v1", { spec: { type: "LoadBalancer", ports: [{ port: 443 }] } }),
    ).properties;
    const spec = balancer.spec as { clusterIP: string; ports: { nodePort: number }[] };
    assert.match(spec.clusterIP, /^10\.100\./);
    assert.ok((spec.ports[0]?.nodePort ?? 0) >= 30000);
    assert.match(JSON.stringify(balancer.status), /"hostname":"[^"]+\.elb\.us-west-2\.amazonaws\.com"/);
  });

  it("leave replicas at one until the autoscaler raises them", () => {
    const made = cluster();
    const inputs = deployment({ replicas: undefined });
    assert.equal((made.create(DEPLOYMENT, inputs).properties.status as Record<string, unknown>).replicas, 1);
    const status = made.create(AUTOSCALER, autoscaler()).properties.status as Record<string, unknown>;
    assert.equal(status.desiredReplicas, 3);
  });

  it("encode a secret's text and stay secret", () => {
    const made = cluster();
    const { properties } = made.create(
      SECRET,
      object("Secret", "v1", { stringData: { password: "a" }, data: { user: "YQ==" } }),
    );
    assert.deepEqual(properties.data, { password: "YQ==", user: "YQ==" });
    assert.equal(properties.type, "Opaque");
    assert.deepEqual(made.type(SECRET).secrets, ["data", "stringData"]);
  });

  it("stay the same through an update, but for the version and the generation", () => {
    const made = cluster();
    const old = made.create(DEPLOYMENT, deployment());
    const inputs = deployment({ replicas: 4 });
    const after = made.type(DEPLOYMENT).outputs?.({ ...made.ctx(DEPLOYMENT, "it", inputs, old), id: old.id });
    const [before, now] = [old.properties.metadata, after?.metadata] as Record<string, unknown>[];
    assert.equal(now?.uid, before?.uid);
    assert.equal(now?.creationTimestamp, before?.creationTimestamp);
    assert.equal(now?.generation, 2);
    assert.notEqual(now?.resourceVersion, before?.resourceVersion);
  });

  it("have an entry for any kind of the SDK, with the provider's own replacement rules", () => {
    const made = cluster();
    assert.equal(
      made.type(token("networking.k8s.io/v1:IngressClass")).id?.(made.ctx("", "x", { metadata: { name: "nginx" } })),
      "nginx",
    );
    assert.ok(made.type(token("coordination.k8s.io/v1:Lease")).replaces?.includes("metadata.name"));
    assert.ok(made.type(DEPLOYMENT).replaces?.includes("spec.selector"));
    assert.ok(made.type(token("core/v1:Secret")).replaces?.includes("stringData"));
    assert.throws(() => made.type("kubernetes:apps/v1:DeploymentPatch"), /no entry/);
  });
});
