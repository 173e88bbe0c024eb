import assert from "node:assert/strict";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { Ajv } from "ajv";
import { parse } from "yaml";
import { dashboardsOf } from "../../../components/monitoring/dashboards/index.ts";
import type { DockerGrafanaArgs } from "../../../components/monitoring/grafana.ts";
import { DockerGrafana, renderProvider, renderSources } from "../../../components/monitoring/grafana.ts";
import type { Sources } from "../../../components/monitoring/grafana-sources.ts";
import { assertBadInput } from "../../helpers/bad-input.ts";
import { registered } from "../../helpers/mocks.ts";
import { isSecret, revealed } from "../../helpers/secret.ts";

const CANARY = "canary-password";

const SOURCES: Sources = {
  prometheus: { host: "tracks-prometheus", port: 9090 },
  scrapeInterval: 15,
  alertmanager: { host: "tracks-alertmanager", port: 9093 },
  postgres: {
    host: "tracks-postgres",
    port: 5432,
    database: "tracks",
    user: "tracks",
    passwordFile: "/run/secrets/p",
    sslMode: "disable",
  },
  redis: { host: "tracks-redis", port: 6379, mode: "single", tls: false, passwordFile: "/run/secrets/r" },
  elasticsearch: { host: "logs", port: 9200, index: "logs-*", user: "grafana", passwordFile: "/run/secrets/e" },
  traces: { host: "jaeger", port: 16686 },
};

/**
 * The fields that Grafana's documentation names, and no other: Grafana itself cannot be had on this machine.
 * https://grafana.com/docs/grafana/latest/administration/provisioning/
 */
const SOURCES_SCHEMA = {
  type: "object",
  required: ["apiVersion", "datasources"],
  additionalProperties: false,
  properties: {
    apiVersion: { const: 1 },
    prune: { type: "boolean" },
    datasources: {
      type: "array",
      items: {
        type: "object",
        required: ["name", "type", "uid", "access", "url", "jsonData"],
        additionalProperties: false,
        properties: {
          name: { type: "string" },
          type: { enum: ["prometheus", "alertmanager", "postgres", "redis-datasource", "elasticsearch", "jaeger"] },
          uid: { type: "string", pattern: "^[A-Za-z0-9_-]{1,40}$" },
          access: { const: "proxy" },
          url: { type: "string", pattern: "^((https?|rediss?)://)?[a-z0-9.-]+:\\d+$" },
          isDefault: { type: "boolean" },
          editable: { const: false },
          user: { type: "string" },
          basicAuth: { type: "boolean" },
          basicAuthUser: { type: "string" },
          jsonData: { type: "object" },
          secureJsonData: {
            type: "object",
            additionalProperties: { type: "string", pattern: "^\\$__file\\{/run/secrets/\\w+\\}$" },
          },
        },
      },
    },
  },
};

const PROVIDER_SCHEMA = {
  type: "object",
  required: ["apiVersion", "providers"],
  additionalProperties: false,
  properties: {
    apiVersion: { const: 1 },
    providers: {
      type: "array",
      minItems: 1,
      items: {
        type: "object",
        required: ["name", "type", "options"],
        additionalProperties: false,
        properties: {
          name: { type: "string" },
          orgId: { type: "integer" },
          folder: { type: "string" },
          type: { const: "file" },
          disableDeletion: { type: "boolean" },
          allowUiUpdates: { type: "boolean" },
          options: {
            type: "object",
            required: ["path"],
            additionalProperties: false,
            properties: { path: { type: "string" } },
          },
        },
      },
    },
  },
};

interface Upload {
  readonly file: string;
  readonly content: string;
  readonly permissions: string;
}

const endpoint = (host: string, port: number) => ({ host: pulumi.output(host), port });

async function deployed(more: Partial<DockerGrafanaArgs> = {}) {
  const secret = () => pulumi.secret(`${CANARY}-tier`);
  let made: DockerGrafana | undefined;
  const resources = await registered(
    () => {
      made = new DockerGrafana("tracks-grafana", {
        system: "tracks",
        size: { cpu: 0.5, memory: "256Mi" },
        networks: [new docker.Network("monitoring", { name: "monitoring" })],
        hostPort: 3001,
        protect: false,
        dashboards: dashboardsOf({ system: "tracks", tiers: ["postgres"] }),
        prometheus: endpoint("tracks-prometheus", 9090),
        postgres: {
          readers: endpoint("tracks-postgres", 5432),
          database: "tracks",
          user: "tracks",
          secret: secret(),
          sslMode: "disable",
        },
        redis: { endpoint: endpoint("tracks-redis", 6379), mode: "single", tls: false, secret: secret() },
        ...more,
      });
    },
    {
      "docker:index/network:Network": () => ({}),
      "docker:index/volume:Volume": () => ({}),
      "docker:index/remoteImage:RemoteImage": () => ({ imageId: "sha256:0" }),
      "docker:index/container:Container": () => ({}),
      "random:index/randomPassword:RandomPassword": (_, name) => ({ result: `${CANARY}-${name}` }),
    },
  );
  const container = resources.find(({ type }) => type === "docker:index/container:Container");
  assert.ok(container !== undefined && made !== undefined);
  return { made, inputs: container.inputs, uploads: revealed(container.inputs["uploads"]) as Upload[] };
}

