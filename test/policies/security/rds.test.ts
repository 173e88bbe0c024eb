import { clusterInstanceTakesMinorUpgrades } from "../../../policies/security/rds/cluster-instance-takes-minor-upgrades.ts";
import { dataSubnetsArePrivate } from "../../../policies/security/rds/data-subnets-are-private.ts";
import { databaseAdministratorHasOwnName } from "../../../policies/security/rds/database-administrator-has-own-name.ts";
import { databaseCopiesTagsToSnapshots } from "../../../policies/security/rds/database-copies-tags-to-snapshots.ts";
import { databaseHasEnhancedMonitoring } from "../../../policies/security/rds/database-has-enhanced-monitoring.ts";
import { databaseIsEncrypted } from "../../../policies/security/rds/database-is-encrypted.ts";
import { databaseNotOnDefaultPort } from "../../../policies/security/rds/database-not-on-default-port.ts";
import { databaseNotPublic } from "../../../policies/security/rds/database-not-public.ts";
import { databaseProxyRequiresTls } from "../../../policies/security/rds/database-proxy-requires-tls.ts";
import { databasePublishesLogs } from "../../../policies/security/rds/database-publishes-logs.ts";
import { databaseRequiresTls } from "../../../policies/security/rds/database-requires-tls.ts";
import { databaseSnapshotNotPublic } from "../../../policies/security/rds/database-snapshot-not-public.ts";
import { databaseTakesMinorUpgrades } from "../../../policies/security/rds/database-takes-minor-upgrades.ts";
import { databaseUsesIamAuthentication } from "../../../policies/security/rds/database-uses-iam-authentication.ts";
import { describePolicy } from "../cases.ts";
import { type Fake, UNKNOWN } from "../harness.ts";

const single: Fake = {
  type: "aws:rds/instance:Instance",
  name: "shop",
  props: {
    engine: "postgres",
    engineVersion: "14.12",
    username: "keeper",
    port: 6432,
    storageEncrypted: true,
    publiclyAccessible: false,
    copyTagsToSnapshot: true,
    monitoringInterval: 60,
    iamDatabaseAuthenticationEnabled: true,
    enabledCloudwatchLogsExports: ["postgresql", "upgrade"],
    parameterGroupName: UNKNOWN,
  },
  from: { parameterGroupName: ["shop-parameters"] },
};

const parameters: Fake = {
  type: "aws:rds/parameterGroup:ParameterGroup",
  name: "shop-parameters",
  props: { family: "postgres14", parameters: [{ name: "rds.force_ssl", value: "1" }] },
};

const cluster: Fake = {
  type: "aws:rds/cluster:Cluster",
  name: "orders",
  props: {
    clusterIdentifier: "orders",
    engine: "aurora-postgresql",
    engineVersion: "17.4",
    masterUsername: "keeper",
    port: 6432,
    storageEncrypted: true,
    copyTagsToSnapshot: true,
    iamDatabaseAuthenticationEnabled: true,
    enabledCloudwatchLogsExports: ["postgresql"],
  },
};

const writer: Fake = {
  type: "aws:rds/clusterInstance:ClusterInstance",
  name: "orders-0",
  props: { clusterIdentifier: "orders", engine: "aurora-postgresql", monitoringInterval: 30 },
};

const databases: readonly Fake[] = [parameters, single, cluster, writer];

