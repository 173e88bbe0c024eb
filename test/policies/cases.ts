import assert from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";
import type { Policy } from "../../policies/framework/policy.ts";
import { changed } from "./fixtures.ts";
import { table } from "../../scripts/rehearsal/clouds/tables/aws/index.ts";
import { type Fake, UNKNOWN, remediated, say } from "./harness.ts";

/** One field of a compliant fixture that is broken, and what the policy says of it. */
export interface Case {
  /** `<name of the resource>/<path of the field>`, e.g. `db/storageEncrypted`. */
  readonly path: string;
  /** What the field becomes; undefined takes it away. */
  readonly value: unknown;
  readonly says: RegExp;
  /** Default: the policy's own. */
  readonly level?: "mandatory" | "advisory";
}

export interface Cases {
  readonly policy: Policy;
  /** The policy says nothing of these. */
  readonly compliant: readonly Fake[];
  readonly breaks: readonly Case[];
  /** Other values that are right too. */
  readonly passes?: readonly { readonly path: string; readonly value: unknown }[];
  /** Fields on which the decision hangs: the policy is undecided while one is not known. */
  readonly undecided?: readonly string[];
  readonly config?: Record<string, unknown>;
}

/** A compliant fixture, and each case breaks one field of it. What a policy remediates complies afterwards. */
export function describePolicy({ policy, compliant, breaks, passes = [], undecided = [], config = {} }: Cases): void {
  describe(policy.name, () => {
    it("passes what complies", () => assert.deepEqual(say(policy, compliant, config), []));
    for (const { path, value } of passes) {
      it(`passes ${path} ${JSON.stringify(value)}`, () =>
        assert.deepEqual(say(policy, changed(path, value, compliant), config), []));
    }
    for (const { path, value, says, level = policy.level } of breaks) {
      it(`finds ${path} ${value === undefined ? "missing" : JSON.stringify(value)}`, () => {
        const found = say(policy, changed(path, value, compliant), config);
        assert.equal(found.length, 1, found.join("\n"));
        const [line = ""] = found;
        assert.ok(line.startsWith(`${level}: `), line);
        assert.match(line.slice(level.length + 2), says);
        assert.match(line, /\.$/, "a message is one or two whole sentences");
      });
    }
    if ("remediate" in policy) describeRemediation({ policy, compliant, breaks, config });
    for (const path of undecided) {
      it(`is undecided while ${path} is not known`, () => {
        const found = say(policy, changed(path, UNKNOWN, compliant), config);
        assert.equal(found.length, 1, found.join("\n"));
        assert.match(found[0] ?? "", /^advisory: Undecided until up: /);
      });
    }
  });
}

/**
 * What makes a new resource when it changes, of types that the simulated AWS does not have: ForceNew in
 * https://github.com/hashicorp/terraform-provider-aws/tree/main/internal/service, and what only some versions can change.
 */
const REPLACES: Readonly<Record<string, readonly string[]>> = {
  "aws:rds/instance:Instance": ["storageEncrypted"],
  "aws:elasticache/replicationGroup:ReplicationGroup": ["transitEncryptionEnabled"],
  "aws:elasticache/cluster:Cluster": ["transitEncryptionEnabled"],
  "aws:ebs/volume:Volume": ["encrypted"],
  "aws:ebs/snapshotCopy:SnapshotCopy": ["encrypted"],
  "aws:ec2/ami:Ami": ["virtualizationType"],
  "aws:ec2/instance:Instance": ["rootBlockDevice", "ebsBlockDevices"],
  "aws:ec2/launchConfiguration:LaunchConfiguration": ["metadataOptions", "rootBlockDevice", "ebsBlockDevices"],
  "aws:ec2/spotInstanceRequest:SpotInstanceRequest": ["metadataOptions"],
  "aws:ec2/spotFleetRequest:SpotFleetRequest": ["launchSpecifications"],
};

function replacesOf(type: string): readonly string[] {
  const simulated = table.types.find(({ token }) => token === type)?.replaces ?? [];
  return [...simulated, ...(REPLACES[type] ?? [])];
}

function at(value: unknown, path: string): unknown {
  return path.split(".").reduce<unknown>((inner, key) => (inner as Record<string, unknown> | undefined)?.[key], value);
}

function describeRemediation({ policy, compliant, breaks, config = {} }: Cases): void {
  it("remediates nothing that complies", () => {
    for (const resource of compliant) assert.equal(remediated(policy, resource, config), undefined, resource.name);
  });
  it("complies after its remediation", () => {
    const mended = breaks.filter(({ path, value }) => {
      const broken = changed(path, value, compliant);
      const after = broken.map((resource) => ({
        ...resource,
        props: remediated(policy, resource, config) ?? resource.props,
      }));
      const isMended = after.some(({ props }, index) => props !== broken[index]?.props);
      if (isMended) assert.deepEqual(say(policy, after, config), [], path);
      return isMended;
    });
    assert.ok(mended.length > 0, "no case is remediated");
  });
  it("remediates nothing for which the provider makes a new resource", () => {
    for (const { path, value } of breaks) {
      for (const resource of changed(path, value, compliant)) {
        const after = remediated(policy, resource, config);
        const replacing = replacesOf(resource.type).filter(
          (each) => after && !isDeepStrictEqual(at(after, each), at(resource.props, each)),
        );
        assert.deepEqual(replacing, [], `${path} of ${resource.type}`);
      }
    }
  });
}
