import type { Created, ResourceType } from "../../table.ts";
import { policyDocument } from "./iam.ts";
import { KEY } from "./keys.ts";
import { arn, arnOf, awsType, everywhere, input, length, number, range, refer, rule, text, upstream } from "./rules.ts";

const REPLICATE = "https://docs.aws.amazon.com/kms/latest/APIReference/API_ReplicateKey.html";

/** A multi-Region key in another region: the same key material and key id under an ARN of its own. */
const replicaKey = awsType({
  token: "aws:kms/replicaKey:ReplicaKey",
  source: upstream("kms/replica_key.go"),
  id: (ctx) => input(ctx, "primaryKeyArn").split("/").pop() ?? "",
  key: (ctx) => input(ctx, "primaryKeyArn"),
  exists: "AlreadyExistsException",
  rules: [
    rule("primaryKeyArn", arn("kms"), REPLICATE),
    rule("description", length(0, 8192), REPLICATE),
    rule("deletionWindowInDays", range(7, 30), REPLICATE),
    rule("policy", policyDocument("resource", 32_768), REPLICATE),
  ],
  references: [refer("primaryKeyArn", KEY, { by: "arn", anyRegion: true })],
  check: (ctx) => {
    const primary = everywhere(ctx, KEY).find((each) => each.properties["arn"] === ctx.inputs["primaryKeyArn"]);
    if (primary === undefined) return undefined;
    if (primary.properties["multiRegion"] !== true)
      return {
        path: "primaryKeyArn",
        reason: "UnsupportedOperationException: name a key that was made with multiRegion: true",
        source: REPLICATE,
      };
    return primary.place === ctx.place
      ? {
          path: "primaryKeyArn",
          reason: "InvalidArnException: the key is of this region: replicate it in another one",
          source: REPLICATE,
        }
      : undefined;
  },
  replaces: ["primaryKeyArn"],
  updates: ["bypassPolicyLockoutSafetyCheck", "deletionWindowInDays", "description", "enabled", "policy"],
  defaults: {
    description: "",
    enabled: true,
    policy: (ctx: Created) => {
      const primary = everywhere(ctx, KEY).find((each) => each.properties["arn"] === ctx.inputs["primaryKeyArn"]);
      return text(primary?.properties["policy"]);
    },
  },
  outputs: (ctx) => ({
    arn: arnOf(ctx, "kms", `key/${ctx.id}`),
    keyId: ctx.id,
    keyRotationEnabled: true,
    keySpec: "SYMMETRIC_DEFAULT",
    keyUsage: "ENCRYPT_DECRYPT",
  }),
  retains: (thing) => `KMS key, deleted after ${number(thing.properties["deletionWindowInDays"]) ?? 30} days`,
});

export const replicaKeys: readonly ResourceType[] = [replicaKey];
