import { merged } from "../expansion.ts";
import type { Expansion, KindExpander, Plain, PodContainer } from "../expansion.ts";
import { at, bytes, container, count, list, placement, plain, text } from "../read.ts";

/**
 * What the plug-in's container beside each server may use. An ObjectStore says it, a Cluster does not: so it is written
 * once, here, for both. Compressing is the largest thing that it does.
 * https://cloudnative-pg.io/plugin-barman-cloud/docs/usage/#configuring-the-plugin-instance-sidecar
 */
export const ARCHIVER_RESOURCES = {
  requests: { cpu: "100m", memory: "256Mi" },
  limits: { cpu: 1, memory: "256Mi" },
} as const;

/**
 * `postgresql.cnpg.io/Cluster`: an instance manager per instance, which the operator makes as bare pods, one by one, and
 * which is shown here as the StatefulSet that it resembles; a first container copies the manager with the same resources.
 * https://github.com/cloudnative-pg/cloudnative-pg/blob/v1.30.0/pkg/specs/pods.go
 */
export const expandCluster: KindExpander = ({ namespace, name, spec }) => {
  const instances = count(spec.instances, 1);
  // Of each instance.
  const claim = (part: string, storage: Plain) => claimOf(namespace, `${name}${part}`, storage, instances);
  return {
    workloads: [
      {
        kind: "StatefulSet",
        namespace,
        name,
        labels: { "cnpg.io/cluster": name },
        pods: {
          replicas: instances,
          containers: [
            container("bootstrap-controller", spec.resources, "init"),
            ...archiver(spec),
            container("postgres", spec.resources, "container", text(spec.imageName)),
          ],
        },
        ...placement({ ...at(spec, "affinity"), priorityClassName: spec.priorityClassName }),
      },
    ],
    claims: [
      ...claim("", plain(spec.storage)),
      ...(spec.walStorage === undefined ? [] : claim("-wal", plain(spec.walStorage))),
    ],
    // https://cloudnative-pg.io/docs/1.30/service_management
    services: ["rw", "ro", "r"].map((kind) => ({ namespace, name: `${name}-${kind}`, ports: [5432] })),
  };
};

function archiver(spec: Plain): PodContainer[] {
  return list(spec.plugins).some((plugin) => plain(plugin).name === "barman-cloud.cloudnative-pg.io")
    ? [container("plugin-barman-cloud", ARCHIVER_RESOURCES, "sidecar")]
    : [];
}

function claimOf(namespace: string, name: string, storage: Plain, instances: number): Expansion["claims"][number][] {
  const storageClass = text(storage.storageClass);
  return [
    {
      namespace,
      name,
      count: instances,
      bytes: bytes(storage.size),
      ...(storageClass !== "" && { storageClass }),
    },
  ];
}

/** `postgresql.cnpg.io/Pooler`: a Deployment of PgBouncer. https://github.com/cloudnative-pg/cloudnative-pg/blob/v1.30.0/pkg/specs/pgbouncer/deployments.go */
export const expandPooler: KindExpander = ({ namespace, name, spec }) => {
  const pod = at(spec, "template", "spec");
  const written = list(pod.containers)
    .map(plain)
    .find((each) => each.name === "pgbouncer");
  return merged({
    workloads: [
      {
        kind: "Deployment",
        namespace,
        name,
        labels: { "cnpg.io/poolerName": name },
        pods: {
          replicas: count(spec.instances, 1),
          containers: [
            // it copies the operator's binary and has the same resources as PgBouncer
            container("bootstrap-controller", written?.resources, "init"),
            container("pgbouncer", written?.resources),
          ],
        },
        ...placement(pod),
      },
    ],
    claims: [],
    services: [{ namespace, name, ports: [5432] }],
  });
};
