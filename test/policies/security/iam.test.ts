import assert from "node:assert/strict";
import { repositoryNotPublic } from "../../../policies/security/ecr/repository-not-public.ts";
import { accountPasswordPolicyStrong } from "../../../policies/security/iam/account-password-policy-strong.ts";
import { identityWithoutAdministratorPolicy } from "../../../policies/security/iam/identity-without-administrator-policy.ts";
import { noLongLivedAccessKey } from "../../../policies/security/iam/no-long-lived-access-key.ts";
import { policyGrantsNoAdministration } from "../../../policies/security/iam/policy-grants-no-administration.ts";
import { policyHandsOnNoRights } from "../../../policies/security/iam/policy-hands-on-no-rights.ts";
import { policyNamesItsActions } from "../../../policies/security/iam/policy-names-its-actions.ts";
import { roleFederationBounded } from "../../../policies/security/iam/role-federation-bounded.ts";
import { roleThirdPartyHasExternalId } from "../../../policies/security/iam/role-third-party-has-external-id.ts";
import { roleTrustsNamedPrincipals } from "../../../policies/security/iam/role-trusts-named-principals.ts";
import { userRightsThroughGroups } from "../../../policies/security/iam/user-rights-through-groups.ts";
import { describePolicy } from "../cases.ts";
import { changed } from "../fixtures.ts";
import { type Fake, say, UNKNOWN } from "../harness.ts";

const OWN = "123456789012";

/** A policy document of one statement, as text. */
function document(statement: object): string {
  return JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", ...statement }] });
}

const READS = document({ Action: ["s3:GetObject"], Resource: "arn:aws:s3:::shop/*" });

const GITHUB = `arn:aws:iam::${OWN}:oidc-provider/token.actions.githubusercontent.com`;

const SUB = "token.actions.githubusercontent.com:sub";

const SUBJECT = { StringLike: { [SUB]: "repo:shop/shop:*" } };

/** Who may take a role, as a trust policy. */
function trust(principal: object | string, condition?: object): string {
  return document({ Principal: principal, Action: "sts:AssumeRole", ...(condition && { Condition: condition }) });
}

const IDENTITIES: readonly Fake[] = [
  { type: "pulumi:providers:aws", name: "aws", props: { allowedAccountIds: `["${OWN}"]` } },
  {
    type: "aws:iam/role:Role",
    name: "role",
    provider: "aws",
    props: {
      assumeRolePolicy: trust({ Service: "ec2.amazonaws.com" }),
      inlinePolicies: [{ name: "read", policy: READS }],
      managedPolicyArns: ["arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"],
    },
  },
  {
    type: "aws:iam/role:Role",
    name: "pipeline",
    provider: "aws",
    props: { assumeRolePolicy: trust({ Federated: GITHUB }, SUBJECT) },
  },
  { type: "aws:iam/policy:Policy", name: "managed", props: { policy: READS } },
  { type: "aws:iam/rolePolicy:RolePolicy", name: "inline", props: { policy: READS } },
  {
    type: "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
    name: "attached",
    props: { policyArn: "arn:aws:iam::aws:policy/AmazonEKSClusterPolicy" },
  },
  {
    type: "aws:ssoadmin/managedPolicyAttachment:ManagedPolicyAttachment",
    name: "staff",
    props: { managedPolicyArn: "arn:aws:iam::aws:policy/ReadOnlyAccess", permissionSetArn: UNKNOWN },
  },
  { type: "aws:iam/policyAttachment:PolicyAttachment", name: "shared", props: { groups: ["developers"] } },
  { type: "aws:iam/accessKey:AccessKey", name: "key", props: { user: "old", status: "Inactive" } },
  {
    type: "aws:iam/accountPasswordPolicy:AccountPasswordPolicy",
    name: "passwords",
    props: {
      minimumPasswordLength: 14,
      requireUppercaseCharacters: true,
      requireLowercaseCharacters: true,
      requireNumbers: true,
      requireSymbols: true,
    },
  },
  {
    type: "aws:ecr/repositoryPolicy:RepositoryPolicy",
    name: "images",
    props: { policy: trust({ AWS: `arn:aws:iam::${OWN}:root` }) },
  },
];

