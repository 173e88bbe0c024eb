import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { table } from "../../../scripts/rehearsal/clouds/tables/docker.ts";
import { groundworkRoot } from "../../../scripts/rehearsal/home.ts";
import { leaksOf } from "../../helpers/leaks.ts";
import { Stack } from "../../scripts/clouds/core/stack.ts";

const CANARY = "canary-of-the-swarm-7f31";
const SECRET = "docker:index/secret:Secret";
const workload = join(groundworkRoot, "components/workload");

/** A cache with a volume and two replicas of a service that is given its password, on an encrypted network. */
const PROGRAM = `
import { readFileSync } from "node:fs";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { SwarmNetworks } from "${workload}/swarm-networks.ts";
import { SwarmWorkload } from "${workload}/service.ts";
import { hardenedService } from "${workload}/swarm-service.ts";

const { password, replicas, hostMtu = 9216 } = JSON.parse(readFileSync("settings.json", "utf8"));
const amount = { cpu: 0.5, memory: "64Mi" };

export default () => {
  const networks = new SwarmNetworks("demo", { networks: [{ name: "inner" }], hostMtu });
  const joined = networks.named(["inner"]);
  const image = new docker.RemoteImage("image", { name: "cache:1", keepLocally: true });
  const data = new docker.Volume("data", { name: "demo-data" });
  const secret = pulumi.secret(password);
  const cache = hardenedService("demo-cache", {
    system: "demo", part: "cache", image: image.imageId, user: "999:999", environment: {}, limits: amount,
    networks: joined, check: { test: ["CMD", "true"], interval: 90, timeout: 5, retries: 3, startPeriod: 60 },
    files: { cache_password: secret }, configuration: { "/etc/cache.conf": "a = 1" }, volumes: { "/data": data },
    scratch: ["/tmp"], stopTimeout: 60,
  }, {});
  new SwarmWorkload("demo-api", {
    system: "demo", image: image.repoDigest, networks: joined, after: [cache], connections: [],
    spec: {
      name: "api", ports: [{ name: "http", containerPort: 8000, hostPort: 8080 }], environment: { A: "b" },
      secrets: { CACHE_PASSWORD: secret }, resources: { requests: amount, limits: amount }, replicas, needs: [],
      health: { path: "/health", port: 8000, interval: 30, timeout: 5, retries: 3, startPeriod: 40 },
    },
  });
};
`;

describe("services of a swarm behind the real engine", () => {
  let stack: Stack;
  /** All that the engine has said. */
  let said = "";
  const settings = (changes: object = {}) =>
    writeFileSync(join(stack.folder, "settings.json"), JSON.stringify({ password: CANARY, replicas: 2, ...changes }));

  const told = <T extends { readonly text: string }>(result: T): T => {
    said += result.text;
    return result;
  };

  before(async () => {
    stack = await Stack.start({ tables: [table], host: { cpus: 4, memoryBytes: 2 ** 33 } });
    writeFileSync(join(stack.folder, "index.js"), PROGRAM);
  });
  after(() => stack.stop());

  it("come up, change nothing the second time, and survive a refresh", async () => {
    settings();
    const up = told(await stack.up());
    assert.ok(up.ok, up.text);
    assert.match(up.text, /no-new-privileges/);
    const again = await stack.preview();
    assert.match(again.text, /11 unchanged/, again.text);
    const refresh = await stack.pulumi(["refresh", "--yes", "--skip-preview", "--stack", "test"]);
    assert.match(refresh.text, /11 unchanged/, refresh.text);
    assert.deepEqual(stack.simulator.mayReplace, []);
    assert.deepEqual(stack.simulator.inventory.orphans(await stack.state()), []);
  });

  it("move to a new secret before the old one goes, and replace nothing else", async () => {
    settings({ password: `${CANARY}-2` });
    const order: string[] = [];
    await stack.restart({ onOperation: ({ kind, urn }) => order.push(`${kind} ${urn.split("::").at(-1)}`) });
    const up = told(await stack.up());
    assert.ok(up.ok, up.text);
    assert.match(up.text, /2 updated/);
    const at = (step: RegExp) => order.findIndex((each) => step.test(each));
    assert.ok(at(/^create demo-api-service-cache-password/) < at(/^update demo-api-service$/), order.join());
    assert.ok(at(/^update demo-api-service$/) < at(/^delete demo-api-service-cache-password/), order.join());
    const secrets = stack.simulator.inventory.all().filter(({ token }) => token === SECRET);
    assert.equal(secrets.length, 2);
  });

  it("that the node has no room for are refused in the preview, with the sum", async () => {
    settings({ password: `${CANARY}-2`, replicas: 8 });
    const { ok, text } = told(await stack.preview());
    assert.equal(ok, false);
    assert.match(text, /insufficient resources on 1 node/);
    assert.match(text, /reserve 4 CPUs, and of the node's 4 CPUs others leave 3.5 CPUs/);
  });

  it("never show the secret in what is said, or in a file of the backend or the simulator", () => {
    const folders = ["backend", "home"].map((name) => join(stack.folder, name));
    assert.deepEqual(
      leaksOf([{ name: "the password", value: CANARY }], { folders, texts: { journal: stack.journal(), said } }),
      [],
    );
  });

  it("move to a changed network before the old one goes", async () => {
    settings({ password: `${CANARY}-2`, hostMtu: 1500 });
    const order: string[] = [];
    await stack.restart({ onOperation: ({ kind, urn }) => order.push(`${kind} ${urn.split("::").at(-1)}`) });
    const { ok, text } = await stack.up();
    assert.ok(ok, text);
    assert.deepEqual(order, ["create demo-inner", "update demo-cache", "update demo-api-service", "delete demo-inner"]);
    const network = stack.simulator.inventory.all().find(({ token }) => token.endsWith(":Network"));
    const options = network?.properties["options"] as Record<string, string>;
    assert.equal(options["com.docker.network.driver.mtu"], "1450");
    assert.match((await stack.preview()).text, /11 unchanged/);
  });

  it("leave nothing behind", async () => {
    settings({ password: `${CANARY}-2` });
    const { ok, text } = await stack.destroy();
    assert.ok(ok, text);
    assert.deepEqual(
      stack.simulator.inventory.all().filter(({ retained }) => retained === undefined),
      [],
    );
  });
});
