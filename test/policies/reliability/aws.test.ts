import assert from "node:assert/strict";
import { backupPlanCopiesElsewhere } from "../../../policies/reliability/aws/backup-plan-copies-elsewhere.ts";
import { bucketIsReplicated } from "../../../policies/reliability/aws/bucket-is-replicated.ts";
import { bucketKeepsVersions } from "../../../policies/reliability/aws/bucket-keeps-versions.ts";
import { bucketOutlivesItsContent } from "../../../policies/reliability/aws/bucket-outlives-its-content.ts";
import { cacheIsBackedUp } from "../../../policies/reliability/aws/cache-is-backed-up.ts";
import { databaseIsBackedUp } from "../../../policies/reliability/aws/database-is-backed-up.ts";
import { databaseIsDeletionProtected } from "../../../policies/reliability/aws/database-is-deletion-protected.ts";
import { databaseLeavesFinalSnapshot } from "../../../policies/reliability/aws/database-leaves-final-snapshot.ts";
import { engineIsSupported } from "../../../policies/reliability/aws/engine-is-supported.ts";
import { supportEnds } from "../../../policies/reliability/aws/engine-support.ts";
import { kubernetesClusterIsDeletionProtected } from "../../../policies/reliability/aws/kubernetes-cluster-is-deletion-protected.ts";
import { restoresAreTested } from "../../../policies/reliability/aws/restores-are-tested.ts";
import { scalingGroupAsksLoadBalancer } from "../../../policies/reliability/aws/scaling-group-asks-load-balancer.ts";
import { secretCanBeRecovered } from "../../../policies/reliability/aws/secret-can-be-recovered.ts";
import { tableCanBeRestored } from "../../../policies/reliability/aws/table-can-be-restored.ts";
import { tableIsDeletionProtected } from "../../../policies/reliability/aws/table-is-deletion-protected.ts";
import { targetGroupChecksHealth } from "../../../policies/reliability/aws/target-group-checks-health.ts";
import { targetGroupDrains } from "../../../policies/reliability/aws/target-group-drains.ts";
import { describePolicy } from "../cases.ts";
import { type Fake, UNKNOWN, say } from "../harness.ts";

const databases: readonly Fake[] = [
  {
    type: "aws:rds/instance:Instance",
    name: "shop",
    props: { engine: "postgres", engineVersion: "16.4", backupRetentionPeriod: 7, deletionProtection: true },
  },
  {
    type: "aws:rds/cluster:Cluster",
    name: "orders",
    props: {
      engine: "aurora-mysql",
      engineVersion: "8.0.mysql_aurora.3.08.0",
      backupRetentionPeriod: 14,
      deletionProtection: true,
      masterUsername: "keeper",
    },
  },
];

const replica: Fake = { type: "aws:rds/instance:Instance", name: "copy", props: { replicateSourceDb: UNKNOWN } };
const table: Fake = {
  type: "aws:dynamodb/table:Table",
  name: "carts",
  props: { pointInTimeRecovery: { enabled: true }, deletionProtectionEnabled: true },
};

