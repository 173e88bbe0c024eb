import { decryptionNamesItsKeys } from "../../../policies/security/kms/decryption-names-its-keys.ts";
import { keyDeletionCanBeStopped } from "../../../policies/security/kms/key-deletion-can-be-stopped.ts";
import { keyNotPublic } from "../../../policies/security/kms/key-not-public.ts";
import { keyRotates } from "../../../policies/security/kms/key-rotates.ts";
import { describePolicy } from "../cases.ts";
import type { Fake } from "../harness.ts";

const OWN = { Effect: "Allow", Principal: { AWS: "arn:aws:iam::123456789012:root" }, Action: "kms:*", Resource: "*" };

const keys: readonly Fake[] = [
  {
    type: "aws:kms/key:Key",
    name: "data",
    props: { enableKeyRotation: true, deletionWindowInDays: 30, policy: JSON.stringify({ Statement: [OWN] }) },
  },
  {
    type: "aws:kms/key:Key",
    name: "signing",
    props: { customerMasterKeySpec: "ECC_NIST_P256", keyUsage: "SIGN_VERIFY" },
  },
  { type: "aws:kms/replicaKey:ReplicaKey", name: "copy", props: { primaryKeyArn: "arn:aws:kms:eu-west-1:1:key/a" } },
];

const READ = { Effect: "Allow", Action: ["kms:Decrypt"], Resource: "arn:aws:kms:eu-west-1:123456789012:key/a" };

function document(change: Record<string, unknown> = {}): Record<string, unknown> {
  return { Version: "2012-10-17", Statement: [{ ...READ, ...change }] };
}

describe("security of keys", () => {
  describePolicy({
    policy: keyRotates,
    compliant: keys,
    breaks: [
      {
        path: "data/enableKeyRotation",
        value: undefined,
        says: /^enableKeyRotation is not written, which means false, so /,
      },
      { path: "signing/customerMasterKeySpec", value: "SYMMETRIC_DEFAULT", says: /write enableKeyRotation: true\.$/ },
    ],
    undecided: ["data/enableKeyRotation", "signing/customerMasterKeySpec"],
  });

  describePolicy({
    policy: keyNotPublic,
    compliant: keys,
    breaks: [
      {
        path: "data/policy",
        value: { Statement: [{ ...OWN, Principal: "*" }] },
        says: /^policy lets anyone in the world use the key/,
      },
      {
        path: "copy/policy",
        value: {
          Statement: { ...OWN, Principal: { AWS: "*" }, Condition: { StringEquals: { "kms:ViaService": "s3" } } },
        },
        says: /anyone/,
      },
    ],
    passes: [
      {
        path: "data/policy",
        value: {
          Statement: [
            { ...OWN, Principal: { AWS: "*" }, Condition: { StringEquals: { "kms:CallerAccount": "123456789012" } } },
          ],
        },
      },
    ],
    undecided: ["data/policy"],
  });

  describePolicy({
    policy: keyDeletionCanBeStopped,
    compliant: keys,
    breaks: [
      {
        path: "data/deletionWindowInDays",
        value: 7,
        says: /^deletionWindowInDays is 7, below the 14 of key-deletion-can-be-stopped\.days/,
      },
    ],
    undecided: ["data/deletionWindowInDays"],
  });

  describePolicy({
    policy: decryptionNamesItsKeys,
    compliant: [
      { type: "aws:iam/policy:Policy", name: "reader", props: { policy: JSON.stringify(document()) } },
      { type: "aws:iam/role:Role", name: "worker", props: { inlinePolicies: [{ name: "read", policy: document() }] } },
    ],
    breaks: [
      {
        path: "reader/policy",
        value: document({ Resource: "*" }),
        says: /^policy allows decryption with every key \(statement 1\)/,
      },
      {
        path: "reader/policy",
        value: document({ Resource: ["arn:aws:kms:eu-west-1:123456789012:key/*"], Action: "kms:*" }),
        says: /every key/,
      },
      { path: "reader/policy", value: document({ Resource: "*", Action: "*", Sid: "All" }), says: /\(All\)/ },
      {
        path: "reader/policy",
        value: document({ Resource: "*", Action: undefined, NotAction: "iam:*" }),
        says: /every key/,
      },
      {
        path: "reader/policy",
        value: document({ Resource: undefined, NotResource: READ.Resource }),
        says: /every key/,
      },
      {
        path: "worker/inlinePolicies",
        value: [{ policy: document({ Resource: "*" }) }],
        says: /^inlinePolicies\[0\]\.policy allows/,
      },
    ],
    passes: [
      { path: "reader/policy", value: document({ Resource: "*", Action: "kms:Describe*" }) },
      { path: "reader/policy", value: document({ Resource: "*", Effect: "Deny" }) },
      {
        path: "reader/policy",
        value: document({
          Resource: "*",
          Condition: { StringEquals: { "kms:ViaService": "s3.eu-west-1.amazonaws.com" } },
        }),
      },
    ],
    undecided: ["reader/policy", "worker/inlinePolicies"],
  });
});