describe("security of databases", () => {
  describePolicy({
    policy: databaseNotPublic,
    compliant: databases,
    breaks: [
      {
        path: "shop/publiclyAccessible",
        value: true,
        says: /^publiclyAccessible is true, so .*write publiclyAccessible: false\.$/,
      },
      { path: "orders-0/publiclyAccessible", value: true, says: /anyone on the internet/ },
    ],
    passes: [{ path: "shop/publiclyAccessible", value: undefined }],
    undecided: ["shop/publiclyAccessible"],
  });

  describePolicy({
    policy: databaseSnapshotNotPublic,
    compliant: [
      {
        type: "aws:rds/snapshot:Snapshot",
        name: "before",
        props: { dbInstanceIdentifier: "shop", dbSnapshotIdentifier: "before", sharedAccounts: ["123456789012"] },
      },
    ],
    breaks: [{ path: "before/sharedAccounts", value: ["all"], says: /^sharedAccounts has all/ }],
    passes: [{ path: "before/sharedAccounts", value: undefined }],
    undecided: ["before/sharedAccounts"],
  });

  describePolicy({
    policy: databaseIsEncrypted,
    compliant: [
      ...databases,
      { type: "aws:rds/instance:Instance", name: "replica", props: { replicateSourceDb: UNKNOWN } },
      { type: "aws:rds/cluster:Cluster", name: "small", props: { engine: "aurora-mysql", engineMode: "serverless" } },
      {
        type: "aws:rds/globalCluster:GlobalCluster",
        name: "world",
        props: { globalClusterIdentifier: "world", storageEncrypted: true },
      },
    ],
    breaks: [
      { path: "shop/storageEncrypted", value: false, says: /^storageEncrypted is false, so / },
      {
        path: "orders/storageEncrypted",
        value: undefined,
        says: /^storageEncrypted is not written, which means false/,
      },
      { path: "world/storageEncrypted", value: undefined, says: /write storageEncrypted: true\.$/ },
      { path: "replica/replicateSourceDb", value: undefined, says: /not written/ },
      { path: "replica/storageEncrypted", value: false, says: /is false/ },
    ],
    undecided: ["shop/storageEncrypted", "orders/storageEncrypted"],
  });

  describePolicy({
    policy: databaseHasEnhancedMonitoring,
    compliant: databases,
    breaks: [
      { path: "shop/monitoringInterval", value: 0, says: /^Database instance shop has no monitoringInterval/ },
      { path: "orders-0/monitoringInterval", value: undefined, says: /^Database instance orders-0/ },
    ],
    passes: [{ path: "orders/monitoringInterval", value: 60 }],
    undecided: ["shop/monitoringInterval"],
  });
  describePolicy({
    policy: databaseHasEnhancedMonitoring,
    compliant: [
      { ...cluster, props: { ...cluster.props, monitoringInterval: 60 } },
      { ...writer, props: { clusterIdentifier: "orders" } },
    ],
    breaks: [{ path: "orders/monitoringInterval", value: undefined, says: /^Database instance orders-0/ }],
    undecided: ["orders/monitoringInterval"],
  });

  describePolicy({
    policy: databasePublishesLogs,
    compliant: [
      ...databases,
      {
        type: "aws:rds/instance:Instance",
        name: "old",
        props: { engine: "oracle-ee", enabledCloudwatchLogsExports: ["alert", "audit", "listener", "trace"] },
      },
      { type: "aws:rds/instance:Instance", name: "other", props: { engine: "db2-se" } },
    ],
    breaks: [
      {
        path: "shop/enabledCloudwatchLogsExports",
        value: ["upgrade"],
        says: /of this postgres database lacks postgresql; add it\.$/,
      },
      {
        path: "orders/enabledCloudwatchLogsExports",
        value: undefined,
        says: /aurora-postgresql database lacks postgresql/,
      },
      { path: "orders/engine", value: "aurora-mysql", says: /lacks audit/ },
      {
        path: "old/enabledCloudwatchLogsExports",
        value: ["audit", "trace"],
        says: /lacks alert and listener; add them\.$/,
      },
    ],
    undecided: ["shop/enabledCloudwatchLogsExports", "shop/engine"],
  });

  describePolicy({
    policy: databaseUsesIamAuthentication,
    compliant: [...databases, { type: "aws:rds/instance:Instance", name: "old", props: { engine: "sqlserver-ex" } }],
    breaks: [
      { path: "shop/iamDatabaseAuthenticationEnabled", value: false, says: /lasting password/ },
      { path: "orders/iamDatabaseAuthenticationEnabled", value: undefined, says: /not written, which means false/ },
    ],
    undecided: ["orders/iamDatabaseAuthenticationEnabled", "old/engine"],
  });

  describePolicy({
    policy: databaseTakesMinorUpgrades,
    compliant: [
      ...databases,
      {
        type: "aws:rds/cluster:Cluster",
        name: "zones",
        props: { engine: "mysql", dbClusterInstanceClass: "db.m6gd.large" },
      },
    ],
    breaks: [
      { path: "shop/autoMinorVersionUpgrade", value: false, says: /write autoMinorVersionUpgrade: true\.$/ },
      { path: "zones/autoMinorVersionUpgrade", value: false, says: /security fixes/ },
    ],
    passes: [{ path: "orders/autoMinorVersionUpgrade", value: false }],
    undecided: ["shop/autoMinorVersionUpgrade"],
  });

  const global: Fake = {
    type: "aws:rds/globalCluster:GlobalCluster",
    name: "world",
    props: { globalClusterIdentifier: "world" },
  };
  describePolicy({
    policy: clusterInstanceTakesMinorUpgrades,
    compliant: [
      ...databases,
      global,
      {
        ...cluster,
        name: "west",
        props: { clusterIdentifier: UNKNOWN, globalClusterIdentifier: UNKNOWN },
        from: { globalClusterIdentifier: ["world"] },
      },
      {
        ...writer,
        name: "west-0",
        props: { clusterIdentifier: UNKNOWN, autoMinorVersionUpgrade: false },
        from: { clusterIdentifier: ["west"] },
      },
    ],
    breaks: [
      { path: "orders-0/autoMinorVersionUpgrade", value: false, says: /^autoMinorVersionUpgrade of orders-0 is false/ },
    ],
    passes: [{ path: "orders-0/autoMinorVersionUpgrade", value: true }],
    undecided: ["orders-0/autoMinorVersionUpgrade"],
  });
  describePolicy({
    policy: clusterInstanceTakesMinorUpgrades,
    compliant: [
      cluster,
      { ...writer, props: { ...writer.props, autoMinorVersionUpgrade: false } },
      {
        ...global,
        props: { ...global.props, sourceDbClusterIdentifier: "arn:aws:rds:eu-west-1:123456789012:cluster:orders" },
      },
    ],
    breaks: [{ path: "world/sourceDbClusterIdentifier", value: undefined, says: /orders-0/ }],
  });

  describePolicy({
    policy: databaseCopiesTagsToSnapshots,
    compliant: databases,
    breaks: [
      { path: "shop/copyTagsToSnapshot", value: false, says: /copyTagsToSnapshot: true/ },
      { path: "orders/copyTagsToSnapshot", value: undefined, says: /copyTagsToSnapshot: true/ },
    ],
    undecided: ["orders/copyTagsToSnapshot"],
  });

  describePolicy({
    policy: databaseNotOnDefaultPort,
    compliant: databases,
    breaks: [
      { path: "shop/port", value: 5432, says: /listens on 5432, which every scan for postgres tries/ },
      { path: "orders/port", value: undefined, says: /5432/ },
    ],
    passes: [{ path: "orders/engine", value: "neptune" }],
    undecided: ["orders/port"],
  });

  describePolicy({
    policy: databaseAdministratorHasOwnName,
    compliant: databases,
    breaks: [
      { path: "shop/username", value: "postgres", says: /^username is postgres/ },
      { path: "orders/masterUsername", value: "Admin", says: /^masterUsername is Admin/ },
    ],
    passes: [{ path: "orders/masterUsername", value: undefined }],
    undecided: ["shop/username"],
  });

  describePolicy({
    policy: databaseRequiresTls,
    compliant: databases,
    breaks: [
      {
        path: "shop-parameters/parameters",
        value: [{ name: "rds.force_ssl", value: "0" }],
        says: /^rds\.force_ssl is 0 for database shop, .* set it to 1 in parameter group shop-parameters\.$/,
      },
      { path: "shop-parameters/parameters", value: [], says: /^rds\.force_ssl is not set for database shop/ },
      {
        path: "orders/engineVersion",
        value: "16.4",
        says: /for database orders, .* a parameter group and name that in dbClusterParameterGroupName\.$/,
      },
      {
        path: "orders/engine",
        value: "aurora-mysql",
        says: /^require_secure_transport is not set for database orders.*set it to ON/,
      },
    ],
    passes: [
      { path: "orders/engineVersion", value: undefined },
      { path: "orders/engine", value: "neptune" },
      { path: "shop/engineVersion", value: "16" },
    ],
    undecided: ["orders/engine", "shop-parameters/parameters"],
  });
  describePolicy({
    policy: databaseRequiresTls,
    compliant: [
      { ...parameters, props: { ...parameters.props, name: "shop" } },
      { ...single, props: { ...single.props, parameterGroupName: "shop" }, from: {} },
    ],
    breaks: [{ path: "shop/parameterGroupName", value: "default.postgres14", says: /^rds\.force_ssl is not set/ }],
    passes: [{ path: "shop/parameterGroupName", value: "somebody-elses" }],
    undecided: ["shop/parameterGroupName"],
  });

  describePolicy({
    policy: databaseProxyRequiresTls,
    compliant: [{ type: "aws:rds/proxy:Proxy", name: "proxy", props: { requireTls: true } }],
    breaks: [{ path: "proxy/requireTls", value: undefined, says: /write requireTls: true\.$/ }],
    undecided: ["proxy/requireTls"],
  });

  const network: readonly Fake[] = [
    { type: "aws:ec2/internetGateway:InternetGateway", name: "igw", props: {} },
    {
      type: "aws:ec2/natGateway:NatGateway",
      name: "nat",
      props: { subnetId: UNKNOWN },
      from: { subnetId: ["open"], allocationId: ["igw"] },
    },
    { type: "aws:ec2/subnet:Subnet", name: "open", props: {} },
    { type: "aws:ec2/subnet:Subnet", name: "closed", props: {} },
    {
      type: "aws:ec2/routeTable:RouteTable",
      name: "out",
      props: { routes: [{ cidrBlock: "0.0.0.0/0", gatewayId: UNKNOWN }] },
      from: { routes: ["igw"] },
    },
    {
      type: "aws:ec2/routeTable:RouteTable",
      name: "in",
      props: { routes: [{ cidrBlock: "0.0.0.0/0", natGatewayId: UNKNOWN }] },
      from: { routes: ["nat"] },
    },
    {
      type: "aws:ec2/routeTableAssociation:RouteTableAssociation",
      name: "open-out",
      props: { subnetId: UNKNOWN, routeTableId: UNKNOWN },
      from: { subnetId: ["open"], routeTableId: ["out"] },
    },
    {
      type: "aws:ec2/routeTableAssociation:RouteTableAssociation",
      name: "closed-in",
      props: { subnetId: UNKNOWN, routeTableId: UNKNOWN },
      from: { subnetId: ["closed"], routeTableId: ["in"] },
    },
    {
      type: "aws:rds/subnetGroup:SubnetGroup",
      name: "group",
      props: { subnetIds: [UNKNOWN] },
      from: { subnetIds: ["closed"] },
    },
  ];
  describePolicy({
    policy: dataSubnetsArePrivate,
    compliant: network,
    breaks: [
      {
        path: "in/routes",
        value: [{ cidrBlock: "0.0.0.0/0", gatewayId: "igw-1" }],
        says: /^Subnet group group has the public subnet closed, /,
      },
      { path: "in/routes", value: [{ ipv6CidrBlock: "::/0", gatewayId: UNKNOWN }], says: /take private ones\.$/ },
    ],
    passes: [{ path: "in/routes", value: [{ cidrBlock: "10.0.0.0/8", gatewayId: "igw-1" }] }],
  });
  describePolicy({
    policy: dataSubnetsArePrivate,
    compliant: [
      ...network,
      {
        type: "aws:ec2/route:Route",
        name: "default",
        props: { routeTableId: UNKNOWN, destinationCidrBlock: "0.0.0.0/0", gatewayId: "vgw-1" },
        from: { routeTableId: ["in"] },
      },
    ],
    breaks: [{ path: "default/gatewayId", value: "igw-1", says: /public subnet closed/ }],
  });
});