describe("Grafana's provisioning files", () => {
  const ajv = new Ajv({ allErrors: true, strict: false });

  it("name every data source by documented fields, with passwords by file", () => {
    const valid = ajv.compile(SOURCES_SCHEMA);
    const file = parse(renderSources(SOURCES)) as { datasources: { name: string; isDefault: boolean; uid: string }[] };
    assert.ok(valid(file), JSON.stringify(valid.errors));
    assert.deepEqual(
      file.datasources.map(({ name }) => name),
      ["Prometheus", "Alertmanager", "PostgreSQL", "Redis", "Logs", "Jaeger"],
    );
    assert.equal(file.datasources.filter(({ isDefault }) => isDefault).length, 1);
    assert.equal(new Set(file.datasources.map(({ uid }) => uid)).size, file.datasources.length);
  });

  it("have Prometheus alone where nothing else is to be asked", () => {
    const { prometheus, scrapeInterval } = SOURCES;
    const file = parse(renderSources({ prometheus, scrapeInterval })) as { datasources: { uid: string }[] };
    assert.deepEqual(
      file.datasources.map(({ uid }) => uid),
      ["prometheus"],
    );
  });

  it("let nobody change a dashboard that comes from a file", () => {
    const valid = ajv.compile(PROVIDER_SCHEMA);
    const file = parse(renderProvider("tracks")) as { providers: { allowUiUpdates: boolean; folder: string }[] };
    assert.ok(valid(file), JSON.stringify(valid.errors));
    assert.equal(file.providers[0]?.allowUiUpdates, false);
    assert.equal(file.providers[0]?.folder, "tracks");
  });
});

describe("Grafana on one Docker Engine", () => {
  it("answers on its host port, asks for a password, and installs nothing but the pinned plug-in", async () => {
    const { made, inputs } = await deployed();
    assert.equal(made.url, "http://localhost:3001");
    assert.deepEqual(inputs["ports"], [{ internal: 3000, external: 3001, ip: "127.0.0.1" }]);
    assert.equal(inputs["user"], "472:472");
    const environment = inputs["envs"] as string[];
    for (const variable of [
      "GF_SECURITY_ADMIN_PASSWORD__FILE=/run/secrets/grafana_admin_password",
      "GF_AUTH_ANONYMOUS_ENABLED=false",
      "GF_USERS_ALLOW_SIGN_UP=false",
      "GF_PLUGINS_PREINSTALL_SYNC=redis-datasource@2.2.0",
    ]) {
      assert.ok(environment.includes(variable), variable);
    }
    const plain = await deployed({ redis: undefined });
    assert.ok((plain.inputs["envs"] as string[]).includes("GF_PLUGINS_PREINSTALL_DISABLED=true"));
  });

  it("has each password in a file that only it reads, and nowhere else", async () => {
    const { inputs, uploads } = await deployed();
    const { uploads: sealed, ...rest } = inputs;
    assert.ok(isSecret(sealed));
    assert.ok(!JSON.stringify(rest).includes(CANARY));
    const withSecret = uploads.filter(({ content }) => content.includes(CANARY));
    assert.deepEqual(
      withSecret.map(({ file, permissions }) => [file, permissions]),
      ["admin_password", "secret_key", "postgres_password", "redis_password"].map((name) => [
        `/run/secrets/grafana_${name}`,
        "0400",
      ]),
    );
  });

  it("is given every dashboard and the data sources as files that it can read", async () => {
    const { uploads } = await deployed();
    const files = uploads.filter(({ file }) => file.startsWith("/etc/grafana/provisioning/"));
    assert.deepEqual(
      files.map(({ file }) => file.replace("/etc/grafana/provisioning/", "")),
      [
        "datasources/groundwork.yaml",
        "dashboards/groundwork.yaml",
        "dashboards/tracks-services.json",
        "dashboards/tracks-postgres.json",
        "dashboards/tracks-infrastructure.json",
      ],
    );
    assert.ok(files.every(({ permissions }) => permissions === "0444"));
    assert.match(files[0]?.content ?? "", /url: tracks-postgres:5432/);
    assert.match(files[0]?.content ?? "", /url: redis:\/\/tracks-redis:6379/);
  });

  it("refuses two dashboards of one uid, and a port that does not exist", async () => {
    const [first] = dashboardsOf({ system: "tracks", tiers: [] });
    assert.ok(first !== undefined);
    await assertBadInput(() => deployed({ dashboards: [first, first] }), "dashboards", first.uid, "once");
    await assertBadInput(() => deployed({ hostPort: 70_000 }), "hostPort", "70000");
  });
});