describe("policies on what identities may do", () => {
  describePolicy({
    policy: policyGrantsNoAdministration,
    compliant: IDENTITIES,
    breaks: [
      {
        path: "managed/policy",
        value: document({ Sid: "All", Action: "*", Resource: "*" }),
        says: /^policy \(All\) allows every action on every resource; name the actions/,
      },
      { path: "inline/policy", value: document({ Action: ["s3:Get*", "*:*"], Resource: ["*"] }), says: /statement 1/ },
      {
        path: "inline/policy",
        value: document({ Action: "*", NotResource: "arn:aws:s3:::shop" }),
        says: /every action on every resource/,
      },
      {
        path: "role/inlinePolicies/0/policy",
        value: document({ Action: "*", Resource: "*" }),
        says: /^inlinePolicies\[0\]\.policy/,
      },
      {
        path: "managed/policy",
        value: { Statement: { Effect: "Allow", Action: "*", Resource: "*" } },
        says: /every action on every resource/,
      },
    ],
    passes: [
      { path: "managed/policy", value: document({ Effect: "Deny", Action: "*", Resource: "*" }) },
      { path: "managed/policy", value: document({ Action: "*", Resource: "arn:aws:s3:::shop" }) },
      { path: "managed/policy", value: "no JSON" },
    ],
    undecided: ["managed/policy", "role/inlinePolicies/0/policy", "role/inlinePolicies"],
  });

  it("policy-grants-no-administration says what is certain of a policy of which a part is not known", () => {
    const half = {
      Statement: [
        { Effect: "Allow", Action: "*", Resource: "*" },
        { Effect: "Allow", Resource: UNKNOWN },
      ],
    };
    const found = say(policyGrantsNoAdministration, changed("managed/policy", half, IDENTITIES));
    assert.equal(found.length, 2, found.join("\n"));
    assert.match(found.join("\n"), /mandatory: policy \(statement 1\) allows every action/);
    assert.match(found.join("\n"), /advisory: Undecided until up: policy\.Statement\[1\]\.Resource/);
  });

  describePolicy({
    policy: policyNamesItsActions,
    compliant: IDENTITIES,
    breaks: [
      {
        path: "managed/policy",
        value: document({ Action: ["s3:*", "ec2:Describe*", "EC2:*"], Resource: "*" }),
        says: /allows s3:\* and ec2:\*; name the actions/,
      },
      { path: "inline/policy", value: document({ NotAction: "iam:*", Resource: "*" }), says: /allows all but iam:\*/ },
    ],
    passes: [{ path: "managed/policy", value: document({ Action: "ec2:Describe*", Resource: "*" }) }],
    undecided: ["inline/policy"],
  });

  it("policy-names-its-actions leaves alone the services that the policy config names", () => {
    const all = changed("managed/policy", document({ Action: "s3:*", Resource: "*" }), IDENTITIES);
    assert.deepEqual(say(policyNamesItsActions, all, { services: ["s3"] }), []);
  });

  describePolicy({
    policy: policyHandsOnNoRights,
    compliant: IDENTITIES,
    breaks: [
      {
        path: "managed/policy",
        value: document({ Action: ["iam:PassRole", "ec2:RunInstances"], Resource: "*" }),
        says: /allows iam:PassRole on \*; name the roles or policies, or add a Condition/,
      },
      {
        path: "managed/policy",
        value: document({ Action: "iam:Put*Policy", Resource: `arn:aws:iam::${OWN}:role/*` }),
        says: /allows iam:PutGroupPolicy, iam:PutRolePolicy and iam:PutUserPolicy on/,
      },
      { path: "inline/policy", value: document({ Action: "iam:*", Resource: "*" }), says: /and others on \*/ },
      { path: "inline/policy", value: document({ NotAction: "s3:*", Resource: "*" }), says: /and others on \*/ },
      {
        path: "inline/policy",
        value: document({ Action: "iam:PassRole", NotResource: "arn:aws:s3:::shop" }),
        says: /allows iam:PassRole on \*/,
      },
      ...[
        { Bool: { "aws:SecureTransport": "true" } },
        { StringEquals: { "aws:RequestedRegion": "eu-west-1" } },
        { DateLessThan: { "aws:CurrentTime": "2030-01-01T00:00:00Z" } },
      ].map((condition) => ({
        path: "inline/policy",
        value: document({ Action: "iam:PassRole", Resource: "*", Condition: condition }),
        says: /add a Condition such as iam:PassedToService/,
      })),
    ],
    passes: [
      {
        path: "managed/policy",
        value: document({ Action: "iam:PassRole", Resource: `arn:aws:iam::${OWN}:role/node` }),
      },
      {
        path: "managed/policy",
        value: document({
          Action: "iam:PassRole",
          Resource: "*",
          Condition: { StringEquals: { "iam:PassedToService": "ec2.amazonaws.com" } },
        }),
      },
      ...[
        { StringEquals: { "aws:ResourceTag/team": "shop" } },
        { StringEquals: { "aws:PrincipalTag/team": "shop" } },
        { Bool: { "aws:SecureTransport": "true" }, StringLike: { "iam:PolicyARN": "arn:aws:iam::*:policy/shop-*" } },
      ].map((condition) => ({
        path: "managed/policy",
        value: document({ Action: ["iam:PassRole", "iam:AttachRolePolicy"], Resource: "*", Condition: condition }),
      })),
      {
        path: "managed/policy",
        value: document({ Action: ["iam:Get*", "iam:CreateServiceLinkedRole"], Resource: "*" }),
      },
    ],
    undecided: ["managed/policy"],
  });

  describePolicy({
    policy: identityWithoutAdministratorPolicy,
    compliant: IDENTITIES,
    breaks: [
      {
        path: "attached/policyArn",
        value: "arn:aws:iam::aws:policy/AdministratorAccess",
        says: /policyArn has arn:aws:iam::aws:policy\/AdministratorAccess/,
      },
      {
        path: "role/managedPolicyArns",
        value: ["arn:aws-cn:iam::aws:policy/IAMFullAccess"],
        says: /managedPolicyArns has .*IAMFullAccess/,
      },
      {
        path: "staff/managedPolicyArn",
        value: "arn:aws:iam::aws:policy/AdministratorAccess",
        says: /^managedPolicyArn has .*AdministratorAccess/,
      },
    ],
    passes: [{ path: "attached/policyArn", value: UNKNOWN }],
  });
});

