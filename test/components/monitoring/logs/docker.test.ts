import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as docker from "@pulumi/docker";
import { parse } from "yaml";
import { watchContainers } from "../../../../components/monitoring/logs/containers.ts";
import type { DockerLogsArgs } from "../../../../components/monitoring/logs/docker.ts";
import { DockerLogs, startScript } from "../../../../components/monitoring/logs/docker.ts";
import { DockerLogShipper } from "../../../../components/monitoring/logs/shipper.ts";
import { assertBadInput } from "../../../helpers/bad-input.ts";
import { registered } from "../../../helpers/mocks.ts";
import { isSecret, revealed } from "../../../helpers/secret.ts";

const CANARY = "canary-password";

interface Upload {
  readonly file: string;
  readonly content: string;
  readonly permissions: string;
}

async function deployed(more: Partial<DockerLogsArgs> = {}) {
  let logs: DockerLogs | undefined;
  const resources = await registered(
    () => {
      const containers = watchContainers();
      const networks = [new docker.Network("monitoring", { name: "monitoring" })];
      const sizes = {
        elasticsearch: { cpu: 1, memory: "2Gi" },
        logstash: { cpu: 0.5, memory: "1Gi" },
        kibana: { cpu: 0.5, memory: "1Gi" },
      } as const;
      new docker.Container("tracks-api", {
        name: "tracks-api",
        image: "a",
        labels: [
          { label: "groundwork.dev/system", value: "tracks" },
          { label: "groundwork.dev/part", value: "rest-api" },
        ],
      });
      new docker.Container("other-api", {
        name: "other-api",
        image: "a",
        labels: [{ label: "groundwork.dev/system", value: "other" }],
      });
      logs = new DockerLogs("tracks-logs", {
        system: "tracks",
        sizes,
        networks,
        hostPort: 5601,
        protect: true,
        ...more,
      });
      new DockerLogShipper("tracks-shipper", {
        system: "tracks",
        size: { cpu: 0.1, memory: "256Mi" },
        networks,
        logstash: logs.shipTo,
        containers: containers("tracks"),
      });
    },
    {
      "docker:index/network:Network": () => ({}),
      "docker:index/volume:Volume": () => ({}),
      "docker:index/remoteImage:RemoteImage": () => ({ imageId: "sha256:0" }),
      "docker:index/container:Container": () => ({}),
      "random:index/randomPassword:RandomPassword": (_, name) => ({
        result: `${CANARY}-${name}`,
        bcryptHash: `$2a$10$hash-of-${name}`,
      }),
    },
  );
  const container = (name: string) => {
    const found = resources.find(
      (each) => each.type === "docker:index/container:Container" && each.inputs["name"] === name,
    );
    assert.ok(found !== undefined, name);
    return { inputs: found.inputs, uploads: revealed(found.inputs["uploads"]) as Upload[] };
  };
  assert.ok(logs !== undefined);
  return { logs, container };
}

const contentOf = (uploads: readonly Upload[], file: string) =>
  uploads.find((each) => each.file.endsWith(file))?.content ?? "";

