import assert from "node:assert/strict";
import fc from "fast-check";
import { covers, isPublic, statementsOf } from "../../../policies/aws/documents.ts";

function one(statement: Record<string, unknown>) {
  const [only] = statementsOf({ Statement: [statement] });
  assert.ok(only);
  return only;
}

describe("policy documents", () => {
  it("reads text and objects alike, whatever is in them", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const document = { Statement: value };
        assert.deepEqual(statementsOf(JSON.stringify(document)), statementsOf(JSON.parse(JSON.stringify(document))));
        for (const statement of statementsOf(document)) assert.equal(typeof isPublic(statement), "boolean");
      }),
    );
    assert.deepEqual(statementsOf("not a document"), []);
    assert.deepEqual(statementsOf(undefined), []);
  });

  it("reads actions as IAM does", () => {
    const put = one({ Effect: "Allow", Action: ["s3:Put*", "sqs:SendMessage"] });
    assert.ok(covers(put, "s3:putobject"));
    assert.ok(covers(put, "sqs:sendmessage"));
    assert.ok(!covers(put, "s3:getobject"));
    assert.ok(!covers(put, "sqs:sendmessagebatch"));
    assert.ok(covers(one({ Action: "s3:Get?bject" }), "s3:getobject"));
    assert.ok(covers(one({ NotAction: "iam:*" }), "kms:decrypt"));
    assert.ok(!covers(one({ NotAction: "kms:*" }), "kms:decrypt"));
  });

  it("a denial is never an opening, and a condition never opens", () => {
    const principal = fc.constantFrom<unknown>("*", { AWS: "*" }, { AWS: "arn:aws:iam::123456789012:root" }, undefined);
    const condition = fc.dictionary(
      fc.constantFrom("StringEquals", "StringLikeIfExists", "Bool", "IpAddress"),
      fc.dictionary(fc.constantFrom("aws:SourceArn", "aws:SourceIp", "aws:SecureTransport"), fc.string()),
    );
    fc.assert(
      fc.property(principal, condition, (Principal, Condition) => {
        assert.ok(!isPublic(one({ Effect: "Deny", Principal, Condition })));
        if (!isPublic(one({ Effect: "Allow", Principal })))
          assert.ok(!isPublic(one({ Effect: "Allow", Principal, Condition })));
      }),
    );
  });
});