describe("policies on who may take a role", () => {
  describePolicy({
    policy: roleTrustsNamedPrincipals,
    compliant: IDENTITIES,
    breaks: [
      { path: "role/assumeRolePolicy", value: trust("*"), says: /lets anyone with an AWS account take the role/ },
      { path: "role/assumeRolePolicy", value: trust({ AWS: ["*"] }), says: /\(statement 1\) lets anyone/ },
      {
        path: "role/assumeRolePolicy",
        value: trust({ AWS: "*" }, { StringEquals: { "sts:ExternalId": "x" } }),
        says: /lets anyone/,
      },
    ],
    passes: [
      {
        path: "role/assumeRolePolicy",
        value: trust({ AWS: "*" }, { StringEquals: { "aws:PrincipalOrgID": "o-1234567890" } }),
      },
    ],
    undecided: ["role/assumeRolePolicy"],
  });

  describePolicy({
    policy: roleFederationBounded,
    compliant: IDENTITIES,
    breaks: [
      {
        path: "pipeline/assumeRolePolicy",
        value: trust({ Federated: GITHUB }),
        says: /trusts token\.actions\.githubusercontent\.com without a Condition on token\.actions\.githubusercontent\.com:sub/,
      },
      {
        path: "pipeline/assumeRolePolicy",
        value: trust({ Federated: GITHUB }, { StringLike: { [SUB]: "*" } }),
        says: /without a Condition/,
      },
      {
        path: "pipeline/assumeRolePolicy",
        value: trust({ Federated: GITHUB }, { StringNotEquals: SUBJECT.StringLike }),
        says: /without a Condition/,
      },
      ...[
        { StringLike: { [SUB]: "repo:*" } },
        { StringLike: { [SUB]: "repo:*/*:*" } },
        { StringLike: { [SUB]: "repo:shop*" } },
        { StringLike: { [SUB]: ["repo:shop/shop:*", "project_path:?hop/*"] } },
        { StringLikeIfExists: { [SUB]: "repo:shop/shop:*" } },
        { "ForAllValues:StringLike": { [SUB]: "repo:shop/shop:*" } },
        { Null: { [SUB]: "false" } },
      ].map((condition) => ({
        path: "pipeline/assumeRolePolicy",
        value: trust({ Federated: GITHUB }, condition),
        says: /without a Condition on token\.actions\.githubusercontent\.com:sub that names somebody/,
      })),
      {
        path: "pipeline/assumeRolePolicy",
        value: trust({ Federated: "cognito-identity.amazonaws.com" }),
        says: /cognito-identity\.amazonaws\.com:aud/,
      },
      {
        path: "pipeline/assumeRolePolicy",
        value: trust({ Federated: `arn:aws:iam::${OWN}:saml-provider/office` }),
        says: /trusts office without a Condition on SAML:aud/,
      },
    ],
    passes: [
      ...[
        { StringLike: { [SUB]: "repo:shop/*" } },
        { StringLike: { [SUB]: "organization:shop:project:*" } },
        { StringLike: { [SUB]: "system:serviceaccount:*" } },
        { StringEquals: { [SUB]: "108203518422" } },
        { "ForAnyValue:StringEquals": { [SUB]: ["repo:shop/shop:ref:refs/heads/main"] } },
      ].map((condition) => ({ path: "pipeline/assumeRolePolicy", value: trust({ Federated: GITHUB }, condition) })),
      {
        path: "pipeline/assumeRolePolicy",
        value: trust(
          { Federated: `arn:aws:iam::${OWN}:saml-provider/office` },
          { StringEquals: { "SAML:aud": "https://signin.aws.amazon.com/saml" } },
        ),
      },
    ],
    undecided: ["pipeline/assumeRolePolicy"],
  });

  describePolicy({
    policy: roleThirdPartyHasExternalId,
    compliant: IDENTITIES,
    breaks: [
      {
        path: "role/assumeRolePolicy",
        value: trust({ AWS: "arn:aws:iam::210987654321:root" }),
        says: /lets account 210987654321 take the role without an external id/,
      },
      { path: "role/assumeRolePolicy", value: trust({ AWS: "210987654321" }), says: /account 210987654321/ },
    ],
    passes: [
      { path: "role/assumeRolePolicy", value: trust({ AWS: `arn:aws:iam::${OWN}:role/deploy` }) },
      {
        path: "role/assumeRolePolicy",
        value: trust({ AWS: "210987654321" }, { StringEquals: { "sts:ExternalId": "ours" } }),
      },
    ],
    undecided: ["role/assumeRolePolicy"],
  });

  it("role-third-party-has-external-id says nothing where nobody can tell whose an account is", () => {
    const foreign = changed("role/assumeRolePolicy", trust({ AWS: "210987654321" }), IDENTITIES);
    assert.deepEqual(say(roleThirdPartyHasExternalId, changed("aws/allowedAccountIds", undefined, foreign)), []);
    assert.deepEqual(say(roleThirdPartyHasExternalId, foreign, { accounts: ["210987654321"] }), []);
    const list = changed("aws/allowedAccountIds", [OWN], foreign);
    assert.match(say(roleThirdPartyHasExternalId, list).join(), /^advisory: assumeRolePolicy/);
  });

  describePolicy({
    policy: repositoryNotPublic,
    compliant: IDENTITIES,
    breaks: [{ path: "images/policy", value: trust("*"), says: /policy lets anyone in the world use the repository/ }],
    undecided: ["images/policy"],
  });
});

