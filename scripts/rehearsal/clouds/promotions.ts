import type { Cloud } from "./cloud.ts";
import type { Item } from "./inventory.ts";
import type { Entry } from "./journal.ts";
import { regionOf } from "./regions-lost.ts";
import { EVERYWHERE } from "./shelf.ts";
import { text } from "./tables/values.ts";

const CLUSTER = "aws:rds/cluster:Cluster";
const INSTANCE = "aws:rds/clusterInstance:ClusterInstance";
const DATASTORE = "aws:elasticache/globalReplicationGroup:GlobalReplicationGroup";
const GROUP = "aws:elasticache/replicationGroup:ReplicationGroup";

/**
 * `aws rds failover-global-cluster` and `switchover-global-cluster`: names and endpoints stay, the replication turns round.
 * https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_FailoverGlobalCluster.html
 * @returns why the service refuses it; nothing when it is done
 */
export function promoteGlobalDatabase(cloud: Cloud, identifier: string, region: string): string | undefined {
  const clusters = items(cloud, CLUSTER).filter(
    ({ properties }) => properties["globalClusterIdentifier"] === identifier,
  );
  const chosen = clusters.find(({ place }) => regionOf(place) === region);
  if (clusters.length === 0) return `GlobalClusterNotFoundFault: the global cluster ${identifier} does not exist`;
  if (chosen === undefined) return `DBClusterNotFoundFault: ${identifier} has no cluster in ${region}`;
  const members = new Set(clusters.map(({ properties }) => text(properties["clusterIdentifier"])));
  const instances = items(cloud, INSTANCE).filter(({ properties }) =>
    members.has(text(properties["clusterIdentifier"])),
  );
  const lead = instances.find(
    ({ properties }) => properties["clusterIdentifier"] === chosen.properties["clusterIdentifier"],
  );
  cloud.inventory.commit({
    put: [
      ...clusters.map((cluster) =>
        changed(cluster, {
          replicationSourceIdentifier: cluster === chosen ? "" : text(chosen.properties["arn"]),
        }),
      ),
      ...instances.map((instance) => changed(instance, { writer: instance === lead })),
    ],
  });
  return undefined;
}

/**
 * `aws elasticache failover-global-replication-group`.
 * https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_FailoverGlobalReplicationGroup.html
 * @param ending how the datastore's id ends; ElastiCache chooses how it begins
 * @returns why the service refuses it; nothing when it is done
 */
export function promoteGlobalDatastore(cloud: Cloud, ending: string, region: string): string | undefined {
  const datastore = items(cloud, DATASTORE).find(({ id, properties }) =>
    [id, text(properties["globalReplicationGroupId"])].some((one) => one.endsWith(ending)),
  );
  if (datastore === undefined)
    return `GlobalReplicationGroupNotFoundFault: no datastore has an id that ends in ${ending}`;
  const primary = text(datastore.properties["primaryReplicationGroupId"]);
  const groups = items(cloud, GROUP);
  const own = text(datastore.properties["globalReplicationGroupId"]);
  const chosen = groups.find(
    ({ id, place, properties }) =>
      regionOf(place) === region && (id === primary || properties["globalReplicationGroupId"] === own),
  );
  if (chosen === undefined) return `InvalidParameterValue: ${ending} has no replication group in ${region}`;
  cloud.inventory.commit({ put: [changed(datastore, { primaryReplicationGroupId: chosen.id })] });
  return undefined;
}

function items(cloud: Cloud, token: string): readonly Item[] {
  return cloud.inventory.shelf.list(token, EVERYWHERE) as readonly Item[];
}

function changed({ entry }: Item, properties: Entry["properties"]): Entry {
  return { ...entry, properties: { ...entry.properties, ...properties } };
}
