import { secretNotPublic } from "../../../policies/security/secrets-manager/secret-not-public.ts";
import { secretRotates } from "../../../policies/security/secrets-manager/secret-rotates.ts";
import { describePolicy } from "../cases.ts";
import { UNKNOWN } from "../harness.ts";

const OPEN = {
  Statement: [{ Effect: "Allow", Principal: "*", Action: "secretsmanager:GetSecretValue", Resource: "*" }],
};

describe("security of secrets", () => {
  describePolicy({
    policy: secretRotates,
    compliant: [
      { type: "aws:secretsmanager/secret:Secret", name: "login", props: {} },
      {
        type: "aws:secretsmanager/secretRotation:SecretRotation",
        name: "login-rotation",
        props: { secretId: UNKNOWN, rotationRules: { automaticallyAfterDays: 30 } },
        from: { secretId: ["login"] },
      },
      { type: "aws:secretsmanager/secret:Secret", name: "token", props: { name: "shop/token" } },
      {
        type: "aws:secretsmanager/secretRotation:SecretRotation",
        name: "token-rotation",
        props: { secretId: "shop/token", rotationRules: { scheduleExpression: "rate(10 days)" } },
      },
    ],
    breaks: [
      {
        path: "login-rotation/rotationRules",
        value: { automaticallyAfterDays: 365 },
        says: /^The rotation of secret login is rarer/,
      },
      { path: "token-rotation/secretId", value: "another", says: /^Secret token has no rotation/ },
    ],
    undecided: ["login-rotation/rotationRules", "token-rotation/secretId"],
  });

  describePolicy({
    policy: secretNotPublic,
    compliant: [
      {
        type: "aws:secretsmanager/secretPolicy:SecretPolicy",
        name: "policy",
        props: { policy: JSON.stringify({ Statement: [] }) },
      },
    ],
    breaks: [{ path: "policy/policy", value: JSON.stringify(OPEN), says: /anyone in the world use the secret/ }],
    undecided: ["policy/policy"],
  });
});
