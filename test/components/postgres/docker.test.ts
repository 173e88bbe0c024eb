import assert from "node:assert/strict";
import * as docker from "@pulumi/docker";
import { formatCpu, parseCpu, parseMemory, toMebibytes } from "@groundwork/lib/quantity";
import { parse } from "yaml";
import { DockerPostgresCluster } from "../../../components/postgres/cluster.ts";
import { DockerPostgres } from "../../../components/postgres/docker.ts";
import { postgresContainers } from "../../../components/postgres/sizes.ts";
import type { Postgres, PostgresSpec } from "../../../components/postgres/spec.ts";
import { postgresConnection } from "../../../components/postgres/spec.ts";
import { assertBadInput } from "../../helpers/bad-input.ts";
import type { Hidden } from "../../helpers/leaks.ts";
import { leaksOf } from "../../helpers/leaks.ts";
import type { Registered } from "../../helpers/mocks.ts";
import { registered } from "../../helpers/mocks.ts";
import { isSecret, revealed } from "../../helpers/secret.ts";

const SPEC: PostgresSpec = { database: "flowx", size: { cpu: 1, memory: "1Gi" } };
const POOLER = { mode: "transaction", poolSize: 40, maxClients: 500 } as const;
const CLUSTER: PostgresSpec = { ...SPEC, replicas: 2, synchronous: true, pooler: POOLER, maxConnections: 200 };

interface Upload {
  readonly file: string;
  readonly content: string;
  readonly owner?: string;
  readonly permissions: string;
}

interface Container {
  readonly name: string;
  readonly user: string;
  readonly cpus: string;
  readonly memory: number;
  readonly command?: string[];
  readonly envs: string[];
  readonly networksAdvanced: { readonly name: string }[];
  readonly uploads: readonly Upload[];
  readonly volumes: { readonly containerPath: string }[];
}

type Form = typeof DockerPostgres | typeof DockerPostgresCluster;

async function deployed(spec: PostgresSpec, Component: Form) {
  let made: Postgres | undefined;
  const hidden: Hidden[] = [];
  const resources = await registered(
    () => {
      const network = new docker.Network("backend", { name: "backend" });
      made = new Component("flowx-postgres", { system: "flowx", spec, networks: [network], protect: true });
    },
    {
      "docker:index/network:Network": () => ({}),
      "docker:index/volume:Volume": () => ({}),
      "docker:index/remoteImage:RemoteImage": (_inputs, name) => ({ imageId: `sha256:${name}` }),
      "docker:index/container:Container": () => ({}),
      "random:index/randomPassword:RandomPassword": (_inputs, name) => {
        hidden.push({ name, value: `canary-${name}` });
        return { result: `canary-${name}` };
      },
    },
  );
  assert.ok(made);
  return { made, resources, hidden, containers: resources.filter(isContainer).map(containerOf) };
}

const isContainer = ({ type }: Registered) => type === "docker:index/container:Container";

function containerOf({ inputs }: Registered): Container {
  const { uploads, ...plain } = inputs as unknown as Container;
  return { ...plain, uploads: revealed(uploads) as readonly Upload[] };
}

const named = (containers: readonly Container[], name: string): Container => {
  const found = containers.find((container) => container.name === name);
  assert.ok(found, `${name} among ${containers.map((each) => each.name).join(", ")}`);
  return found;
};

const uploaded = (container: Container, file: string): Upload => {
  const found = container.uploads.find((upload) => upload.file === file);
  assert.ok(found, `${file} in ${container.name}`);
  return found;
};

const forms: [string, PostgresSpec, Form][] = [
  ["one server", SPEC, DockerPostgres],
  ["one server with a pooler", { ...SPEC, pooler: POOLER }, DockerPostgres],
  ["a cluster", CLUSTER, DockerPostgresCluster],
];

