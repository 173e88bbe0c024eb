import assert from "node:assert/strict";
import fc from "fast-check";
import { isSecret, namesSecret, plainSecret } from "../../../../policies/framework/secret-names.ts";
import { configMapHoldsNoSecret } from "../../../../policies/security/kubernetes/config-map-holds-no-secret.ts";
import { environmentHasNoSecret } from "../../../../policies/security/kubernetes/environment-has-no-secret.ts";
import { secretIsMountedAsFile } from "../../../../policies/security/kubernetes/secret-is-mounted-as-file.ts";
import { describePolicy } from "../../cases.ts";
import { changed } from "../../fixtures.ts";
import { say } from "../../harness.ts";
import { deployment, inShop, workloads } from "../../kubernetes-fixtures.ts";

const API = "web/spec/template/spec/containers/0";
const CANARY = "canary-7f3a-do-not-print";
const KEY = "-----BEGIN RSA PRIVATE KEY-----\nMII\n-----END RSA PRIVATE KEY-----";

describePolicy({
  policy: environmentHasNoSecret,
  compliant: [deployment, ...workloads],
  passes: [
    {
      path: `${API}/env/0`,
      value: { name: "PGPASSWORD", valueFrom: { secretKeyRef: { name: "db", key: "password" } } },
    },
    { path: `${API}/env/0`, value: { name: "DSN", value: "postgres://app:$(PGPASSWORD)@db/shop" } },
    { path: `${API}/env/0`, value: { name: "MAX_TOKENS", value: "4096" } },
    { path: `${API}/env/0`, value: { name: "SECRET_DRIFT_ADDRESS", value: "http://checker:9464/api" } },
    { path: `${API}/args/0`, value: "--password=$(PGPASSWORD)" },
    { path: `${API}/args`, value: ["--password", "$(PGPASSWORD)", "serve"] },
    { path: `${API}/args`, value: ["--require-token", "--level", "info"] },
    { path: `${API}/env/0`, value: { name: "GOOGLE_APPLICATION_CREDENTIALS", value: "/var/secrets/google/key.json" } },
  ],
  breaks: [
    {
      path: `${API}/env/0`,
      value: { name: "PGPASSWORD", value: CANARY },
      says: /^The variable PGPASSWORD of Container api of Deployment web is called like a secret and has a value in plain text; use valueFrom\.secretKeyRef in spec\.template\.spec\.containers\[0\]\.env\[0\], or a file\.$/,
    },
    {
      path: `${API}/env/1`,
      value: { name: "DSN", value: `postgres://app:${CANARY}@db/shop` },
      says: /The variable DSN .* holds a key or a login in plain text/,
    },
    { path: `${API}/env/1`, value: { name: "CERT", value: KEY }, says: /holds a key/ },
    {
      path: `${API}/args/0`,
      value: `--api-key=${CANARY}`,
      says: /^An argument of Container api .* is called like a secret .*; take it out of spec\.template\.spec\.containers\[0\]\.args\[0\]/,
    },
    {
      path: `${API}/args`,
      value: ["--password", CANARY],
      says: /^An argument of Container api .* is called like a secret .*; take it out of .*args\[1\]/,
    },
    {
      path: `${API}/command`,
      value: ["psql", `postgres://app:${CANARY}@db/shop`],
      says: /take it out of .*command\[1\]/,
    },
  ],
  undecided: [`${API}/env`, "web/spec/template/spec/containers"],
});

describePolicy({
  policy: secretIsMountedAsFile,
  compliant: [deployment, ...workloads],
  breaks: [
    {
      path: `${API}/env/0`,
      value: { name: "PGPASSWORD", valueFrom: { secretKeyRef: { name: "db", key: "password" } } },
      says: /^Container api of Deployment web has PGPASSWORD in its environment; mount the Secret as a file\.$/,
    },
    {
      path: `${API}/envFrom`,
      value: [{ secretRef: { name: "db" } }],
      says: /has all keys of a Secret in its environment/,
    },
  ],
});

describePolicy({
  policy: configMapHoldsNoSecret,
  compliant: [
    inShop("core/v1:ConfigMap", "settings", {
      data: { "app.json": '{"token_ttl": 5}', PASSWORD_FILE: "/run/secrets/x", TOKEN_BUCKET: "10" },
    }),
  ],
  passes: [
    { path: "settings/data/secrets.properties", value: "cache.size=10" },
    { path: "settings/data/password-policy.json", value: '{"least": 12}' },
  ],
  breaks: [
    {
      path: "settings/data/db_password",
      value: CANARY,
      says: /^The entry db_password of ConfigMap settings is called like a secret .*; move data\["db_password"\] to a Secret\.$/,
    },
    { path: "settings/data/password.txt", value: CANARY, says: /is called like a secret/ },
    { path: "settings/data/secrets.properties", value: `key=${KEY}`, says: /holds a key/ },
    { path: "settings/data/tls.key", value: KEY, says: /The entry tls\.key of ConfigMap settings holds a key/ },
  ],
  undecided: ["settings/data"],
});

describe("secrets in plain text", () => {
  it("never show their value", () => {
    const found = [
      ...say(environmentHasNoSecret, changed(`${API}/env/0`, { name: "TOKEN", value: CANARY }, [deployment])),
      ...say(environmentHasNoSecret, changed(`${API}/args/0`, `--token=${CANARY}`, [deployment])),
      ...say(configMapHoldsNoSecret, [inShop("core/v1:ConfigMap", "settings", { data: { TOKEN: CANARY } })]),
    ];
    assert.equal(found.length, 3);
    assert.ok(!found.join().includes("canary"));
  });

  it("are known by their names", () => {
    const secrets = [
      "PGPASSWORD",
      "DB_PASSWD",
      "stripe.apiKey",
      "github-token",
      "JWT_SECRET",
      "AWS_SECRET_ACCESS_KEY",
      "clientSecret",
    ];
    for (const name of secrets) assert.ok(namesSecret(name), name);
    const others = [
      ...["PASSWORD_FILE", "MAX_TOKENS", "SECRET_NAME", "AWS_ACCESS_KEY_ID", "TOKEN_TTL", "TOKENIZER", "KEYBOARD"],
      ...["OAUTH_TOKEN_URL", "PORT", "SECRETS_DIR", "passwordPolicy"],
      ...["AWS_SECRETS_MANAGER_REGION", "SECRET_NAMESPACE", "PASSWORD_AUTHENTICATION", "PASSWORD_HASH_ROUNDS"],
      ...["TOKEN_BUCKET", "SECRET_MODE", "initial-cluster-token"],
    ];
    for (const name of others) assert.ok(!namesSecret(name), name);
  });

  it("are known by their values", () => {
    for (const value of [KEY, "AKIAIOSFODNN7EXAMPLE", `redis://:${CANARY}@cache:6379`]) assert.ok(isSecret(value));
    for (const value of ["https://example.com/a@b", "postgres://db/shop", "mailto:a@b.c", ""])
      assert.ok(!isSecret(value));
  });

  it("are no paths, switches and short numbers", () => {
    for (const value of ["/var/secrets/google/key.json", "12", "yes", "No", "on", "OFF", "true"])
      assert.equal(plainSecret("APP_SECRET", value), undefined, value);
    for (const value of ["hunter2", "123456", "a/b", "/with space", "nope"])
      assert.ok(plainSecret("APP_SECRET", value), value);
  });

  it("never make a message with the value in it", () => {
    fc.assert(
      fc.property(fc.string(), fc.string({ minLength: 8 }), (name, value) => {
        const said = plainSecret(name, value) ?? "";
        assert.ok(!said.includes(value));
      }),
    );
  });
});
