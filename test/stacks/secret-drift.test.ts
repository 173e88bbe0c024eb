import assert from "node:assert/strict";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { before, describe, it } from "mocha";
import { parseMapping } from "../../components/secret-drift/checker/mapping.ts";
import type { Mapping } from "../../components/secret-drift/checker/mapping.ts";
import { cloudEnvironment } from "../../stacks/cloud.ts";
import { shared } from "../../stacks/cloud/secret-drift.ts";
import { parseConfig } from "../../stacks/config.ts";
import { ownMapping, tokensOf } from "../../stacks/secret-drift.ts";
import { assertBadInput } from "../helpers/bad-input.ts";
import { temporaryFolder } from "../helpers/folder.ts";
import { registered } from "../helpers/mocks.ts";
import type { Registered } from "../helpers/mocks.ts";
import { isSecret, revealed } from "../helpers/secret.ts";
import { CLOUD_OUTPUTS, prod } from "./cloud-fixture.ts";
import { configured } from "./configured.ts";
import type { Upload } from "./fixture-docker.ts";
import { dockerDeployed } from "./fixture-docker.ts";

const CANARY = "canary-token-of-the-checker";
const named = (inputs: Record<string, unknown>, name: string) => ({
  metadata: { name, ...(inputs["metadata"] as object) },
});
const OUTPUTS = {
  ...CLOUD_OUTPUTS,
  "kubernetes:core/v1:ConfigMap": named,
  "kubernetes:core/v1:PersistentVolumeClaim": named,
  "kubernetes:core/v1:ServiceAccount": named,
  "kubernetes:core/v1:Namespace": named,
  "kubernetes:rbac.authorization.k8s.io/v1:Role": named,
  "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding": named,
};

describe("the secret-drift checker of a stack", () => {
  it("is there by default, and writes nothing", () => {
    assert.deepEqual(configured().secretDrift, { healing: "propose", runs: "deployment", tokens: [] });
    assert.equal(configured({ secretDrift: { enabled: false } }).secretDrift, undefined);
  });

  const refused: readonly (readonly [what: string, values: object, message: RegExp])[] = [
    [
      "a setting that it does not have",
      { secretDrift: { heal: "apply" } },
      /secretDrift\.heal is not a setting; write one of enabled, healing, mapping, runs/,
    ],
    [
      "a kind of healing that there is not",
      { secretDrift: { healing: "yes" } },
      /secretDrift\.healing is "yes"; write one of/,
    ],
    [
      "a mapping that is no YAML",
      { secretDrift: { mapping: "secrets.json" } },
      /secretDrift\.mapping is "secrets\.json"; write the path of a YAML file/,
    ],
    [
      "choices for what is off",
      { secretDrift: { enabled: false, healing: "apply" } },
      /enabled is false and groundwork:secretDrift\.healing is given; remove one/,
    ],
    [
      "two places that say how it heals",
      { secretDrift: { healing: "apply", mapping: "a.yaml" } },
      /healing is apply and groundwork:secretDrift\.mapping is given/,
    ],
    [
      "tokens in plain text",
      { secretDriftTokens: { GITHUB_TOKEN: CANARY } },
      /^groundwork:secretDriftTokens is written in plain text/,
    ],
    [
      "jobs that nobody hears of",
      { secretDrift: { runs: "cronJob" }, addons: { "kube-prometheus-stack": false } },
      /runs is cronJob and groundwork:addons\.kube-prometheus-stack is false/,
    ],
  ];
  for (const [what, values, message] of refused)
    it(`is refused: ${what}`, async () => {
      await assertBadInput(() => configured({ ...values }), message, /^(?!.*canary)/);
    });

  it("is refused: tokens that nothing takes, and a variable that is none", async () => {
    const secrets = ["secretDriftTokens"];
    await assertBadInput(
      () => configured({ secretDriftTokens: { GITHUB_TOKEN: CANARY } }, secrets),
      /^groundwork:secretDriftTokens is set and groundwork:secretDrift\.mapping is not/,
    );
    await assertBadInput(
      () => configured({ secretDrift: { mapping: "a.yaml" }, secretDriftTokens: { "a b": CANARY } }, secrets),
      /^groundwork:secretDriftTokens\.a b is no variable; write a name such as GITHUB_TOKEN\.$/,
    );
  });

  it("is refused on Docker: a choice that Kubernetes alone has", async () => {
    const values = {
      "groundwork:target": "docker",
      "groundwork:systems": '["sophia"]',
      "groundwork:secretDrift": '{"runs":"cronJob"}',
    };
    await assertBadInput(() => parseConfig("groundwork", values), /secretDrift\.runs is cronJob and target is docker/);
  });
});

