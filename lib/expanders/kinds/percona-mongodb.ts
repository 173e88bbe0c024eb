import { merged } from "../expansion.ts";
import type { Expansion, KindExpander, Plain, PodContainer } from "../expansion.ts";
import { at, bytes, container, count, enabled, list, placement, plain, text } from "../read.ts";

const PORT = 27017;

/**
 * `psmdb.percona.com/PerconaServerMongoDB`: a StatefulSet for each shard, for the config servers and for the routers;
 * beside every server that holds data an agent that makes backups, unless they are off.
 * https://github.com/percona/percona-server-mongodb-operator/blob/v1.22.0/pkg/psmdb/statefulset.go
 */
export const expandPerconaServerMongoDB: KindExpander = ({ namespace, name, spec }) => {
  const sharding = at(spec, "sharding");
  const backup = at(spec, "backup");
  const holding: readonly { readonly part: string; readonly set: Plain }[] = [
    ...list(spec.replsets).map((set) => ({ part: text(plain(set).name, "rs0"), set: plain(set) })),
    ...(enabled(sharding, false) ? [{ part: "cfg", set: at(sharding, "configsvrReplSet") }] : []),
  ];
  return merged(
    ...holding.map(({ part, set }) => replicaSet(namespace, `${name}-${part}`, set, text(spec.image), backup)),
    ...(enabled(sharding, false)
      ? [routers(namespace, `${name}-mongos`, at(sharding, "mongos"), text(spec.image))]
      : []),
  );
};

function replicaSet(namespace: string, name: string, set: Plain, image: string, backup: Plain): Expansion {
  const size = count(set.size, 3);
  const claim = at(set, "volumeSpec", "persistentVolumeClaim");
  const storageClass = text(claim.storageClassName);
  const agent = enabled(backup, false) ? [container("backup-agent", backup.resources)] : [];
  return {
    workloads: [
      {
        kind: "StatefulSet",
        namespace,
        name,
        pods: { replicas: size, containers: [...servers("mongod", set, image), ...agent] },
        ...placement(set),
      },
    ],
    claims: [
      {
        namespace,
        name: `mongod-data-${name}`,
        count: size,
        bytes: bytes(at(claim, "resources", "requests").storage),
        ...(storageClass !== "" && { storageClass }),
      },
    ],
    services: [{ namespace, name, ports: [PORT] }],
  };
}

function routers(namespace: string, name: string, set: Plain, image: string): Expansion {
  return {
    workloads: [
      {
        kind: "StatefulSet",
        namespace,
        name,
        pods: { replicas: count(set.size, 3), containers: servers("mongos", set, image) },
        ...placement(set),
      },
    ],
    claims: [],
    services: [{ namespace, name, ports: [PORT] }],
  };
}

/** A first container copies the entry point and has the server's resources; sidecars are as written. */
function servers(part: string, set: Plain, image: string): PodContainer[] {
  return [
    container("mongo-init", set.resources, "init"),
    container(part, set.resources, "container", image),
    ...list(set.sidecars).map((sidecar) => {
      const { name, resources, image: own } = plain(sidecar);
      return container(text(name), resources, "container", text(own));
    }),
  ];
}
