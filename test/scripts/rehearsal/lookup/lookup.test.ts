import assert from "node:assert/strict";
import { chmodSync, writeFileSync } from "node:fs";
import { type Server, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { URN_LABEL, URN_TAG, urnTagValue } from "@groundwork/lib/identity";
import { after, afterEach, before, describe, it } from "mocha";
import type { StateResource } from "../../../../scripts/rehearsal/deployment.ts";
import { realLookUp } from "../../../../scripts/rehearsal/lookup/index.ts";
import { idFromInputs } from "../../../../scripts/rehearsal/lookup/named.ts";
import { onlyNew } from "../../../../scripts/rehearsal/lookup/only-new.ts";
import { temporaryFolder } from "../../../helpers/folder.ts";

const REGION = "us-west-2";
const lookUp = realLookUp(() => REGION);

function resource(type: string, inputs: Record<string, unknown> = {}): StateResource {
  return { urn: `urn:pulumi:prod::shop::shop:index:Net$${type}::it`, type, custom: true, inputs };
}

function tagged(type: string, inputs: Record<string, unknown> = {}): StateResource {
  const plain = resource(type, inputs);
  return { ...plain, inputs: { ...inputs, tags: { [URN_TAG]: urnTagValue(plain.urn) } } };
}

function labelled(type: string): StateResource {
  const plain = resource(type);
  return { ...plain, inputs: { labels: [{ label: URN_LABEL, value: urnTagValue(plain.urn) }] } };
}

describe("the id of a thing that is named", () => {
  const metadata = { name: "web", namespace: "shop" };
  const named: readonly (readonly [string, Record<string, unknown>, string])[] = [
    ["kubernetes:apps/v1:Deployment", { metadata }, "shop/web"],
    ["kubernetes:core/v1:Namespace", { metadata: { name: "shop" } }, "shop"],
    ["aws:iam/role:Role", { name: "app" }, "app"],
    ["aws:iam/rolePolicyAttachment:RolePolicyAttachment", { role: "app", policyArn: "arn:aws:p" }, "app/arn:aws:p"],
    ["aws:eks/nodeGroup:NodeGroup", { clusterName: "c", nodeGroupName: "n" }, "c:n"],
    [
      "aws:eks/accessEntry:AccessEntry",
      { clusterName: "c", principalArn: "arn:aws:iam::1:role/r" },
      "c:arn:aws:iam::1:role/r",
    ],
    ["aws:ecr/lifecyclePolicy:LifecyclePolicy", { repository: "shop/web" }, "shop/web"],
    ["docker:index/volume:Volume", { name: "data" }, "data"],
  ];
  for (const [type, inputs, id] of named) {
    it(`follows from its inputs: ${type}`, async () => {
      assert.equal(idFromInputs(resource(type, inputs)), id);
      assert.deepEqual(await lookUp(resource(type, inputs), []), { found: id });
    });
  }

  it("does not follow when a part is missing or secret", () => {
    assert.equal(idFromInputs(resource("aws:eks/nodeGroup:NodeGroup", { clusterName: "c" })), undefined);
    assert.equal(idFromInputs(resource("aws:iam/role:Role", { name: { ciphertext: "x" } })), undefined);
    assert.equal(idFromInputs(resource("kubernetes:helm.sh/v3:Release", { name: "x" })), undefined);
  });
});

describe("of several things with one URN", () => {
  it("the one is taken that the state does not know, and none when there are two", () => {
    assert.deepEqual(onlyNew(["a", "b"], ["a"], "AWS"), { found: "b" });
    assert.deepEqual(onlyNew(["a"], ["a"], "AWS"), { found: undefined });
    assert.deepEqual(onlyNew(["a", "b", "c"], ["a"], "AWS"), { unknown: "AWS has 2 things with its URN: b, c" });
  });
});

describe("a pending create is looked up", () => {
  it("nowhere, where making it once more makes no second one", async () => {
    for (const type of [
      "random:index/randomPassword:RandomPassword",
      "tls:index/privateKey:PrivateKey",
      "docker:index/remoteImage:RemoteImage",
      "docker-build:index:Image",
      "aws:acm/certificateValidation:CertificateValidation",
      "aws:secretsmanager/secretVersion:SecretVersion",
      "cloudflare:index/zoneSetting:ZoneSetting",
    ]) {
      assert.deepEqual(await lookUp(resource(type), []), { found: undefined }, type);
    }
  });

  it("never as gone, where it cannot be found: the answer says how to settle it by hand", async () => {
    const hidden: readonly (readonly [StateResource, RegExp])[] = [
      [resource("cloudflare:index/dnsRecord:DnsRecord"), /cannot be searched by tag/],
      [resource("docker:index/serviceConfig:ServiceConfig"), /cannot be searched by tag/],
      [resource("aws:ec2/route:Route", { routeTableId: "rtb-1" }), /carries no tag/],
      [resource("docker:index/container:Container", { labels: [] }), /carries no tag/],
    ];
    for (const [one, why] of hidden) {
      const answer = await lookUp(one, []);
      assert.ok("unknown" in answer, one.type);
      assert.match(answer.unknown, why);
      assert.ok(answer.unknown.includes(`--import-pending-creates '${one.urn}'`));
    }
    const nowhere = await realLookUp(() => undefined)(tagged("aws:ec2/vpc:Vpc"), []);
    assert.ok("unknown" in nowhere && nowhere.unknown.includes("names no region"));
  });

  describe("in AWS", () => {
    let server: Server;
    let asked: { filters: unknown; region: string }[] = [];
    let answers: { status?: number; body: object }[] = [];
    const names = ["AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_MAX_ATTEMPTS"];
    const kept = names.map((name) => [name, process.env[name]] as const);

    before(async () => {
      server = createServer((request, response) => {
        let text = "";
        request.on("data", (chunk: Buffer) => (text += chunk.toString()));
        request.on("end", () => {
          const { TagFilters } = JSON.parse(text) as { TagFilters: unknown };
          const scope = /Credential=[^/]+\/\d+\/([^/]+)\//.exec(request.headers.authorization ?? "");
          asked.push({ filters: TagFilters, region: scope?.[1] ?? "" });
          const { status = 200, body } = answers.shift() ?? assert.fail("asked too often");
          response.writeHead(status, { "content-type": "application/x-amz-json-1.1" }).end(JSON.stringify(body));
        });
      });
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      process.env["AWS_ENDPOINT_URL"] = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      process.env["AWS_ACCESS_KEY_ID"] = "test";
      process.env["AWS_SECRET_ACCESS_KEY"] = "test";
      process.env["AWS_MAX_ATTEMPTS"] = "1";
    });
    after(() => {
      for (const [name, value] of kept) {
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
      }
      server.close();
    });
    afterEach(() => {
      assert.deepEqual(answers, [], "not everything was asked for");
      asked = [];
    });

    const page = (arns: readonly string[], PaginationToken = "") => ({
      body: { PaginationToken, ResourceTagMappingList: arns.map((ResourceARN) => ({ ResourceARN, Tags: [] })) },
    });

    it("by the tag with its URN, in its region, over all pages", async () => {
      answers = [page([], "more"), page(["arn:aws:ec2:us-west-2:1:vpc/vpc-0a"])];
      const vpc = tagged("aws:ec2/vpc:Vpc");
      assert.deepEqual(await lookUp(vpc, []), { found: "vpc-0a" });
      assert.deepEqual(asked[0], { filters: [{ Key: URN_TAG, Values: [urnTagValue(vpc.urn)] }], region: REGION });
      assert.equal(asked.length, 2);
    });

    it("and its id is the whole ARN where the provider says so", async () => {
      const arn = "arn:aws:elasticloadbalancing:us-west-2:1:listener-rule/app/a/1/2/3";
      answers = [page([arn])];
      assert.deepEqual(await lookUp(tagged("aws:lb/listenerRule:ListenerRule"), []), { found: arn });
      const key = "arn:aws:kms:us-west-2:1:key/e9ec1594-6489";
      answers = [page([key])];
      assert.deepEqual(await lookUp(tagged("aws:kms/key:Key"), []), { found: "e9ec1594-6489" });
    });

    it("and was never made when nothing carries its URN but what the state knows", async () => {
      answers = [page(["arn:aws:ec2:us-west-2:1:vpc/vpc-0a"])];
      assert.deepEqual(await lookUp(tagged("aws:ec2/vpc:Vpc"), ["vpc-0a"]), { found: undefined });
    });

    it("and stays pending when AWS refuses to tell", async () => {
      answers = [{ status: 400, body: { __type: "AccessDeniedException", message: "secret words" } }];
      const answer = await lookUp(tagged("aws:ec2/vpc:Vpc"), []);
      assert.ok("unknown" in answer);
      assert.match(answer.unknown, /AccessDeniedException.*tag:GetResources in us-west-2/);
      assert.doesNotMatch(answer.unknown, /secret words/);
    });
  });

  describe("in Docker", () => {
    const bin = temporaryFolder();
    const path = process.env["PATH"];
    before(() => {
      process.env["PATH"] = `${bin}:${path}`;
    });
    after(() => {
      process.env["PATH"] = path;
    });
    /** Stands for the docker command: it answers, and keeps what it was asked. */
    function docker(script: string): void {
      writeFileSync(join(bin, "docker"), `#!/bin/sh\n${script}\n`);
      chmodSync(join(bin, "docker"), 0o755);
    }

    it("by the label with its URN", async () => {
      const container = labelled("docker:index/container:Container");
      docker(
        `[ "$*" = 'container ls --all --quiet --no-trunc --filter label=${URN_LABEL}=${urnTagValue(container.urn)}' ] && echo c1`,
      );
      assert.deepEqual(await lookUp(container, []), { found: "c1" });
      assert.deepEqual(await lookUp(container, ["c1"]), { found: undefined });
    });

    it("and stays pending when no engine answers", async () => {
      docker("exit 1");
      const answer = await lookUp(labelled("docker:index/network:Network"), []);
      assert.ok("unknown" in answer && answer.unknown.includes("Docker Engine"));
    });
  });
});
