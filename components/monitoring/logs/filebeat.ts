/** A container whose log is read. */
export interface LoggedContainer {
  /** Name in the engine. */
  readonly name: string;
  /** 64 hexadecimal digits: the folder of its log. */
  readonly id: string;
  /** Workload or tier. */
  readonly part: string;
}

export interface FilebeatArgs {
  readonly system: string;
  readonly containers: readonly LoggedContainer[];
  /** `host:port` of Logstash. */
  readonly logstash: string;
}

/** Where Docker keeps the containers' files, on the host and in the shipper. */
export const DOCKER_CONTAINERS = "/var/lib/docker/containers";

/**
 * filebeat.yml. https://www.elastic.co/docs/reference/beats/filebeat/filebeat-input-filestream. Each file by its full
 * path: the folders can be passed by the group but not listed, which is just what a reader of logs needs.
 */
export function filebeatSettings({ system, containers, logstash }: FilebeatArgs): Record<string, unknown> {
  const sorted = containers.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return {
    "filebeat.inputs": sorted.map((container) => input(system, container)),
    "output.logstash": { hosts: [logstash] },
    "logging.level": "warning",
    "logging.to_stderr": true,
    "logging.to_files": false,
  };
}

function input(system: string, { name, id, part }: LoggedContainer): object {
  return {
    type: "filestream",
    id: `${name}-${id.slice(0, 12)}`,
    paths: [`${DOCKER_CONTAINERS}/${id}/${id}-json.log`],
    parsers: [{ container: { stream: "all", format: "docker" } }],
    // the default since 9.0 waits until a file has 1024 bytes; a quiet service would never be heard
    file_identity: { native: null },
    prospector: { scanner: { fingerprint: { enabled: false } } },
    fields_under_root: true,
    fields: { service: { name: part }, container: { name, id }, labels: { system } },
  };
}
