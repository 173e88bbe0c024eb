import type { KindExpander } from "../expansion.ts";
import { at, bytes, container, count, placement, plain, text } from "../read.ts";

/** https://github.com/rabbitmq/cluster-operator/blob/v2.22.5/internal/resource/statefulset.go (defaults of the first container) */
const SETUP = { requests: { cpu: "100m", memory: "500Mi" }, limits: { cpu: "100m", memory: "500Mi" } };
/** https://github.com/rabbitmq/cluster-operator/blob/v2.22.5/api/v1beta1/rabbitmqcluster_types.go (defaults) */
const NODE = { requests: { cpu: "1000m", memory: "2Gi" }, limits: { cpu: "2000m", memory: "2Gi" } };
const STORAGE = "10Gi";

/** `rabbitmq.com/RabbitmqCluster`: a StatefulSet `<name>-server` with a volume for each node. */
export const expandRabbitmqCluster: KindExpander = ({ namespace, name, spec }) => {
  const replicas = count(spec.replicas, 1);
  const persistence = at(spec, "persistence");
  const storage = bytes(persistence.storage ?? STORAGE);
  const storageClass = text(persistence.storageClassName);
  const pod = at(spec, "override", "statefulSet", "spec", "template", "spec");
  return {
    workloads: [
      {
        kind: "StatefulSet",
        namespace,
        name: `${name}-server`,
        labels: { "app.kubernetes.io/name": name },
        pods: {
          replicas,
          containers: [
            container("setup-container", SETUP, "init"),
            container(
              "rabbitmq",
              spec.resources === undefined ? NODE : plain(spec.resources),
              "container",
              text(spec.image),
            ),
          ],
        },
        ...placement({ tolerations: spec.tolerations, nodeSelector: pod.nodeSelector }),
      },
    ],
    // 0: the data live and die with the pod
    claims:
      storage === 0
        ? []
        : [
            {
              namespace,
              name: `persistence-${name}-server`,
              count: replicas,
              bytes: storage,
              ...(storageClass !== "" && { storageClass }),
            },
          ],
    services: [
      { namespace, name, ports: at(spec, "tls").secretName === undefined ? [5672, 15672] : [5671, 5672, 15671, 15672] },
    ],
  };
};