describe("backups, and protection against deletion", () => {
  describePolicy({
    policy: databaseIsBackedUp,
    compliant: [...databases, replica],
    breaks: [
      {
        path: "shop/backupRetentionPeriod",
        value: undefined,
        says: /^backupRetentionPeriod is 0 days, below the 7 of database-is-backed-up\.days/,
      },
      { path: "orders/backupRetentionPeriod", value: undefined, says: /^backupRetentionPeriod is 1 day, / },
      { path: "copy/replicateSourceDb", value: undefined, says: /is 0 days/ },
    ],
    undecided: ["orders/backupRetentionPeriod"],
  });

  describePolicy({
    policy: cacheIsBackedUp,
    compliant: [
      { type: "aws:elasticache/replicationGroup:ReplicationGroup", name: "jobs", props: { snapshotRetentionLimit: 3 } },
      { type: "aws:elasticache/serverlessCache:ServerlessCache", name: "pages", props: { engine: "memcached" } },
    ],
    breaks: [{ path: "jobs/snapshotRetentionLimit", value: 0, says: /^snapshotRetentionLimit is 0, below the 1/ }],
    undecided: ["jobs/snapshotRetentionLimit"],
  });

  describePolicy({
    policy: databaseIsDeletionProtected,
    compliant: databases,
    breaks: [
      { path: "shop/deletionProtection", value: undefined, says: /write deletionProtection: true\.$/ },
      { path: "orders/deletionProtection", value: false, says: /one wrong command/ },
    ],
    undecided: ["orders/deletionProtection"],
  });

  describePolicy({
    policy: kubernetesClusterIsDeletionProtected,
    compliant: [{ type: "aws:eks/cluster:Cluster", name: "main", props: { deletionProtection: true } }],
    breaks: [{ path: "main/deletionProtection", value: undefined, says: /write deletionProtection: true\.$/ }],
    undecided: ["main/deletionProtection"],
  });

  describePolicy({
    policy: tableIsDeletionProtected,
    compliant: [table],
    breaks: [{ path: "carts/deletionProtectionEnabled", value: undefined, says: /deletionProtectionEnabled: true\.$/ }],
    undecided: ["carts/deletionProtectionEnabled"],
  });

  describePolicy({
    policy: tableCanBeRestored,
    compliant: [table],
    breaks: [
      { path: "carts/pointInTimeRecovery", value: undefined, says: /^pointInTimeRecovery\.enabled is not written/ },
      { path: "carts/pointInTimeRecovery/enabled", value: false, says: /cannot be had back/ },
    ],
    undecided: ["carts/pointInTimeRecovery"],
  });

  describePolicy({
    policy: databaseLeavesFinalSnapshot,
    compliant: [...databases, { ...replica, props: { ...replica.props, skipFinalSnapshot: true } }],
    breaks: [{ path: "shop/skipFinalSnapshot", value: true, says: /write skipFinalSnapshot: false\.$/ }],
    undecided: ["shop/skipFinalSnapshot"],
  });
  describePolicy({
    policy: databaseLeavesFinalSnapshot,
    compliant: [
      {
        type: "aws:rds/cluster:Cluster",
        name: "east",
        props: { globalClusterIdentifier: UNKNOWN, skipFinalSnapshot: true },
      },
    ],
    breaks: [{ path: "east/masterUsername", value: "keeper", says: /skipFinalSnapshot is true/ }],
  });

  const bucket: Fake = { type: "aws:s3/bucket:Bucket", name: "backups", props: { bucket: "shop-backups" } };
  const versions: Fake = {
    type: "aws:s3/bucketVersioning:BucketVersioning",
    name: "versions",
    props: { bucket: "shop-backups", versioningConfiguration: { status: "Enabled" } },
  };
  describePolicy({
    policy: bucketKeepsVersions,
    compliant: [bucket, versions, { ...bucket, name: "old", props: { versioning: { enabled: true } } }],
    breaks: [
      {
        path: "versions/versioningConfiguration/status",
        value: "Suspended",
        says: /^Bucket backups keeps no versions/,
      },
      { path: "old/versioning", value: undefined, says: /^Bucket old keeps no versions/ },
    ],
    undecided: ["versions/versioningConfiguration", "old/versioning"],
  });

  describePolicy({
    policy: bucketIsReplicated,
    compliant: [
      bucket,
      { ...bucket, name: "photos", props: {} },
      {
        type: "aws:s3/bucketReplicationConfig:BucketReplicationConfig",
        name: "copy",
        props: { bucket: "shop-backups", rules: [{ status: "Enabled" }] },
      },
    ],
    breaks: [
      { path: "copy/rules", value: [{ status: "Disabled" }], says: /^Bucket backups is in one region alone/ },
      { path: "photos/bucket", value: "more-backups", says: /^Bucket photos/ },
    ],
    undecided: ["copy/rules"],
  });

  describePolicy({
    policy: bucketOutlivesItsContent,
    compliant: [bucket],
    breaks: [{ path: "backups/forceDestroy", value: true, says: /^forceDestroy is true/ }],
    undecided: ["backups/forceDestroy"],
  });

  const plan: Fake = {
    type: "aws:backup/plan:Plan",
    name: "daily",
    props: { rules: [{ ruleName: "night", copyActions: [{ destinationVaultArn: UNKNOWN }] }] },
  };
  describePolicy({
    policy: backupPlanCopiesElsewhere,
    compliant: [plan],
    breaks: [{ path: "daily/rules", value: [{ ruleName: "night" }], says: /^Rule night copies nothing elsewhere/ }],
    undecided: ["daily/rules"],
  });

  describePolicy({
    policy: restoresAreTested,
    compliant: [plan, { type: "aws:backup/restoreTestingPlan:RestoreTestingPlan", name: "test", props: {} }],
    breaks: [],
  });
  it("restores-are-tested finds a plan that nobody tries", () => {
    assert.deepEqual(say(restoresAreTested, [plan]), [
      "advisory: Backups are planned by daily, but no RestoreTestingPlan tries to restore one; make one.",
    ]);
  });

  describePolicy({
    policy: secretCanBeRecovered,
    compliant: [{ type: "aws:secretsmanager/secret:Secret", name: "login", props: {} }],
    breaks: [{ path: "login/recoveryWindowInDays", value: 0, says: /^recoveryWindowInDays is 0, below the 7/ }],
    undecided: ["login/recoveryWindowInDays"],
  });
});

