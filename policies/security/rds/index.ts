import type { Policy } from "../../framework/policy.ts";
import { clusterInstanceTakesMinorUpgrades } from "./cluster-instance-takes-minor-upgrades.ts";
import { dataSubnetsArePrivate } from "./data-subnets-are-private.ts";
import { databaseAdministratorHasOwnName } from "./database-administrator-has-own-name.ts";
import { databaseCertificateIsCurrent } from "./database-certificate-is-current.ts";
import { databaseCopiesTagsToSnapshots } from "./database-copies-tags-to-snapshots.ts";
import { databaseEventsAreTold } from "./database-events-are-told.ts";
import { databaseHasEnhancedMonitoring } from "./database-has-enhanced-monitoring.ts";
import { databaseIsEncrypted } from "./database-is-encrypted.ts";
import { databaseNotOnDefaultPort } from "./database-not-on-default-port.ts";
import { databaseNotPublic } from "./database-not-public.ts";
import { databaseProxyRequiresTls } from "./database-proxy-requires-tls.ts";
import { databasePublishesLogs } from "./database-publishes-logs.ts";
import { databaseRequiresTls } from "./database-requires-tls.ts";
import { databaseSnapshotNotPublic } from "./database-snapshot-not-public.ts";
import { databaseTakesMinorUpgrades } from "./database-takes-minor-upgrades.ts";
import { databaseUsesIamAuthentication } from "./database-uses-iam-authentication.ts";

/** Databases of RDS and Aurora, and the proxies before them. */
export const rds: readonly Policy[] = [
  databaseNotPublic,
  databaseSnapshotNotPublic,
  dataSubnetsArePrivate,
  databaseIsEncrypted,
  databaseRequiresTls,
  databaseProxyRequiresTls,
  databaseCertificateIsCurrent,
  databaseTakesMinorUpgrades,
  clusterInstanceTakesMinorUpgrades,
  databasePublishesLogs,
  databaseUsesIamAuthentication,
  databaseAdministratorHasOwnName,
  databaseNotOnDefaultPort,
  databaseHasEnhancedMonitoring,
  databaseCopiesTagsToSnapshots,
  databaseEventsAreTold,
];
