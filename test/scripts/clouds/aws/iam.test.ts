import assert from "node:assert/strict";
import { Cloud } from "./cloud.ts";
import { refuses } from "./refusals.ts";
import { role, trust } from "./scenery.ts";

const ROLE = "aws:iam/role:Role";
const POLICY = "aws:iam/policy:Policy";
const ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment";

const document = (statement: object): string => JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
const allowed = { Effect: "Allow", Action: "s3:GetObject", Resource: "*" };

describe("AWS: role", () => {
  refuses(ROLE, () => {
    const cloud = new Cloud();
    role(cloud, "Taken", "ec2.amazonaws.com");
    return {
      cloud,
      inputs: {
        name: "nodes",
        path: "/groundwork/",
        maxSessionDuration: 3600,
        assumeRolePolicy: trust("ec2.amazonaws.com"),
      },
    };
  }, [
    ["a name that is too long", { name: "n".repeat(65) }, /1 to 64 characters, not 65/],
    ["odd characters", { name: "my role" }, /letters, digits and/],
    ["a name that is taken but for its case", { name: "taken" }, /EntityAlreadyExists/],
    ["a path with no slash at its end", { path: "/groundwork" }, /begins and ends with \//],
    ["a session that is too long", { maxSessionDuration: 43_201 }, /3600 to 43200/],
    ["no JSON", { assumeRolePolicy: "{" }, /MalformedPolicyDocument: write a policy as JSON/],
    [
      "nobody who is trusted",
      { assumeRolePolicy: document({ Effect: "Allow", Action: "sts:AssumeRole" }) },
      /Principal/,
    ],
    [
      "a resource in a trust policy",
      { assumeRolePolicy: document({ ...allowed, Principal: "*" }) },
      /leave Resource out/,
    ],
    [
      "a policy that does not exist",
      { permissionsBoundary: "arn:aws:iam::123456789012:policy/none" },
      /nothing has this id/,
    ],
  ]);

  it("is kept by what is attached to it, unless told otherwise", () => {
    const cloud = new Cloud();
    const [nodes, forced] = [
      role(cloud, "nodes", "ec2.amazonaws.com"),
      role(cloud, "forced", "ec2.amazonaws.com", { forceDetachPolicies: true }),
    ];
    assert.equal(cloud.refuseDelete(nodes), undefined);
    for (const name of ["nodes", "forced"])
      cloud.make(ATTACHMENT, { role: name, policyArn: "arn:aws:iam::aws:policy/ReadOnlyAccess" });
    assert.match(cloud.refuseDelete(nodes) ?? "", /DeleteConflict: .*detach all policies/);
    assert.equal(cloud.refuseDelete(forced), undefined);
    cloud.make("aws:iam/instanceProfile:InstanceProfile", { name: "forced", role: "forced" });
    assert.match(cloud.refuseDelete(forced) ?? "", /DeleteConflict: .*instance profile/);
  });

  it("has an ARN with its path and belongs to no region", () => {
    const made = role(new Cloud(), "nodes", "ec2.amazonaws.com", { path: "/groundwork/" });
    assert.equal(made.properties["arn"], "arn:aws:iam::123456789012:role/groundwork/nodes");
    assert.equal(made.id, "nodes");
    assert.equal(made.place, "aws/123456789012");
  });
});

describe("AWS: policy", () => {
  refuses(POLICY, () => ({ cloud: new Cloud(), inputs: { name: "read", policy: document(allowed) } }), [
    ["a principal in a role's policy", { policy: document({ ...allowed, Principal: "*" }) }, /leave Principal out/],
    ["an effect that is none", { policy: document({ ...allowed, Effect: "Permit" }) }, /Allow or Deny/],
    ["a statement with no action", { policy: document({ Effect: "Allow", Resource: "*" }) }, /Action or NotAction/],
    ["a statement with no resource", { policy: document({ Effect: "Allow", Action: "*" }) }, /Resource or NotResource/],
    [
      "a version that is none",
      { policy: JSON.stringify({ Version: "2024-01-01", Statement: [allowed] }) },
      /2012-10-17/,
    ],
    [
      "a document that is too long",
      { policy: document({ ...allowed, Sid: "x".repeat(6144) }) },
      /at most 6144 characters/,
    ],
  ]);

  it("is kept while it is attached", () => {
    const cloud = new Cloud();
    role(cloud, "nodes", "ec2.amazonaws.com");
    const policy = cloud.make(POLICY, { name: "read", policy: document(allowed) });
    cloud.make(ATTACHMENT, { role: "nodes", policyArn: policy.id });
    assert.match(cloud.refuseDelete(policy) ?? "", /DeleteConflict/);
  });

  it("is one of at most ten that a role takes", () => {
    const cloud = new Cloud();
    role(cloud, "nodes", "ec2.amazonaws.com");
    for (let n = 0; n < 10; n += 1)
      cloud.make(ATTACHMENT, { role: "nodes", policyArn: `arn:aws:iam::aws:policy/P${n}` });
    const eleventh = { role: "nodes", policyArn: "arn:aws:iam::aws:policy/P10" };
    assert.match(cloud.refusals(ATTACHMENT, eleventh)[0] ?? "", /at most 10/);
  });
});

describe("AWS: OpenID Connect provider", () => {
  refuses(
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider",
    () => ({
      cloud: new Cloud(),
      inputs: { url: "https://oidc.eks.us-west-2.amazonaws.com/id/A", clientIdLists: ["sts.amazonaws.com"] },
    }),
    [
      ["no https", { url: "http://oidc.example.com" }, /https/],
      ["an odd thumbprint", { thumbprintLists: ["ab"] }, /40 hexadecimal/],
    ],
  );
});