describe("health of targets, and versions of engines", () => {
  const groups: readonly Fake[] = [
    {
      type: "aws:lb/targetGroup:TargetGroup",
      name: "web",
      props: { healthCheck: { path: "/ready" }, deregistrationDelay: 60 },
    },
    {
      type: "aws:lb/targetGroup:TargetGroup",
      name: "function",
      props: { targetType: "lambda", healthCheck: { enabled: false } },
    },
  ];
  describePolicy({
    policy: targetGroupChecksHealth,
    compliant: groups,
    breaks: [{ path: "web/healthCheck/enabled", value: false, says: /^healthCheck\.enabled is false/ }],
    undecided: ["web/healthCheck"],
  });

  describePolicy({
    policy: targetGroupDrains,
    compliant: groups,
    breaks: [
      { path: "web/deregistrationDelay", value: 0, says: /is 0 seconds, below the 10 of target-group-drains\.atLeast/ },
      {
        path: "web/deregistrationDelay",
        value: "900",
        says: /is 900 seconds, above the 300 of target-group-drains\.atMost/,
      },
    ],
    undecided: ["web/deregistrationDelay"],
  });

  describePolicy({
    policy: scalingGroupAsksLoadBalancer,
    compliant: [
      {
        type: "aws:autoscaling/group:Group",
        name: "web",
        props: { targetGroupArns: [UNKNOWN], healthCheckType: "ELB" },
      },
      { type: "aws:autoscaling/group:Group", name: "batch", props: {} },
    ],
    breaks: [{ path: "web/healthCheckType", value: "EC2", says: /^healthCheckType is not ELB/ }],
    undecided: ["web/healthCheckType"],
  });

  describePolicy({
    policy: engineIsSupported,
    compliant: [
      ...databases,
      { type: "aws:elasticache/replicationGroup:ReplicationGroup", name: "cache", props: { engineVersion: "7.1" } },
      { type: "aws:mq/broker:Broker", name: "jobs", props: { engineType: "RabbitMQ", engineVersion: "3.13" } },
    ],
    config: { day: "2026-11-21" },
    breaks: [
      {
        path: "shop/engineVersion",
        value: "13.16",
        says: /^postgres 13\.16 has had no standard support since 2026-02-28/,
      },
      { path: "shop/engineVersion", value: "9.6", says: /^postgres 9\.6 has had no standard support/ },
      { path: "cache/engineVersion", value: "5.0.6", says: /^redis 5\.0\.6/ },
      { path: "cache/engineVersion", value: "6.2", says: /has standard support until 2027-01-31/, level: "advisory" },
      { path: "jobs/engineVersion", value: "3.11.28", says: /^RabbitMQ 3\.11\.28/ },
    ],
    passes: [
      { path: "shop/engineVersion", value: "19.1" },
      { path: "shop/engineVersion", value: undefined },
    ],
    undecided: ["shop/engineVersion"],
  });

  it("knows the line that a version belongs to", () => {
    assert.equal(supportEnds("mariadb", "10.11.9"), "2028-02-29");
    assert.equal(supportEnds("mysql", "8.0"), "2026-07-31");
    assert.equal(supportEnds("aurora-mysql", "5.7.mysql_aurora.2.12.0"), "2024-10-31");
    assert.equal(supportEnds("mariadb", "12.1"), undefined);
    assert.equal(supportEnds("oracle-ee", "19"), undefined);
  });
});
