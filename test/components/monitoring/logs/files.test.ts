import assert from "node:assert/strict";
import { hashSync, compareSync } from "bcryptjs";
import { parse, stringify } from "yaml";
import {
  datasetOf,
  elasticsearchSettings,
  indexTemplate,
  lifecyclePolicy,
  roles,
  userRolesFile,
  USERS,
  usersFile,
} from "../../../../components/monitoring/logs/elasticsearch.ts";
import { filebeatSettings } from "../../../../components/monitoring/logs/filebeat.ts";
import { kibanaSettings } from "../../../../components/monitoring/logs/kibana.ts";
import { logPipeline, logstashSettings, renderPipeline } from "../../../../components/monitoring/logs/logstash.ts";
import { readLogstash } from "./grammar.ts";

const PIPELINE = logPipeline({
  beatsPort: 5044,
  elasticsearch: "http://logs-elasticsearch:9200",
  user: "logstash",
  password: "canary",
  dataset: "finai_nexus",
  namespace: "groundwork",
});

/** Settings of each plug-in that its page documents. https://www.elastic.co/docs/reference/logstash/plugins */
const DOCUMENTED: Readonly<Record<string, readonly string[]>> = {
  "input beats": ["port", "host", "ssl_enabled"],
  "filter json": ["source", "target", "skip_on_invalid_json", "tag_on_failure"],
  "filter mutate": ["copy", "remove_field", "rename", "add_field"],
  "output elasticsearch": [
    "hosts",
    "user",
    "password",
    "data_stream",
    "data_stream_type",
    "data_stream_dataset",
    "data_stream_namespace",
  ],
};

