import assert from "node:assert/strict";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import fc from "fast-check";
import { ContainerWorkload } from "../../../components/workload/container.ts";
import { KubernetesWorkload } from "../../../components/workload/deployment.ts";
import { replicaCount } from "../../../components/workload/forms.ts";
import { SwarmWorkload } from "../../../components/workload/service.ts";
import { SECRETS_FOLDER } from "../../../components/workload/spec.ts";
import type { Connection, Port, WorkloadSpec } from "../../../components/workload/spec.ts";
import type { Outputs, Registered } from "../../helpers/mocks.ts";
import { registered } from "../../helpers/mocks.ts";
import { revealed } from "../../helpers/secret.ts";

type Json = Readonly<Record<string, unknown>>;
type Table = Readonly<Record<string, string>>;

/** What a form shows of a workload to its surroundings. */
interface Face {
  readonly environment: Table;
  /** Contents by path. */
  readonly secretFiles: Table;
  readonly host: string;
  readonly labels: Table;
}

const TYPES: Outputs = {
  "docker:index/network:Network": () => ({}),
  "docker:index/container:Container": () => ({}),
  "docker:index/service:Service": () => ({}),
  "docker:index/secret:Secret": (_inputs, name) => ({ name }),
  "kubernetes:core/v1:ServiceAccount": () => ({}),
  "kubernetes:core/v1:Secret": (_inputs, name) => ({ metadata: { name } }),
  "kubernetes:core/v1:Service": () => ({}),
  "kubernetes:apps/v1:Deployment": () => ({}),
  "kubernetes:autoscaling/v2:HorizontalPodAutoscaler": () => ({}),
  "kubernetes:policy/v1:PodDisruptionBudget": () => ({}),
};
const NETWORKS = ["backend", "edge", "monitoring"];

/** A value as the provider is given it: without the marks of secrets, at any depth. */
function bare(value: unknown): unknown {
  const plain = revealed(value);
  if (Array.isArray(plain)) return plain.map(bare);
  if (typeof plain !== "object" || plain === null) return plain;
  return Object.fromEntries(Object.entries(plain).map(([key, member]) => [key, bare(member)]));
}

interface Case {
  readonly spec: WorkloadSpec;
  readonly connections: readonly Connection[];
}

async function inEachForm({ spec, connections }: Case) {
  const resources = await registered(() => {
    const networks = NETWORKS.map((name) => new docker.Network(name, { name }));
    const joined = networks.filter((_, index) => spec.networks?.includes(NETWORKS[index] ?? ""));
    const shared = { system: "demo", spec, connections, image: "app:1" };
    new ContainerWorkload("container", { ...shared, networks: joined });
    new SwarmWorkload("swarm", { ...shared, networks: joined });
    new KubernetesWorkload("kubernetes", { ...shared, namespace: "demo" }, {});
  }, TYPES);
  const all = (type: string) => resources.filter((resource) => resource.type.endsWith(type));
  return {
    container: all(":Container").map(({ inputs }) => bare(inputs) as Container),
    service: bare(all("docker:index/service:Service")[0]?.inputs) as Service,
    swarmSecrets: all("docker:index/secret:Secret"),
    deployment: bare(all(":Deployment")[0]?.inputs) as Deployment,
    kubernetesSecret: bare(all("core/v1:Secret")[0]?.inputs) as { stringData: Table } | undefined,
    kubernetesService: bare(all("core/v1:Service")[0]?.inputs) as KubernetesService | undefined,
  };
}

type Labels = readonly { readonly label: string; readonly value: string }[];
interface Container {
  envs: string[];
  uploads: { file: string; content: string }[];
  labels: Labels;
  networksAdvanced: { name: string; aliases: string[] }[];
  ports: { internal: number; external: number }[];
}
interface Service {
  labels: Labels;
  mode: { replicated: { replicas: number } };
  endpointSpec?: { ports: { targetPort: number; publishedPort: number }[] };
  taskSpec: {
    networksAdvanceds: { id: string; aliases: string[] }[];
    containerSpec: { env: Table; labels: Labels; secrets: { fileName: string; secretId: string }[] };
  };
}
interface Deployment {
  spec: {
    template: {
      metadata: { labels: Table };
      spec: {
        containers: {
          env: { name: string; value: string }[];
          ports: { name: string; containerPort: number }[];
          volumeMounts: { name: string; mountPath: string }[];
        }[];
      };
    };
  };
}
interface KubernetesService {
  metadata: { name: string };
  spec: { ports: { name: string; port: number }[] };
}

