import assert from "node:assert/strict";
import { wrongAwsScope } from "../../../components/secret-drift/checker/stores/aws.ts";
import { AwsSecretsManagerStore } from "../../../components/secret-drift/checker/stores/aws-secrets-manager.ts";
import { AwsSsmStore } from "../../../components/secret-drift/checker/stores/aws-ssm.ts";
import { SecretValue } from "../../../components/secret-drift/checker/secret-value.ts";
import { MISSING, type ProblemKind, type Store } from "../../../components/secret-drift/checker/store.ts";
import { type FakeAws, fakeAws } from "./servers/aws-server.ts";
import { describeStore } from "./store-contract.ts";

const CREDENTIALS = { AWS_ACCESS_KEY_ID: "AKIDEXAMPLE", AWS_SECRET_ACCESS_KEY: "canary-of-the-credential" };
after(() => {
  for (const name of Object.keys(CREDENTIALS)) Reflect.deleteProperty(process.env, name);
});

const STORES: readonly (readonly [string, (endpoint: string) => Store])[] = [
  ["AWS Secrets Manager", (endpoint) => new AwsSecretsManagerStore({ name: "aws", endpoint })],
  ["AWS Systems Manager Parameter Store", (endpoint) => new AwsSsmStore({ name: "ssm", endpoint })],
];

describe("scopes of AWS", () => {
  it("are a region, with the beginning of names where that is asked for", () => {
    assert.equal(wrongAwsScope("us-west-2"), undefined);
    assert.equal(wrongAwsScope("us-gov-west-1:prod/"), undefined);
    assert.match(wrongAwsScope("prod") ?? "", /^write an AWS region such as us-west-2/);
  });
});

for (const [title, make] of STORES) {
  describe(title, function () {
    this.timeout(60_000);
    let aws: FakeAws;
    let store: Store;
    before(async () => {
      Object.assign(process.env, CREDENTIALS);
      aws = await fakeAws();
      store = make(aws.url);
    });
    describeStore(async () => {
      const server = await fakeAws();
      return {
        ...{ store: make(server.url), scope: "us-west-2", server },
        held: (name) => server.secrets.get(name)?.value,
        put: (name, value) => server.set(name, value),
      };
    });

    it("sees and writes what begins as its scope says, and nothing else", async () => {
      aws.set("prod/db", "a");
      aws.set("test/db", "b");
      aws.set("test/prod/db", "c");
      const listed = await store.list("us-west-2:prod/");
      assert.deepEqual(listed.ok && listed.value.map(({ name }) => name), ["prod/db"]);
      const written = await store.write("us-west-2:prod/", "test/db", { reveal: () => "x" } as never);
      assert.equal(!written.ok && written.problem.kind, "rejected");
      assert.equal(aws.secrets.get("test/db")?.value, "b");
    });

    it("keeps what is the checker's own within the scope too, so that two environments of a region stay apart", async () => {
      const name = "groundwork-fingerprint-key";
      const scope = "us-west-2:mine/";
      const written = await store.write(scope, name, new SecretValue("key"));
      assert.equal(written.ok, true);
      assert.equal(aws.secrets.get(`mine/${name}`)?.value, "key");
      assert.equal(aws.secrets.has(name), false);
      const read = await store.read(scope, [name]);
      const answer = read.ok ? read.value.get(name) : undefined;
      assert.equal(answer?.ok === true && answer.value !== MISSING && answer.value.reveal(), "key");
    });

    it("reads many at a time, within what the API takes", async () => {
      const names = Array.from({ length: 45 }, (_, index) => `many/${index}`);
      for (const name of names) aws.set(name, `value of ${name}`);
      aws.page = 100;
      const found = await store.read("us-west-2", [...names, "not/there"]);
      assert.ok(found.ok);
      for (const name of names) {
        const answer = found.value.get(name);
        assert.equal(answer?.ok === true && answer.value !== MISSING && answer.value.reveal(), `value of ${name}`);
      }
      assert.deepEqual(found.value.get("not/there"), { ok: true, value: MISSING });
    });

    const refusals: readonly (readonly [string, ProblemKind])[] = [
      ["AccessDeniedException", "forbidden"],
      ["UnrecognizedClientException", "unauthorized"],
      ["ExpiredTokenException", "unauthorized"],
      ["InvalidSignatureException", "unauthorized"],
      ["ThrottlingException", "rate-limited"],
      ["InvalidRequestException", "rejected"],
      ["InternalServiceError", "unavailable"],
    ];
    for (const [type, kind] of refusals) {
      it(`takes ${type} for ${kind}`, async () => {
        const body = JSON.stringify({ __type: type, Message: "canary in the message" });
        aws.trouble = {
          status: type === "InternalServiceError" ? 500 : 400,
          body,
          headers: { "content-type": "application/x-amz-json-1.1" },
        };
        const answer = await store.list("us-west-2");
        aws.trouble = undefined;
        assert.equal(!answer.ok && answer.problem.kind, kind);
        assert.ok(!JSON.stringify(answer).includes("canary"));
      });
    }

    it("asks again when it was asked too often, and never shows its credential", async () => {
      const body = JSON.stringify({ __type: "ThrottlingException" });
      aws.trouble = { times: 2, status: 400, body, headers: { "content-type": "application/x-amz-json-1.1" } };
      const answer = await store.list("us-west-2");
      assert.ok(answer.ok);
      assert.ok(!JSON.stringify([answer, aws.asked]).includes("canary-of-the-credential"));
    });
  });
}

describe("AWS Secrets Manager's own", () => {
  it("tells of each name why it could not be read", async () => {
    Object.assign(process.env, CREDENTIALS);
    const aws = await fakeAws();
    aws.set("open", "a");
    aws.set("closed", "canary");
    aws.denied.add("closed");
    const found = await new AwsSecretsManagerStore({ name: "aws", endpoint: aws.url }).read("us-west-2", [
      "open",
      "closed",
    ]);
    assert.ok(found.ok);
    assert.equal(found.value.get("open")?.ok, true);
    const closed = found.value.get("closed");
    assert.equal(closed?.ok === false && closed.problem.kind, "forbidden");
    assert.ok(!JSON.stringify(closed).includes("canary"));
  });
});
