import type { Policy } from "../../framework/policy.ts";
import { backupPlanCopiesElsewhere } from "./backup-plan-copies-elsewhere.ts";
import { brokerSpansZones } from "./broker-spans-zones.ts";
import { bucketIsReplicated } from "./bucket-is-replicated.ts";
import { bucketKeepsVersions } from "./bucket-keeps-versions.ts";
import { bucketOutlivesItsContent } from "./bucket-outlives-its-content.ts";
import { cacheIsBackedUp } from "./cache-is-backed-up.ts";
import { cacheSpansZones } from "./cache-spans-zones.ts";
import { dataSubnetsSpanZones } from "./data-subnets-span-zones.ts";
import { databaseIsBackedUp } from "./database-is-backed-up.ts";
import { databaseIsDeletionProtected } from "./database-is-deletion-protected.ts";
import { databaseLeavesFinalSnapshot } from "./database-leaves-final-snapshot.ts";
import { databaseSpansZones } from "./database-spans-zones.ts";
import { engineIsSupported } from "./engine-is-supported.ts";
import { kubernetesClusterIsDeletionProtected } from "./kubernetes-cluster-is-deletion-protected.ts";
import { loadBalancerCrossesZones } from "./load-balancer-crosses-zones.ts";
import { natGatewayInEachZone } from "./nat-gateway-in-each-zone.ts";
import { nodesSpanZones } from "./nodes-span-zones.ts";
import { restoresAreTested } from "./restores-are-tested.ts";
import { scalingGroupAsksLoadBalancer } from "./scaling-group-asks-load-balancer.ts";
import { secretCanBeRecovered } from "./secret-can-be-recovered.ts";
import { tableCanBeRestored } from "./table-can-be-restored.ts";
import { tableIsDeletionProtected } from "./table-is-deletion-protected.ts";
import { targetGroupChecksHealth } from "./target-group-checks-health.ts";
import { targetGroupDrains } from "./target-group-drains.ts";

/** Zones, backups, protection against deletion, health and versions on AWS. */
export const reliableAws: readonly Policy[] = [
  databaseSpansZones,
  cacheSpansZones,
  brokerSpansZones,
  dataSubnetsSpanZones,
  nodesSpanZones,
  loadBalancerCrossesZones,
  natGatewayInEachZone,
  databaseIsBackedUp,
  cacheIsBackedUp,
  tableCanBeRestored,
  bucketKeepsVersions,
  bucketIsReplicated,
  backupPlanCopiesElsewhere,
  restoresAreTested,
  databaseIsDeletionProtected,
  tableIsDeletionProtected,
  kubernetesClusterIsDeletionProtected,
  databaseLeavesFinalSnapshot,
  bucketOutlivesItsContent,
  secretCanBeRecovered,
  targetGroupChecksHealth,
  targetGroupDrains,
  scalingGroupAsksLoadBalancer,
  engineIsSupported,
];