const table = (entries: readonly (readonly [string, string])[]): Table => Object.fromEntries(entries);
const labelTable = (labels: Labels): Table => table(labels.map(({ label, value }) => [label, value]));
const own = (labels: Table): Table =>
  table(Object.entries(labels).filter(([key]) => key.startsWith("groundwork.dev/")));
/** Every network has the same aliases; without a network there is no name. */
const aliasOf = (attachments: readonly { readonly aliases: string[] }[], none: string): string => {
  const aliases = new Set(attachments.flatMap((each) => each.aliases));
  assert.ok(aliases.size <= 1);
  return [...aliases][0] ?? none;
};

function faceOfContainer({ envs, uploads, labels, networksAdvanced }: Container, name: string): Face {
  return {
    environment: table(envs.map((each) => [each.slice(0, each.indexOf("=")), each.slice(each.indexOf("=") + 1)])),
    secretFiles: table(uploads.map(({ file, content }) => [file, content])),
    host: aliasOf(networksAdvanced, name),
    labels: labelTable(labels),
  };
}

function faceOfService({ taskSpec, labels }: Service, secrets: readonly Registered[], name: string): Face {
  const { env, labels: onContainers, secrets: references } = taskSpec.containerSpec;
  assert.deepEqual(labelTable(labels), labelTable(onContainers), "the service and its containers");
  const content = (secretId: string) => {
    const found = secrets.find((secret) => `${secret.name}-id` === secretId);
    return Buffer.from(String(revealed(found?.inputs["data"])), "base64").toString();
  };
  return {
    environment: env,
    secretFiles: table(
      references.map(({ fileName, secretId }) => [`${SECRETS_FOLDER}/${fileName}`, content(secretId)]),
    ),
    host: aliasOf(taskSpec.networksAdvanceds, name),
    labels: labelTable(labels),
  };
}

function faceOfDeployment(
  { spec: { template } }: Deployment,
  secret: { stringData: Table } | undefined,
  host: string,
): Face {
  const [container] = template.spec.containers;
  const folder = container?.volumeMounts.find(({ name }) => name === "secrets")?.mountPath;
  return {
    environment: table((container?.env ?? []).map(({ name, value }) => [name, value])),
    secretFiles: table(Object.entries(secret?.stringData ?? {}).map(([file, text]) => [`${folder}/${file}`, text])),
    host,
    labels: own(template.metadata.labels),
  };
}

const label = fc.stringMatching(/^[a-z]([a-z0-9-]{0,10}[a-z0-9])?$/);
const variable = fc.stringMatching(/^[A-Z][A-Z0-9_]{0,8}$/);
const value = fc.oneof(fc.string({ unit: "grapheme", maxLength: 20 }), fc.constantFrom("", "a=b", " ", "é\n"));
/** As programs give it: plain, or only known later. */
const input = value.map((text): pulumi.Input<string> => (text.length % 2 === 0 ? text : pulumi.output(text)));
const plain = fc.dictionary(variable, input, { maxKeys: 4 });
const secrets = fc.dictionary(
  variable.map((name) => `${name}_S`),
  value.filter((text) => text !== "").map((text) => pulumi.secret(text)),
  { maxKeys: 3 },
);
const replicas = fc.oneof(
  fc.integer({ min: 1, max: 4 }),
  fc.tuple(fc.integer({ min: 1, max: 4 }), fc.nat(6)).map(([min, more]) => ({ min, max: min + more, cpuPercent: 70 })),
);

const ports = fc
  .uniqueArray(fc.tuple(fc.integer({ min: 1, max: 65_535 }), fc.option(fc.integer({ min: 1, max: 65_535 }))), {
    selector: ([port]) => port,
    maxLength: 3,
  })
  .map((pairs) =>
    pairs.map(([containerPort, hostPort], index): Port => ({
      name: `p${index}`,
      containerPort,
      ...(hostPort === null ? {} : { hostPort }),
    })),
  );

