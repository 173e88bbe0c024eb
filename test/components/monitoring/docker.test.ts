import assert from "node:assert/strict";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { parse } from "yaml";
import type { DockerMonitoringArgs } from "../../../components/monitoring/docker.ts";
import { DockerMonitoring } from "../../../components/monitoring/docker.ts";
import type { MonitoredSystem } from "../../../components/monitoring/rules/groups.ts";
import { assertBadInput } from "../../helpers/bad-input.ts";
import type { Outputs, Registered } from "../../helpers/mocks.ts";
import { registered } from "../../helpers/mocks.ts";
import { revealed } from "../../helpers/secret.ts";

const outputs: Outputs = {
  "docker:index/remoteImage:RemoteImage": (_, name) => ({ imageId: `sha256:${name}` }),
  "docker:index/volume:Volume": () => ({}),
  "docker:index/network:Network": () => ({}),
  "docker:index/container:Container": () => ({}),
};
const rules: MonitoredSystem = {
  tiers: { postgres: "single" },
  parts: [{ part: "api" }],
  watchers: ["node", "containers"],
};
const receivers = {
  slack: { channel: "#alerts", apiUrl: "https://hooks.example.org/canary-slack" },
  email: {
    to: "a@example.org",
    from: "b@example.org",
    smarthost: "mail.example.org:587",
    login: { username: "alerts", password: "canary-mail" },
  },
};

const args = (change: Partial<DockerMonitoringArgs> = {}): DockerMonitoringArgs => ({
  system: "s",
  networks: [new docker.Network("monitoring", { name: "monitoring" })],
  targets: [{ part: "postgres", tier: "postgres", hosts: [pulumi.output("s-postgres-exporter")], port: 9187 }],
  rules,
  engine: { imageStore: "classic", group: 999 },
  hostPort: 9091,
  protect: true,
  ...change,
});

interface Upload {
  readonly file: string;
  readonly content: string;
  readonly permissions: string;
  readonly owner?: string;
}

const made = (change: Partial<DockerMonitoringArgs> = {}) =>
  registered(() => new DockerMonitoring("s-monitoring", args(change)), outputs);

function containers(resources: readonly Registered[]): Map<string, Readonly<Record<string, unknown>>> {
  const all = resources.filter(({ type }) => type === "docker:index/container:Container");
  return new Map(all.map(({ inputs }) => [String(inputs["name"]), inputs]));
}

function uploads(container: Readonly<Record<string, unknown>> | undefined): Upload[] {
  return (revealed(container?.["uploads"] ?? []) as Record<string, unknown>[]).map((upload) => {
    const plain = Object.entries(revealed(upload) as Record<string, unknown>).map(([key, value]) => [
      key,
      revealed(value),
    ]);
    return Object.fromEntries(plain) as Upload;
  });
}

