/** Last part of every log stream's name: `logs-<system>-groundwork`. */
export const NAMESPACE = "groundwork";
const STREAMS = `logs-*-${NAMESPACE}`;
/** The lifecycle policy and the template, in Elasticsearch. */
export const POLICY = "groundwork-logs";
export const TEMPLATE = "groundwork-logs";

/** Who comes to Elasticsearch beside its superuser, and as what. */
export const USERS = {
  /** https://www.elastic.co/docs/deploy-manage/users-roles/cluster-or-deployment-auth/built-in-roles: what Kibana's own server needs. */
  kibana: "kibana_system",
  logstash: "logs_writer",
  grafana: "logs_reader",
} as const;

export type LogsUser = keyof typeof USERS;

/**
 * elasticsearch.yml. https://www.elastic.co/docs/reference/elasticsearch/configuration-reference. One node, passwords on,
 * no TLS: it is reached on the environment's own Docker networks only, and never published.
 */
export function elasticsearchSettings(name: string): Record<string, unknown> {
  return {
    "cluster.name": name,
    "node.name": name,
    "network.host": "0.0.0.0",
    "discovery.type": "single-node",
    // memory-mapped files need a kernel setting of the host (vm.max_map_count); without them large searches are slower
    "node.store.allow_mmap": false,
    "xpack.security.enabled": true,
    // it would write certificates and an enrolment token into the container at its first start
    "xpack.security.autoconfiguration.enabled": false,
    "xpack.security.http.ssl.enabled": false,
    "xpack.ml.enabled": false,
    "ingest.geoip.downloader.enabled": false,
    // the disk belongs to other containers too: stop writing before it is full
    "cluster.routing.allocation.disk.watermark.low": "85%",
    "cluster.routing.allocation.disk.watermark.high": "90%",
    "cluster.routing.allocation.disk.watermark.flood_stage": "95%",
  };
}

/** roles.yml: least privileges. https://www.elastic.co/docs/reference/logstash/secure-connection */
export function roles(): Record<string, unknown> {
  return {
    [USERS.logstash]: {
      cluster: ["monitor", "manage_index_templates", "manage_ilm"],
      indices: [
        // a policy acts with the rights of who wrote it last, hence `manage`
        { names: [STREAMS], privileges: ["auto_configure", "create_doc", "view_index_metadata", "manage"] },
      ],
    },
    [USERS.grafana]: {
      cluster: ["monitor"],
      indices: [{ names: [STREAMS], privileges: ["read", "view_index_metadata"] }],
    },
  };
}

/**
 * The files `users` and `users_roles` of the file realm: accounts that are there before the first request, without a
 * call to make them. https://www.elastic.co/docs/deploy-manage/users-roles/cluster-or-deployment-auth/file-based
 */
export function usersFile(hashes: Readonly<Record<LogsUser, string>>): string {
  return (Object.keys(USERS) as LogsUser[]).map((user) => `${user}:${hashes[user]}\n`).join("");
}

export function userRolesFile(): string {
  return Object.entries(USERS)
    .map(([user, role]) => `${role}:${user}\n`)
    .join("");
}

/** A new index each day or 5 GB; each is deleted so many days after. https://www.elastic.co/docs/manage-data/lifecycle/index-lifecycle-management */
export function lifecyclePolicy(retentionDays: number): object {
  return {
    policy: {
      phases: {
        hot: { actions: { rollover: { max_age: "1d", max_primary_shard_size: "5gb" } } },
        delete: { min_age: `${retentionDays}d`, actions: { delete: {} } },
      },
    },
  };
}

/** https://www.elastic.co/docs/manage-data/data-store/templates; Elasticsearch's own template for `logs-*-*` has priority 100. */
export function indexTemplate(): object {
  return {
    index_patterns: [STREAMS],
    data_stream: {},
    priority: 300,
    composed_of: ["logs@mappings", "ecs@mappings"],
    template: {
      settings: {
        "index.lifecycle.name": POLICY,
        // a second copy on the only node would never be made, and the cluster would be yellow for ever
        "index.number_of_replicas": 0,
      },
      mappings: {
        properties: {
          // one field for whatever services write: two that disagree on the type of a field both keep their lines
          structured: { type: "flattened", ignore_above: 8000 },
        },
      },
    },
  };
}

/** Name of the data stream's middle part, which may hold no `-`. https://www.elastic.co/docs/reference/logstash/plugins/plugins-outputs-elasticsearch#plugins-outputs-elasticsearch-data_stream_dataset */
export function datasetOf(system: string): string {
  return system.replaceAll("-", "_");
}
