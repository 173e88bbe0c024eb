import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { join } from "node:path";
import { inspect } from "node:util";
import { SecretValue } from "../../../components/secret-drift/checker/secret-value.ts";
import { type Asked as Answer, MISSING, type ProblemKind } from "../../../components/secret-drift/checker/store.ts";
import { InvalidMapping, parseMapping } from "../../../components/secret-drift/checker/mapping.ts";
import { openStores } from "../../../components/secret-drift/checker/stores/index.ts";
import { KubernetesStore } from "../../../components/secret-drift/checker/stores/kubernetes.ts";
import { ControlPlane } from "../../../scripts/rehearsal/control-planes/index.ts";
import { temporaryFolder } from "../../helpers/folder.ts";
import { binaries, until } from "../../scripts/control-planes/planes.ts";
import { type Asked, type FakeServer, serve } from "./servers/server.ts";
import { describeStore } from "./store-contract.ts";

const CANARY = "canary$value/with+odd=characters";
const [OPEN, CLOSED, EMPTY] = ["open", "closed", "empty"];

interface Config {
  clusters: { name: string; cluster: Record<string, string | boolean> }[];
  users: { name: string; user: { token: string } }[];
}

function kindOf(asked: Answer<unknown> | undefined): ProblemKind | "ok" | undefined {
  return asked?.ok === true ? "ok" : asked?.problem.kind;
}

function assertHidden(...shown: unknown[]): void {
  const text = inspect(shown, { depth: 20, showHidden: true }) + JSON.stringify(shown);
  for (const secret of [CANARY, "canary"])
    for (const form of [secret, Buffer.from(secret).toString("base64"), encodeURIComponent(secret)])
      assert.ok(!text.includes(form), text);
}

