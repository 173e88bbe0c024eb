import { cacheHasOwnSubnetGroup } from "../../../policies/security/elasticache/cache-has-own-subnet-group.ts";
import { cacheIsEncryptedAtRest } from "../../../policies/security/elasticache/cache-is-encrypted-at-rest.ts";
import { cacheIsEncryptedInTransit } from "../../../policies/security/elasticache/cache-is-encrypted-in-transit.ts";
import { cacheRequiresAuthentication } from "../../../policies/security/elasticache/cache-requires-authentication.ts";
import { cacheTakesMinorUpgrades } from "../../../policies/security/elasticache/cache-takes-minor-upgrades.ts";
import { cacheUserHasPassword } from "../../../policies/security/elasticache/cache-user-has-password.ts";
import { describePolicy } from "../cases.ts";
import { type Fake, UNKNOWN } from "../harness.ts";

const caches: readonly Fake[] = [
  {
    type: "aws:elasticache/replicationGroup:ReplicationGroup",
    name: "sessions",
    props: {
      engine: "redis",
      atRestEncryptionEnabled: true,
      transitEncryptionEnabled: true,
      authToken: UNKNOWN,
      subnetGroupName: UNKNOWN,
      autoMinorVersionUpgrade: true,
    },
  },
  {
    type: "aws:elasticache/cluster:Cluster",
    name: "node",
    props: { engine: "redis", replicationGroupId: UNKNOWN, autoMinorVersionUpgrade: "true" },
  },
  {
    type: "aws:elasticache/cluster:Cluster",
    name: "pages",
    props: {
      engine: "memcached",
      transitEncryptionEnabled: true,
      subnetGroupName: "private",
      autoMinorVersionUpgrade: "false",
    },
  },
];

describe("security of caches", () => {
  describePolicy({
    policy: cacheRequiresAuthentication,
    compliant: [
      ...caches,
      {
        type: "aws:elasticache/serverlessCache:ServerlessCache",
        name: "auto",
        props: { engine: "valkey", userGroupId: "shop" },
      },
    ],
    breaks: [
      {
        path: "sessions/authToken",
        value: undefined,
        says: /neither users nor a token, .*write userGroupIds or authToken\.$/,
      },
      { path: "auto/userGroupId", value: undefined, says: /write userGroupId\.$/ },
    ],
    passes: [{ path: "auto/engine", value: "memcached" }],
  });

  describePolicy({
    policy: cacheIsEncryptedInTransit,
    compliant: caches,
    breaks: [
      { path: "sessions/transitEncryptionEnabled", value: undefined, says: /^transitEncryptionEnabled is not written/ },
      { path: "pages/transitEncryptionEnabled", value: false, says: /in the clear/ },
    ],
    passes: [{ path: "sessions/globalReplicationGroupId", value: UNKNOWN }],
    undecided: ["sessions/transitEncryptionEnabled"],
  });

  describePolicy({
    policy: cacheIsEncryptedAtRest,
    compliant: [
      ...caches,
      { type: "aws:elasticache/replicationGroup:ReplicationGroup", name: "new", props: { engine: "valkey" } },
    ],
    breaks: [
      { path: "sessions/atRestEncryptionEnabled", value: undefined, says: /^atRestEncryptionEnabled is not written/ },
      { path: "new/atRestEncryptionEnabled", value: false, says: /without a key/ },
      { path: "new/engine", value: "redis", says: /without a key/ },
    ],
    undecided: ["sessions/atRestEncryptionEnabled", "new/engine"],
  });

  describePolicy({
    policy: cacheHasOwnSubnetGroup,
    compliant: caches,
    breaks: [
      {
        path: "sessions/subnetGroupName",
        value: undefined,
        says: /^subnetGroupName is not written, which means default/,
      },
      { path: "pages/subnetGroupName", value: "default", says: /^subnetGroupName is default/ },
    ],
  });

  describePolicy({
    policy: cacheTakesMinorUpgrades,
    compliant: caches,
    breaks: [
      { path: "sessions/autoMinorVersionUpgrade", value: false, says: /write autoMinorVersionUpgrade: true\.$/ },
      { path: "node/autoMinorVersionUpgrade", value: "false", says: /security fixes/ },
    ],
    undecided: ["sessions/autoMinorVersionUpgrade"],
  });

  describePolicy({
    policy: cacheUserHasPassword,
    compliant: [
      {
        type: "aws:elasticache/user:User",
        name: "shop",
        props: { accessString: "on ~shop:* +@all", authenticationMode: { type: "iam" } },
      },
      {
        type: "aws:elasticache/user:User",
        name: "default",
        props: { accessString: "off -@all", noPasswordRequired: true },
      },
    ],
    breaks: [
      { path: "shop/noPasswordRequired", value: true, says: /^The user needs no password/ },
      { path: "shop/authenticationMode/type", value: "no-password-required", says: /write authenticationMode\.$/ },
      { path: "default/accessString", value: "on ~* +@all", says: /^The user needs no password/ },
    ],
    undecided: ["shop/authenticationMode"],
  });
});