const anyCase: fc.Arbitrary<Case> = fc
  .record({
    name: label,
    ports,
    environment: plain,
    secrets,
    replicas,
    networks: fc.subarray(NETWORKS),
    connections: fc.array(fc.record({ environment: plain, secrets }), { maxLength: 2 }),
    command: fc.option(fc.array(value, { minLength: 1, maxLength: 3 }), { nil: undefined }),
  })
  .map(({ connections, command, ...fields }) => ({
    connections,
    spec: {
      ...fields,
      ...(command === undefined ? {} : { command }),
      // several containers cannot share a port of their host, which the container form refuses
      ports: fields.ports.map(({ hostPort, ...port }) => {
        const alone = typeof fields.replicas === "number" ? fields.replicas === 1 : fields.replicas.min === 1;
        return alone && hostPort !== undefined ? { ...port, hostPort } : port;
      }),
      resources: { requests: { cpu: 0.5, memory: "64Mi" }, limits: { cpu: 1, memory: "128Mi" } },
      health: { path: "/health", port: 1, interval: 30, timeout: 5, retries: 3, startPeriod: 40 },
      needs: [],
    },
  }));

describe("one workload in three forms", () => {
  it("has the same variables, secret files, name and labels in each", async function () {
    this.timeout(60_000);
    await fc.assert(
      fc.asyncProperty(anyCase, async (each) => {
        const { name } = each.spec;
        const made = await inEachForm(each);
        const faces = [
          ...made.container.map((container) => faceOfContainer(container, name)),
          faceOfService(made.service, made.swarmSecrets, name),
          faceOfDeployment(made.deployment, made.kubernetesSecret, made.kubernetesService?.metadata.name ?? name),
        ];
        for (const face of faces) assert.deepEqual(face, faces[0]);
        assert.deepEqual(faces[0]?.labels, { "groundwork.dev/system": "demo", "groundwork.dev/part": name });
        assert.equal(faces[0].host, name);
      }),
      { numRuns: 60 },
    );
  });

  it("has the same openings in each: networks, ports, and ports of the host", async function () {
    this.timeout(60_000);
    await fc.assert(
      fc.asyncProperty(anyCase, async (each) => {
        const { container, service, deployment, kubernetesService } = await inEachForm(each);
        const [first] = container;
        assert.equal(container.length, replicaCount("it", each.spec));
        assert.equal(service.mode.replicated.replicas, container.length);
        const joined = service.taskSpec.networksAdvanceds.map(({ id }) => id);
        assert.deepEqual(
          first?.networksAdvanced.map(({ name }) => `${name}-id`),
          joined,
        );
        const published = (service.endpointSpec?.ports ?? []).map(({ targetPort, publishedPort }) => ({
          internal: targetPort,
          external: publishedPort,
        }));
        assert.deepEqual(first?.ports, published);
        const declared = each.spec.ports.map(({ name, containerPort }) => [name, containerPort]);
        const [pod] = deployment.spec.template.spec.containers;
        assert.deepEqual(
          pod?.ports.map(({ name, containerPort }) => [name, containerPort]),
          declared,
        );
        assert.deepEqual(
          (kubernetesService?.spec.ports ?? []).map(({ name, port }) => [name, port]),
          declared,
        );
      }),
      { numRuns: 60 },
    );
  });

  it("runs the same command behind the image's own entry point", async () => {
    const spec = fc.sample(anyCase, 1)[0]?.spec;
    assert.ok(spec);
    const made = await inEachForm({ spec: { ...spec, command: ["serve", "--fast"] }, connections: [] });
    const parts: Json[] = [
      made.service.taskSpec.containerSpec,
      made.deployment.spec.template.spec.containers[0] as unknown as Json,
    ];
    for (const part of parts)
      assert.deepEqual([part["args"], part["command"], part["commands"]], [["serve", "--fast"], undefined, undefined]);
    assert.deepEqual((made.container[0] as unknown as Json)["command"], ["serve", "--fast"]);
  });
});

describe("replicas of a workload", () => {
  const range = { min: 2, max: 5, cpuPercent: 70 };
  const spec = (replicas: WorkloadSpec["replicas"]) => ({ replicas }) as WorkloadSpec;

  it("are the fixed number, the minimum of the range, or what was decided within it", () => {
    assert.equal(replicaCount("it", spec(3)), 3);
    assert.equal(replicaCount("it", spec(range)), 2);
    assert.equal(replicaCount("it", spec(range), 4), 4);
  });

  it("outside of the range are refused with what to write", () => {
    assert.throws(
      () => replicaCount("demo-api", spec(range), 6),
      /demo-api: replicas is 6; write a whole number from 2 to 5/,
    );
    assert.throws(() => replicaCount("demo-api", spec(range), 2.5), /replicas is 2.5/);
    assert.throws(() => replicaCount("demo-api", spec(3), 1), /replicas is 1; write 3/);
  });
});