describe("Kubernetes", function () {
  this.timeout(180_000);
  const folder = temporaryFolder();
  let plane: ControlPlane;
  let door: FakeServer;
  let admin: KubernetesStore;
  const path = (namespace: string, name = "") => `/api/v1/namespaces/${namespace}/secrets${name && `/${name}`}`;
  const create = (where: string, body: object) => plane.client.create(where, body);

  /** A kubeconfig like the admin's, for somebody else or by another way. */
  function kubeconfig(name: string, token?: string, server?: string): string {
    const config = JSON.parse(readFileSync(plane.kubeconfig, "utf8")) as Config;
    for (const { user } of config.users) user.token = token ?? user.token;
    for (const each of config.clusters)
      if (server !== undefined) each.cluster = { server, "insecure-skip-tls-verify": true };
    const file = join(folder, `${name}.kubeconfig`);
    writeFileSync(file, JSON.stringify(config), { mode: 0o600 });
    return file;
  }

  async function put(namespace: string, name: string, data: Record<string, string>, rest: object = {}): Promise<void> {
    await create(path(namespace), { metadata: { name }, stringData: data, ...rest });
  }

  async function held(namespace: string, name: string): Promise<Record<string, string>> {
    const { data = {} } = (await plane.client.get(path(namespace, name))) as { data?: Record<string, string> };
    return Object.fromEntries(
      Object.entries(data).map(([key, value]) => [key, Buffer.from(value, "base64").toString()]),
    );
  }

  before(async () => {
    plane = await ControlPlane.start({ name: "cluster", folder: join(folder, "plane"), binaries: await binaries() });
    for (const name of [OPEN, CLOSED, EMPTY, "contract", "paged"])
      await create("/api/v1/namespaces", { metadata: { name } });
    const { host, port, ca } = plane.client.endpoint;
    // the real server, with a door before it that can be shut
    door = await serve(
      ({ method, path: asked, headers, body }: Asked, response) =>
        new Promise((resolve, reject) => {
          const onward = request({ host, port, ca, method, path: asked, headers: { ...headers, host } }, (answer) => {
            response.writeHead(answer.statusCode ?? 502, answer.headers);
            answer.pipe(response).on("finish", resolve);
          });
          onward.on("error", reject).end(body);
        }),
    );
    admin = new KubernetesStore({ name: "cluster", kubeconfig: kubeconfig("door", undefined, door.url) });
  });
  after(async () => {
    await plane.remove();
  });

  describe("as any store", () => {
    describeStore(() =>
      Promise.resolve({
        ...{ store: admin, scope: "contract", server: door },
        named: (name) => `${name === "ODD" ? "odd" : "names"}#${name}`,
        held: async (name) => {
          const [secret = "", key = ""] = name.split("#");
          return (await held("contract", secret))[key];
        },
        put: async (name, value) => {
          const [secret = "", key = ""] = name.split("#");
          const data = { [key]: value };
          await put("contract", secret, data).catch(() =>
            plane.client.merge(path("contract", secret), { stringData: data }),
          );
        },
      }),
    );
  });

  it("changes one key and leaves the Secret's others, labels and type alone", async () => {
    const type = "example.com/credentials";
    await put(OPEN, "database", { user: "shop", password: "canary-old" }, { type });
    await plane.client.merge(path(OPEN, "database"), { metadata: { labels: { team: "shop" } } });
    const written = await admin.write(OPEN, "database#password", new SecretValue(CANARY));
    assert.ok(written.ok);
    assert.deepEqual(await held(OPEN, "database"), { user: "shop", password: CANARY });
    const after = (await plane.client.get(path(OPEN, "database"))) as { type?: string; metadata: { name: string } };
    assert.equal(after.type, type);
    assert.deepEqual(after.metadata["labels" as keyof typeof after.metadata], { team: "shop" });
    assert.ok((written.value.updatedAt ?? 0) > Date.parse("2024-01-01"));
    assertHidden(written);
  });

  it("lists page by page", async () => {
    for (let index = 0; index < 5; index += 1) await put("paged", `secret-${index}`, { a: "1", b: "2" });
    const small = new KubernetesStore({ name: "cluster", kubeconfig: join(folder, "door.kubeconfig"), page: 2 });
    const before = door.asked.length;
    const pages = await small.list("paged");
    assert.equal(door.asked.length - before, 3);
    assert.deepEqual(pages, await admin.list("paged"));
    assert.equal(pages.ok && pages.value.length, 10);
  });

  it("neither lists nor writes service accounts' tokens and Helm's releases", async () => {
    await create(`/api/v1/namespaces/${OPEN}/serviceaccounts`, { metadata: { name: "robot" } });
    const annotations = { "kubernetes.io/service-account.name": "robot" };
    const metadata = { name: "robot-token", annotations };
    await put(OPEN, "robot-token", {}, { metadata, type: "kubernetes.io/service-account-token" });
    await put(OPEN, "sh.helm.release.v1.shop.v1", { release: "canary" }, { type: "helm.sh/release.v1" });
    const listed = await admin.list(OPEN);
    assert.ok(listed.ok);
    assert.ok(!listed.value.some(({ name }) => /token|helm/.test(name)), JSON.stringify(listed));
    for (const name of ["sh.helm.release.v1.shop.v1#release", "robot-token#token"]) {
      assert.equal(kindOf(await admin.write(OPEN, name, new SecretValue(CANARY))), "rejected");
      const read = await admin.read(OPEN, [name]);
      assert.deepEqual(read.ok && read.value.get(name), { ok: true, value: MISSING });
    }
  });

  it("reads what External Secrets makes, and says where to change it", async () => {
    const owner = {
      apiVersion: "external-secrets.io/v1",
      kind: "ExternalSecret",
      name: "payments",
      uid: "1",
      controller: true,
    };
    const labels = { "reconcile.external-secrets.io/managed": "true" };
    await put(OPEN, "owned", { key: "canary-owned" }, { metadata: { name: "owned", ownerReferences: [owner] } });
    await put(OPEN, "labelled", { key: "canary-labelled" }, { metadata: { name: "labelled", labels } });
    await put(OPEN, "merged", { own: "canary-own" });
    const applied = { apiVersion: "v1", kind: "Secret", metadata: { name: "merged" }, data: { key: "eA==" } };
    const query = { fieldManager: "externalsecrets.external-secrets.io/payments", force: "true" };
    const contentType = "application/apply-patch+yaml";
    await plane.client.call("PATCH", path(OPEN, "merged"), { query, contentType, body: applied });
    const found = await admin.read(OPEN, ["owned#key", "labelled#key"]);
    assert.ok(found.ok);
    const values = [...found.value.values()].map((each) => each.ok && each.value !== MISSING && each.value.reveal());
    assert.deepEqual(values, ["canary-owned", "canary-labelled"]);
    for (const name of ["owned#key", "labelled#key", "merged#key"]) {
      const written = await admin.write(OPEN, name, new SecretValue(CANARY));
      assert.equal(kindOf(written), "rejected", name);
      assert.match(written.ok ? "" : written.problem.message, /change what the ExternalSecret takes it from instead$/);
      assertHidden(written);
    }
    assert.equal(kindOf(await admin.write(OPEN, "merged#own", new SecretValue(CANARY))), "ok");
    assert.deepEqual(await held(OPEN, "owned"), { key: "canary-owned" });
  });

  it("refuses what is immutable, binary, or no name of a key", async () => {
    await put(OPEN, "fixed", { key: "canary" }, { immutable: true });
    await create(path(OPEN), {
      metadata: { name: "binary" },
      data: { key: Buffer.from([255, 254, 0]).toString("base64") },
    });
    assert.equal(kindOf(await admin.write(OPEN, "fixed#key", new SecretValue(CANARY))), "rejected");
    const read = await admin.read(OPEN, ["binary#key"]);
    assert.equal(kindOf(read.ok ? read.value.get("binary#key") : read), "rejected");
    for (const name of ["", "database", "#key", "database#", "Database#key", "database#a key", "../x#key", "a#b#c"])
      assert.equal(kindOf(await admin.write(OPEN, name, new SecretValue(CANARY))), "rejected", name);
  });

  it("loses nobody's write that comes in between", async () => {
    await put(OPEN, "contended", { key: "old", other: "old" });
    const { metadata } = await plane.client.get(path(OPEN, "contended"));
    const stale = JSON.stringify(await plane.client.get(path(OPEN, "contended")));
    await plane.client.merge(path(OPEN, "contended"), { stringData: { other: "somebody's" } });
    // what a slow reader would have been told
    door.trouble = { times: 1, status: 200, headers: { "content-type": "application/json" }, body: stale };
    const written = await admin.write(OPEN, "contended#key", new SecretValue(CANARY));
    assert.equal(kindOf(written), "conflict");
    assert.deepEqual(await held(OPEN, "contended"), { key: "old", other: "somebody's" });
    assert.notEqual(
      (await plane.client.get(path(OPEN, "contended"))).metadata["resourceVersion"],
      metadata["resourceVersion"],
    );
    const sent = door.asked.at(-1);
    assert.equal(sent?.headers["content-type"], "application/merge-patch+json");
    assertHidden(written);
  });

  it("may do what its role says, in one namespace", async () => {
    const rbac = `/apis/rbac.authorization.k8s.io/v1/namespaces/${OPEN}`;
    const name = "secret-drift";
    await create(`/api/v1/namespaces/${OPEN}/serviceaccounts`, { metadata: { name } });
    const rules = [{ apiGroups: [""], resources: ["secrets"], verbs: ["list"] }];
    await create(`${rbac}/roles`, { metadata: { name }, rules });
    await create(`${rbac}/rolebindings`, {
      metadata: { name },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name },
      subjects: [{ kind: "ServiceAccount", name, namespace: OPEN }],
    });
    const { status } = (await create(`/api/v1/namespaces/${OPEN}/serviceaccounts/${name}/token`, { spec: {} })) as {
      status?: { token: string };
    };
    const store = new KubernetesStore({ name: "cluster", kubeconfig: kubeconfig("robot", status?.token) });
    // the server's own view of roles follows a moment later
    const effective = (ask: () => Promise<Answer<unknown>>) =>
      until(async () => (kindOf(await ask()) === "forbidden" ? undefined : true), "the role's effect");
    await effective(() => store.list(OPEN));
    await put(OPEN, "seen", { key: CANARY });
    await put(CLOSED, "hidden", { key: CANARY });
    const read = await store.read(OPEN, ["seen#key"]);
    const seen = read.ok ? read.value.get("seen#key") : undefined;
    assert.equal(seen?.ok === true && seen.value !== MISSING && seen.value.reveal(), CANARY);
    assert.equal(kindOf(await store.health(OPEN)), "ok");
    const answers = [
      await store.list(CLOSED),
      await store.read(CLOSED, ["hidden#key"]),
      await store.write(CLOSED, "hidden#key", new SecretValue("x")),
      await store.write(OPEN, "seen#key", new SecretValue("x")),
    ];
    for (const answer of answers) assert.equal(kindOf(answer), "forbidden");
    assertHidden(answers);
    assert.deepEqual(await held(CLOSED, "hidden"), { key: CANARY });
    const verbs = ["list", "get", "create", "patch"];
    const heals = [{ apiGroups: [""], resources: ["secrets"], verbs }];
    await plane.client.merge(`${rbac}/roles/${name}`, { rules: heals });
    await effective(() => store.write(OPEN, "seen#key", new SecretValue("first")));
    for (const healed of ["seen#key", "seen#another", "new#key"])
      assert.equal(kindOf(await store.write(OPEN, healed, new SecretValue("healed"))), "ok", healed);
    assert.deepEqual(await held(OPEN, "seen"), { key: "healed", another: "healed" });
  });

  it("tells an empty namespace from one that is not there, and contexts that are none", async () => {
    assert.deepEqual(await admin.list(EMPTY), { ok: true, value: [] });
    assert.equal(kindOf(await admin.list("nowhere")), "no-such-scope");
    assert.equal(kindOf(await admin.write("nowhere", "a#b", new SecretValue("x"))), "no-such-scope");
    assert.equal(kindOf(await admin.list(`cluster/${EMPTY}`)), "ok");
    assert.equal(kindOf(await admin.list(`arn:aws:eks:us-west-2:1:cluster/other/${EMPTY}`)), "no-such-scope");
    for (const right of [OPEN, "arn:aws:eks:us-west-2:1:cluster/prod/open"])
      assert.equal(admin.wrongScope(right), undefined);
    for (const wrong of ["", "Open", "/open", "cluster/", "a b"])
      assert.match(admin.wrongScope(wrong) ?? "", /^write a namespace, or context\/namespace/, wrong);
  });

  it("says why it cannot come in", async () => {
    const wrong = new KubernetesStore({ name: "cluster", kubeconfig: kubeconfig("wrong", "canary-token") });
    const gone = new KubernetesStore({ name: "cluster", kubeconfig: join(folder, "not-there") });
    const outside = new KubernetesStore({ name: "cluster" });
    const answers = [
      await wrong.list(OPEN),
      await wrong.health(OPEN),
      await gone.health(OPEN),
      await outside.list(OPEN),
    ];
    assert.deepEqual(answers.map(kindOf).slice(0, 3), ["unauthorized", "unauthorized", "unauthorized"]);
    assert.ok(["unauthorized", "no-such-scope"].includes(kindOf(answers[3]) ?? ""), JSON.stringify(answers[3]));
    assertHidden(answers);
  });

  it("asks again what passes, waits only so long, and says when it may be asked again", async () => {
    door.trouble = { times: 2, status: 429, headers: { "retry-after": "0" } };
    assert.equal(kindOf(await admin.list(OPEN)), "ok");
    door.trouble = { status: 429, headers: { "retry-after": "30" } };
    const limited = await admin.list(OPEN);
    assert.equal(kindOf(limited), "rate-limited");
    assert.equal(!limited.ok && limited.problem.retryAfter, 30);
    door.trouble = { delay: 300 };
    const hasty = new KubernetesStore({ name: "cluster", kubeconfig: join(folder, "door.kubeconfig"), timeout: 50 });
    assert.equal(kindOf(await hasty.list(OPEN)), "unavailable");
    door.trouble = undefined;
  });

  it("is named in a mapping by its kind, with its options checked", async () => {
    const open = (options: string, scope = OPEN) =>
      openStores(
        parseMapping(
          `source: { store: truth, scope: us-west-2 }\nstores: { truth: { kind: aws-ssm }, k: { kind: kubernetes${options} } }\nsecrets: {}\nmanaged: [{ store: k, scope: '${scope}' }]\n`,
          "m",
        ),
        "m",
      );
    for (const options of ["", ", kubeconfig: /etc/kubeconfig"])
      assert.ok((await open(options)).get("k") instanceof KubernetesStore);
    const wrong: readonly (readonly [string, string, RegExp])[] = [
      ["", "Prod", /as a scope of the store k: write a namespace, or context\/namespace/],
      [", kubeconfig: 3", OPEN, /stores\.k\.kubeconfig as 3: write a text that is not empty/],
      [", context: prod", OPEN, /unknown key stores\.k\.context: write one of kubeconfig/],
    ];
    for (const [options, scope, message] of wrong)
      await assert.rejects(
        open(options, scope),
        (error: Error) => error instanceof InvalidMapping && message.test(error.message),
      );
  });
});