describe("a mapping of the team's own", () => {
  const folder = temporaryFolder({
    "good.yaml": `source: { store: esc, scope: acme/shop/prod }
stores: { esc: { kind: pulumi-esc }, code: { kind: github } }
secrets: { key: { property: key, places: [{ store: code, scope: "repo:acme/shop", name: KEY }] } }
`,
    "bad.yaml": "source: { store: nowhere, scope: x }\nstores: { a: { kind: file, identityFile: i } }\nsecrets: {}\n",
  });
  const read = (file: string, tokens: readonly string[]) =>
    ownMapping(join(folder, file), { healing: "propose", runs: "deployment", tokens });

  it("is read as the checker reads it, with a token for each store that takes one", async () => {
    const { source, stores } = read("good.yaml", ["GITHUB_TOKEN", "PULUMI_ACCESS_TOKEN"]);
    assert.deepEqual([source.store, Object.keys(stores)], ["esc", ["esc", "code"]]);
    await assertBadInput(
      () => read("good.yaml", ["PULUMI_ACCESS_TOKEN"]),
      /has the store code, whose token GITHUB_TOKEN is not given; set it with/,
    );
  });

  it("is refused with the checker's own sentence, or where it is not there", async () => {
    await assertBadInput(
      () => read("bad.yaml", []),
      /secretDrift\.mapping cannot be used: .* has source\.store as "nowhere"/,
    );
    await assertBadInput(() => read("gone.yaml", []), /gone\.yaml", which cannot be read \(ENOENT\)/);
  });

  it("gets its tokens as the secrets that they are", async () => {
    await registered(() => {
      pulumi.runtime.setAllConfig({ "groundwork:secretDriftTokens": JSON.stringify({ GITHUB_TOKEN: CANARY }) });
      const { GITHUB_TOKEN: token } = tokensOf(["GITHUB_TOKEN"]);
      assert.ok(pulumi.Output.isInstance(token));
    }, {});
    assert.deepEqual(tokensOf([]), {});
  });
});

describe("workloads that share a secret", () => {
  const secret = (workload: string, value: string) => ({
    ...{ system: "shop", workload, variable: "PGPASSWORD", value },
    secretName: pulumi.output(`${workload}-secrets`),
  });

  it("have one that is compared in all of them", () => {
    const [one, ...others] = shared([secret("api", "a"), secret("worker", "a")]);
    assert.deepEqual([one?.id, one?.path, one?.members.length], ["shop-pgpassword", "shop/pgpassword", 2]);
    assert.deepEqual(others, []);
  });

  it("have one each where the values differ", () => {
    const found = shared([secret("api", "a"), secret("worker", "b")]);
    assert.deepEqual(
      found.map(({ path }) => path),
      ["shop/api/pgpassword", "shop/worker/pgpassword"],
    );
  });
});

describe("the secret-drift checker in the cloud", function () {
  this.timeout(60_000);
  let all: readonly Registered[];
  let mapping: Mapping;
  const of = (type: string) =>
    all.filter((each) => each.type.endsWith(`:${type}`) && /^us-west-2-secret-drift/.test(each.name));
  before(async () => {
    const secretDrift = { healing: "propose", runs: "deployment", tokens: [] } as const;
    all = await registered(() => cloudEnvironment({ ...prod, secretDrift }), OUTPUTS);
    const [map] = of("ConfigMap");
    mapping = parseMapping((map?.inputs["data"] as Record<string, string>)["mapping.yaml"] ?? "", "mapping.yaml");
  });

  it("compares every secret of every workload with what the stack has put into the region's Parameter Store", () => {
    assert.equal(mapping.source.scope, "us-west-2:/groundwork/prod/");
    const ids = mapping.secrets.map(({ id }) => id);
    assert.ok(ids.includes("finai-nexus-pgpassword") && ids.includes("finai-nexus-redis_password"), ids.join(" "));
    for (const { id, property, places } of mapping.secrets) {
      const variable = id.replace("finai-nexus-", "");
      assert.equal(property, `/groundwork/prod/finai-nexus/${variable}`);
      assert.deepEqual([...new Set(places.map(({ scope }) => scope))], ["finai-nexus"]);
      for (const { name } of places)
        assert.match(name, new RegExp(`^us-west-2-finai-nexus-[a-z]+-secrets#${variable}$`));
    }
    const parameters = of("Parameter");
    assert.deepEqual(
      parameters.map(({ inputs }) => inputs["name"]).sort(),
      ["/groundwork/prod/groundwork-fingerprint-key", ...mapping.secrets.map(({ property }) => property)].sort(),
    );
    for (const { inputs, provider } of parameters) {
      assert.equal(inputs["type"], "SecureString");
      assert.match(provider ?? "", /::aws-us-west-2::/);
    }
  });

  it("never has a value in plain: neither in the mapping nor elsewhere", () => {
    const values = of("Parameter").map(({ inputs }) => inputs["value"]);
    assert.ok(values.every(isSecret));
    const text = JSON.stringify(all.filter(({ type }) => type.endsWith(":ConfigMap")));
    for (const value of values.map(revealed)) assert.ok(!text.includes(String(value)));
  });

  it("may read those parameters and list the Secrets of the systems, and has an image in the region's registry", () => {
    const policy = JSON.parse(String(of("RolePolicy")[0]?.inputs["policy"])) as {
      Statement: { Sid: string; Action: string[] }[];
    };
    assert.deepEqual(
      policy.Statement.map(({ Sid, Action }) => [Sid, ...Action]),
      [
        ["ListParameters", "ssm:DescribeParameters"],
        ["CompareParameters", "ssm:GetParameters"],
        ["KeysParameters", "kms:Decrypt"],
      ],
    );
    assert.deepEqual(
      of("Role")
        .filter(({ type }) => type.startsWith("kubernetes:"))
        .map(({ inputs }) => inputs["rules"]),
      [[{ apiGroups: [""], resources: ["secrets"], verbs: ["list"] }]],
    );
    assert.equal(of("Repository").length, 1);
  });

  it("runs in each region", () => {
    const pods = all.filter(({ name }) => /-secret-drift-deployment$/.test(name)).map(({ name }) => name);
    assert.deepEqual(pods, ["us-west-2-secret-drift-deployment", "us-east-1-secret-drift-deployment"]);
  });
});

describe("the secret-drift checker on Docker", () => {
  const sophia = (more: Record<string, string> = {}) =>
    dockerDeployed({ target: "docker", systems: '["sophia"]', ...more });

  it("comes with sophia, keeps files in its volume, and is scraped under the labels that the rules know", async () => {
    const deployed = await sophia();
    const [container] = deployed.part("sophia-secret-drift");
    assert.deepEqual(
      container?.networksAdvanced.map(({ name }) => name),
      ["sophia-monitoring"],
    );
    const [prometheus] = deployed.part("sophia-monitoring-prometheus");
    const uploads = revealed(prometheus?.uploads) as Upload[];
    const text = uploads.map(({ content }) => content).join("\n");
    assert.match(text, /sophia-secret-drift:9464/);
    assert.match(text, /SecretDriftFound/);
  });

  it("goes without, and so do its rules, where the stack wants none, and no other system has one", async () => {
    const without = await sophia({ secretDrift: '{"enabled":false}' });
    assert.deepEqual(without.part("sophia-secret-drift"), []);
    const tracks = await dockerDeployed({ target: "docker", systems: '["tracks"]' });
    assert.deepEqual(
      tracks.containers.filter(({ name }) => name.includes("secret-drift")),
      [],
    );
  });
});