describe("monitoring on Docker", () => {
  it("is Prometheus, Alertmanager and an exporter for each watcher, none of them root", async () => {
    const all = containers(await made());
    assert.deepEqual(
      [...all.keys()].sort(),
      ["alertmanager", "cadvisor", "node-exporter", "prometheus"].map((part) => `s-monitoring-${part}`),
    );
    for (const [name, container] of all) {
      assert.match(String(container["user"]), /^65534:/, name);
      assert.deepEqual(container["capabilities"], { drops: ["ALL"] }, name);
      assert.ok(container["healthcheck"], name);
    }
    assert.equal(all.get("s-monitoring-cadvisor")?.["user"], "65534:999");
  });

  it("lets cAdvisor see of the host what it needs, and be root only where containerd's socket wants it", async () => {
    const cadvisor = async (engine: DockerMonitoringArgs["engine"]) => {
      const container = containers(await made({ engine })).get("s-monitoring-cadvisor");
      const volumes = container?.["volumes"] as { hostPath: string; readOnly: boolean }[];
      assert.ok(volumes.every(({ readOnly }) => readOnly));
      assert.deepEqual(container?.["capabilities"], { drops: ["ALL"] });
      return { user: container?.["user"], sees: volumes.map(({ hostPath }) => hostPath).sort() };
    };
    const common = ["/proc", "/sys"];
    assert.deepEqual(await cadvisor({ imageStore: "classic", group: 999 }), {
      user: "65534:999",
      sees: [...common, "/var/lib/docker/image/overlay2/layerdb/mounts", "/var/run/docker.sock"],
    });
    assert.deepEqual(await cadvisor({ imageStore: "containerd" }), {
      user: "0:0",
      sees: ["/proc", "/run/containerd/containerd.sock", "/sys", "/var/run/docker.sock"],
    });
  });

  it("publishes only what is asked for", async () => {
    const all = containers(await made());
    assert.deepEqual(all.get("s-monitoring-prometheus")?.["ports"], [
      { internal: 9090, external: 9091, ip: "127.0.0.1" },
    ]);
    for (const part of ["alertmanager", "cadvisor", "node-exporter"])
      assert.deepEqual(all.get(`s-monitoring-${part}`)?.["ports"] ?? [], [], part);
    const open = containers(await made({ alertmanagerHostPort: 9093 }));
    assert.deepEqual(open.get("s-monitoring-alertmanager")?.["ports"], [
      { internal: 9093, external: 9093, ip: "127.0.0.1" },
    ]);
  });

  it("scrapes the targets, itself and its exporters, by the rules of what the system has", async () => {
    const files = uploads(containers(await made()).get("s-monitoring-prometheus"));
    const content = (name: string) => files.find(({ file }) => file.endsWith(name))?.content ?? "";
    const jobs = (parse(content("prometheus.yml")) as { scrape_configs: { job_name: string }[] }).scrape_configs;
    assert.deepEqual(
      jobs.map(({ job_name: job }) => job),
      ["prometheus", "alertmanager", "node", "containers", "postgres"],
    );
    assert.ok(content("prometheus.yml").includes("s-postgres-exporter:9187"));
    assert.ok(content("rules.yml").includes("alert: PostgresDown"));
    assert.ok(!content("rules.yml").includes("alert: MongodbDown"));
  });

  it("gives secrets to Alertmanager in files that only it reads, and to nobody else", async () => {
    const resources = await made({ receivers });
    const alertmanager = containers(resources).get("s-monitoring-alertmanager");
    const secret = uploads(alertmanager).filter(({ content }) => content.includes("canary"));
    assert.deepEqual(
      secret.map(({ file, permissions, owner }) => [file, permissions, owner]),
      [
        ["/run/secrets/slack_api_url", "0400", "65534"],
        ["/run/secrets/smtp_password", "0400", "65534"],
      ],
    );
    const others = resources.filter(({ inputs }) => inputs !== alertmanager);
    assert.ok(!JSON.stringify(others).includes("canary"));
    const { uploads: _, ...rest } = alertmanager ?? {};
    assert.ok(!JSON.stringify(rest).includes("canary"));
  });

  it("runs no exporter that nobody asked for", async () => {
    const all = containers(await made({ rules: { ...rules, watchers: [] }, engine: undefined }));
    assert.deepEqual([...all.keys()].sort(), ["s-monitoring-alertmanager", "s-monitoring-prometheus"]);
  });

  it("refuses a cAdvisor that could not talk to the engine, and sizes that mean nothing", async () => {
    const refused = (change: Partial<DockerMonitoringArgs>, ...named: readonly string[]) =>
      assertBadInput(() => made(change), ...named);
    await refused({ engine: undefined }, "engine", "imageStore");
    await refused({ engine: { imageStore: "classic", group: -1 } }, "engine.group", "-1", "stat -c %g");
    await refused({ retention: { size: "4GB" as never } }, "retention.size", "4GB");
  });
});