for (const [what, spec, form] of forms) {
  describe(`PostgreSQL on Docker as ${what}`, () => {
    let all: Awaited<ReturnType<typeof deployed>>;
    before(async () => {
      all = await deployed(spec, form);
    });

    it("uses what it says that it uses", () => {
      const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
      const said = postgresContainers(spec);
      assert.equal(all.containers.length, said.length);
      assert.equal(
        formatCpu(sum(all.containers.map(({ cpus }) => Number(cpus)))),
        formatCpu(sum(said.map(({ cpu }) => parseCpu(cpu)))),
      );
      assert.equal(
        sum(all.containers.map(({ memory }) => memory)),
        sum(said.map(({ memory }) => toMebibytes(parseMemory(memory)))),
      );
    });

    it("runs nothing as root", () => {
      for (const { user, name } of all.containers) assert.match(user, /^[1-9]\d*:[1-9]\d*$/, name);
    });

    it("has every password in files that only its process can read, and nowhere else", () => {
      assert.ok(all.hidden.length >= 2);
      const texts: Record<string, string> = {};
      for (const { name, envs, command, uploads } of all.containers) {
        texts[`${name}: arguments and environment`] = JSON.stringify([envs, command]);
        for (const { file, content, permissions } of uploads) {
          if (file.startsWith("/run/secrets/")) assert.equal(permissions, "0400", file);
          else texts[`${name}: ${file}`] = content;
        }
      }
      assert.deepEqual(leaksOf(all.hidden, { folders: [], texts }), []);
      for (const { name, inputs } of all.resources.filter(isContainer))
        if (JSON.stringify(inputs).includes("canary-")) assert.ok(isSecret(inputs["uploads"]), name);
    });

    it("keeps its data in volumes", () => {
      const volumes = all.resources.filter(({ type }) => type === "docker:index/volume:Volume");
      const mounted = all.containers.flatMap((container) => container.volumes);
      assert.equal(mounted.length, volumes.length);
    });

    it("exports metrics from a container of its own", () => {
      assert.equal(all.made.metrics?.port, 9187);
      const exporter = named(all.containers, "flowx-postgres-exporter");
      assert.ok(exporter.envs.includes("DATA_SOURCE_URI=flowx-postgres:5432/flowx?sslmode=disable"));
      assert.ok(exporter.envs.includes("DATA_SOURCE_USER=groundwork_metrics"));
      assert.ok(exporter.envs.includes("DATA_SOURCE_PASS_FILE=/run/secrets/metrics_password"));
    });
  });
}

describe("a cluster of PostgreSQL on Docker", () => {
  it("lets clients reach the proxy, the pooler and the exporter only", async () => {
    const { containers } = await deployed(CLUSTER, DockerPostgresCluster);
    const open = containers.filter(({ networksAdvanced }) => networksAdvanced.some(({ name }) => name === "backend"));
    assert.deepEqual(open.map(({ name }) => name).sort(), [
      "flowx-postgres",
      "flowx-postgres-exporter",
      "flowx-postgres-pooler",
    ]);
  });

  it("gives clients the pooler for writes and a port of its own for reads", async () => {
    const { made } = await deployed(CLUSTER, DockerPostgresCluster);
    const { environment } = postgresConnection(made);
    assert.equal(environment["PGPORT"], "6432");
    assert.equal(environment["PGPORT_READER"], "5433");
    assert.equal(made.pooled?.mode, "transaction");
  });

  it("configures each member for itself and all for one cluster", async () => {
    const { containers } = await deployed(CLUSTER, DockerPostgresCluster);
    for (const name of ["flowx-postgres-1", "flowx-postgres-2", "flowx-postgres-3"]) {
      const yaml = parse(uploaded(named(containers, name), "/run/secrets/patroni.yml").content) as {
        readonly scope: string;
        readonly name: string;
        readonly etcd3: { readonly hosts: string[] };
        readonly bootstrap: { readonly dcs: { synchronous_mode: boolean; postgresql: { parameters: object } } };
        readonly postgresql: { readonly connect_address: string; readonly parameters: object };
      };
      assert.equal(yaml.scope, "flowx-postgres");
      assert.equal(yaml.name, name);
      assert.equal(yaml.postgresql.connect_address, `${name}:5432`);
      assert.equal(yaml.etcd3.hosts.length, 3);
      assert.equal(yaml.bootstrap.dcs.synchronous_mode, true);
      // what must be the same everywhere is not in a member's own part, where Patroni ignores it
      assert.equal(Reflect.get(yaml.bootstrap.dcs.postgresql.parameters, "max_connections"), "200");
      assert.equal(Reflect.get(yaml.postgresql.parameters, "max_connections"), undefined);
      assert.equal(Reflect.get(yaml.postgresql.parameters, "shared_buffers"), "256MB");
    }
  });
});

describe("a PostgreSQL that cannot be", () => {
  const refused = (spec: Partial<PostgresSpec>, form: Form, ...parts: string[]) =>
    assertBadInput(() => deployed({ ...SPEC, ...spec }, form), "flowx-postgres", ...parts);

  it("is refused for its database's name", async () => {
    await refused({ database: "Flow-X" }, DockerPostgres, 'database is "Flow-X"');
    await refused({ database: "postgres" }, DockerPostgresCluster, 'database is "postgres"');
  });

  it("is refused for its replicas", async () => {
    await refused({ replicas: 1 }, DockerPostgres, "replicas is 1");
    await refused({}, DockerPostgresCluster, "replicas is 0");
    await refused({ replicas: 1.5 }, DockerPostgresCluster, "replicas is 1.5");
    await refused({ synchronous: true }, DockerPostgres, "synchronous is true", "replicas: 1");
  });

  it("is refused for a pool that leaves no connection for operations", async () => {
    const pooler = (change: object) => ({ pooler: { ...POOLER, ...change } });
    await refused(pooler({ poolSize: 95 }), DockerPostgres, "pooler.poolSize is 95", "from 1 to 90");
    await refused(pooler({ maxClients: 10 }), DockerPostgres, "pooler.maxClients is 10");
  });
});