describe("policies on users", () => {
  describePolicy({
    policy: userRightsThroughGroups,
    compliant: IDENTITIES,
    breaks: [{ path: "shared/users", value: ["old"], says: /The policy is attached to a user; attach it to a group/ }],
  });

  it("user-rights-through-groups names the user of a policy of its own", () => {
    const own: Fake = { type: "aws:iam/userPolicy:UserPolicy", name: "own", props: { user: "old", policy: READS } };
    assert.match(say(userRightsThroughGroups, [own]).join(), /^advisory: The policy is attached to user old/);
  });

  describePolicy({
    policy: noLongLivedAccessKey,
    compliant: IDENTITIES,
    breaks: [
      {
        path: "key/status",
        value: undefined,
        says: /An access key is made that nothing rotates; give whoever needs it a role/,
      },
      { path: "key/status", value: "Active", says: /nothing rotates/ },
    ],
  });

  describePolicy({
    policy: accountPasswordPolicyStrong,
    compliant: IDENTITIES,
    breaks: [
      { path: "passwords/requireSymbols", value: undefined, says: /requireSymbols is not true; write true/ },
      { path: "passwords/requireNumbers", value: false, says: /requireNumbers is not true/ },
      { path: "passwords/minimumPasswordLength", value: 8, says: /minimumPasswordLength is 8, below the 14/ },
      { path: "passwords/minimumPasswordLength", value: undefined, says: /is not set, below the 14/ },
    ],
    undecided: ["passwords/requireSymbols", "passwords/minimumPasswordLength"],
  });
});