describe("logs on one Docker Engine", () => {
  const names = ["elasticsearch", "logstash", "kibana"].map((part) => `tracks-logs-${part}`);

  it("publishes Kibana and nothing else, and runs nobody as root", async () => {
    const { logs, container } = await deployed();
    assert.equal(logs.url, "http://localhost:5601");
    for (const name of [...names, "tracks-shipper"]) {
      const { inputs } = container(name);
      assert.match(String(inputs["user"]), /^1000:/);
      assert.deepEqual(
        inputs["ports"],
        name.endsWith("kibana") ? [{ internal: 5601, external: 5601, ip: "127.0.0.1" }] : undefined,
      );
      assert.deepEqual(inputs["capabilities"], { drops: ["ALL"] });
    }
  });

  it("gives passwords as files that only their reader can read, and hashes to Elasticsearch", async () => {
    const { container } = await deployed();
    for (const name of names) {
      const { inputs, uploads } = container(name);
      const { uploads: sealed, ...rest } = inputs;
      assert.ok(isSecret(sealed), name);
      assert.ok(!JSON.stringify(rest).includes(CANARY), name);
      for (const { file, content, permissions } of uploads) {
        if (content.includes(CANARY))
          assert.deepEqual([file.startsWith("/run/secrets/"), permissions], [true, "0400"], file);
      }
    }
    const users = contentOf(container("tracks-logs-elasticsearch").uploads, "/users");
    assert.equal(users.split("\n").filter((line) => /^(kibana|logstash|grafana):\$2a\$10\$/.test(line)).length, 3);
  });

  it("halves each memory for Java, and keeps lines for the days that were asked for", async () => {
    const { container } = await deployed({ retentionDays: 7 });
    assert.deepEqual(container("tracks-logs-elasticsearch").inputs["envs"], [
      "ELASTIC_PASSWORD_FILE=/run/secrets/elastic_password",
      "ES_JAVA_OPTS=-Xms1024m -Xmx1024m",
    ]);
    const { uploads } = container("tracks-logs-logstash");
    assert.match(contentOf(uploads, "policy.json"), /"min_age": "7d"/);
    assert.match(contentOf(uploads, "logstash.conf"), /data_stream_dataset => "tracks"/);
  });

  it("writes the retention rule before the first line, in a script that a shell can read", async () => {
    const script = startScript("http://e:9200", "/c");
    const order = [
      "_cluster/health",
      "_ilm/policy/groundwork-logs",
      "_index_template/groundwork-logs",
      "exec logstash",
    ];
    assert.deepEqual(
      order.map((text) => script.indexOf(text)).toSorted((a, b) => a - b),
      order.map((text) => script.indexOf(text)),
    );
    assert.ok(!script.includes(CANARY));
    assert.equal(spawnSync("bash", ["-n"], { input: script }).status, 0);
    const { container } = await deployed();
    assert.deepEqual(container("tracks-logs-logstash").inputs["command"], [
      "bash",
      "-c",
      startScript("http://tracks-logs-elasticsearch:9200", "/usr/share/logstash/config"),
    ]);
  });

  it("reads the log of every container of its system, whoever made it, and of no other", async () => {
    const { container } = await deployed();
    const { inputs, uploads } = container("tracks-shipper");
    const settings = parse(contentOf(uploads, "filebeat.yml")) as {
      "filebeat.inputs": {
        fields: { container: { name: string; id: string }; service: { name: string } };
        paths: string[];
      }[];
      "output.logstash": { hosts: string[] };
    };
    assert.deepEqual(
      settings["filebeat.inputs"].map(({ fields }) => [fields.container.name, fields.service.name]),
      [
        ["tracks-api", "rest-api"],
        ["tracks-logs-elasticsearch", "elasticsearch"],
        ["tracks-logs-kibana", "kibana"],
        ["tracks-logs-logstash", "logstash"],
      ],
    );
    assert.ok(settings["filebeat.inputs"].every(({ fields, paths }) => paths[0]?.includes(`/${fields.container.id}/`)));
    assert.deepEqual(settings["output.logstash"].hosts, ["tracks-logs-logstash:5044"]);
    const mounts = inputs["volumes"] as { containerPath: string; hostPath?: string; readOnly?: boolean }[];
    assert.deepEqual(
      mounts.filter(({ hostPath }) => hostPath !== undefined),
      [{ containerPath: "/var/lib/docker/containers", hostPath: "/var/lib/docker/containers", readOnly: true }],
    );
  });

  it("refuses too little memory, no retention and a port that does not exist", async () => {
    const sizes = {
      elasticsearch: { cpu: 1, memory: "512Mi" },
      logstash: { cpu: 1, memory: "1Gi" },
      kibana: { cpu: 1, memory: "1Gi" },
    } as const;
    await assertBadInput(() => deployed({ sizes }), "sizes.elasticsearch.memory", "512Mi", "1Gi");
    await assertBadInput(() => deployed({ retentionDays: 0 }), "retentionDays", "0");
    await assertBadInput(() => deployed({ hostPort: 0 }), "hostPort", "0");
  });
});