describe("Logstash's pipeline", () => {
  const { plugins } = readLogstash(renderPipeline(PIPELINE));

  it("is read back as it was meant, with documented settings only", () => {
    assert.deepEqual(
      plugins.map(({ section, name }) => `${section} ${name}`),
      ["input beats", "filter json", "filter mutate", "filter mutate", "output elasticsearch"],
    );
    for (const { section, name, settings } of plugins) {
      for (const setting of Object.keys(settings)) {
        assert.ok(DOCUMENTED[`${section} ${name}`]?.includes(setting), `${name} has no ${setting}`);
      }
    }
    assert.deepEqual(plugins[0]?.settings, { port: 5044 });
    assert.deepEqual(plugins[4]?.settings, {
      hosts: ["http://logs-elasticsearch:9200"],
      user: "logstash",
      password: "canary",
      data_stream: true,
      data_stream_type: "logs",
      data_stream_dataset: "finai_nexus",
      data_stream_namespace: "groundwork",
    });
  });

  it("takes a line for JSON only where it begins like an object, and keeps its fields apart", () => {
    const [, json, level] = plugins;
    assert.deepEqual(json?.conditions, ["[ message ] =~ /^\\s*\\{/"]);
    assert.equal(json?.settings["target"], "structured");
    assert.equal(level?.conditions.length, 2);
    assert.ok(/^\s*\{/.test('{"level":"info"}') && !/^\s*\{/.test("plain text"));
  });

  it("refuses a text with both kinds of quotes, which the language cannot hold", () => {
    const settings = { password: `a"b'c` };
    assert.throws(() => renderPipeline({ input: [{ plugin: "beats", settings }], filter: [], output: [] }), /quotes/);
    const one = renderPipeline({ input: [{ plugin: "beats", settings: { host: 'a"b' } }], filter: [], output: [] });
    assert.equal(readLogstash(one).plugins[0]?.settings["host"], 'a"b');
  });

  it("would be seen to be broken", () => {
    const text = renderPipeline(PIPELINE);
    for (const broken of [
      text.replace("=>", "="),
      text.slice(0, -3),
      text.replace("input", "inputs"),
      text.replace("[", ""),
    ]) {
      assert.throws(() => readLogstash(broken));
    }
  });

  it("keeps on disk what Elasticsearch does not have yet", () => {
    const settings = logstashSettings(9600);
    assert.equal(settings["queue.type"], "persisted");
    assert.equal(settings["api.http.host"], "127.0.0.1");
  });
});

describe("Elasticsearch's files", () => {
  it("have passwords on, one node, and no certificate of their own making", () => {
    const settings = parse(stringify(elasticsearchSettings("logs"))) as Record<string, unknown>;
    assert.equal(settings["xpack.security.enabled"], true);
    assert.equal(settings["xpack.security.autoconfiguration.enabled"], false);
    assert.equal(settings["discovery.type"], "single-node");
  });

  it("give each user a role that exists, in the format of the file realm", () => {
    const hashes = { kibana: hashSync("k", 4), logstash: hashSync("l", 4), grafana: hashSync("g", 4) };
    const users = Object.fromEntries(
      usersFile(hashes)
        .trim()
        .split("\n")
        .map((line) => line.split(/:(.*)/s).slice(0, 2)),
    ) as Record<string, string>;
    assert.deepEqual(Object.keys(users), Object.keys(USERS));
    assert.ok(compareSync("l", users["logstash"] ?? ""));
    const given = userRolesFile()
      .trim()
      .split("\n")
      .map((line) => line.split(":"));
    const own = Object.keys(roles());
    for (const [role, user] of given) {
      assert.ok(user !== undefined && user in users);
      assert.ok(role === "kibana_system" || own.includes(role ?? ""), `${role} is defined nowhere`);
    }
  });

  it("let Logstash write and Grafana read this environment's logs and nothing else", () => {
    const { logs_writer: writer, logs_reader: reader } = roles() as Record<
      string,
      { cluster: string[]; indices: { names: string[]; privileges: string[] }[] }
    >;
    assert.deepEqual(
      reader?.indices.flatMap(({ privileges }) => privileges),
      ["read", "view_index_metadata"],
    );
    assert.ok(!writer?.indices.some(({ privileges }) => privileges.includes("read") || privileges.includes("all")));
    for (const role of [writer, reader]) {
      assert.ok(!role?.cluster.includes("all") && !role?.cluster.includes("manage_security"));
      assert.deepEqual(
        role?.indices.flatMap(({ names }) => names),
        ["logs-*-groundwork"],
      );
    }
  });

  it("delete a line after the days that were asked for, by a policy that the template names", () => {
    const { policy } = lifecyclePolicy(14) as { policy: { phases: { delete: { min_age: string; actions: object } } } };
    assert.equal(policy.phases.delete.min_age, "14d");
    assert.deepEqual(policy.phases.delete.actions, { delete: {} });
    const template = indexTemplate() as {
      index_patterns: string[];
      priority: number;
      template: { settings: Record<string, unknown>; mappings: { properties: Record<string, { type: string }> } };
    };
    assert.equal(template.template.settings["index.lifecycle.name"], "groundwork-logs");
    assert.ok(template.priority > 100, "Elasticsearch's own has 100");
    assert.equal(template.template.mappings.properties["structured"]?.type, "flattened");
    const [pattern = ""] = template.index_patterns;
    assert.ok(new RegExp(`^${pattern.replace("*", "[^-]*")}$`).test(`logs-${datasetOf("finai-nexus")}-groundwork`));
  });
});

describe("the files of Kibana and Filebeat", () => {
  it("keep Kibana from calling home, and give it a key of its own", () => {
    const settings = kibanaSettings({
      port: 5601,
      url: "http://localhost:5601",
      elasticsearch: "http://e:9200",
      user: "kibana",
      password: "p",
      encryptionKey: "k".repeat(32),
    });
    assert.equal(settings["telemetry.optIn"], false);
    assert.notEqual(settings["elasticsearch.username"], "elastic", "Kibana refuses the superuser");
    assert.equal(String(settings["xpack.encryptedSavedObjects.encryptionKey"]).length, 32);
  });

  it("name each log file in full, each input once, in an order of their own", () => {
    const containers = ["b", "a"].map((name) => ({ name, id: name.repeat(64), part: "api" }));
    const settings = filebeatSettings({ system: "tracks", containers, logstash: "logs:5044" });
    const inputs = parse(stringify(settings["filebeat.inputs"])) as {
      id: string;
      type: string;
      paths: string[];
      file_identity: object;
      fields: object;
    }[];
    assert.deepEqual(
      inputs.map(({ id }) => id),
      ["a-aaaaaaaaaaaa", "b-bbbbbbbbbbbb"],
    );
    assert.deepEqual(inputs[0]?.paths, [`/var/lib/docker/containers/${"a".repeat(64)}/${"a".repeat(64)}-json.log`]);
    assert.ok(inputs.every(({ type, paths }) => type === "filestream" && !/[*?[]/.test(paths.join(""))));
    assert.deepEqual(inputs[0]?.file_identity, { native: null });
    assert.deepEqual(
      settings,
      filebeatSettings({ system: "tracks", containers: containers.toReversed(), logstash: "logs:5044" }),
    );
  });
});
