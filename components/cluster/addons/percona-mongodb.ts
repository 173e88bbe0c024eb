import type { HelmAddon } from "./addon.ts";
import { resources, RESTRICTED_CONTAINER, RESTRICTED_POD } from "./context.ts";
import type { Placement, Resources } from "./context.ts";
import { EVERY_POD, prometheusOn, measured, tcp, toApis } from "./network.ts";

/** What we set of https://github.com/percona/percona-helm-charts/blob/psmdb-operator-1.22.0/charts/psmdb-operator/values.yaml */
interface PerconaMongodbValues extends Placement {
  readonly replicaCount: number;
  readonly resources: Resources;
  /** Clusters in all namespaces; each tier has a namespace of its own. */
  readonly watchAllNamespaces: boolean;
  /** No reports to Percona of which clusters there are. */
  readonly disableTelemetry: boolean;
  readonly logStructured: boolean;
  readonly podSecurityContext: typeof RESTRICTED_POD & { readonly runAsUser: number; readonly runAsGroup: number };
  /** With a read-only root file system the chart mounts an empty /tmp. */
  readonly securityContext: typeof RESTRICTED_CONTAINER;
}

/** `percona-server-mongodb-operator` in the image's Dockerfile. https://github.com/percona/percona-server-mongodb-operator/blob/v1.22.0/build/Dockerfile */
const USER = 2;

/** https://github.com/percona/percona-helm-charts/blob/psmdb-operator-1.22.0/charts/psmdb-operator/templates/deployment.yaml */
const PODS = { "app.kubernetes.io/name": "psmdb-operator" };
const METRICS_PORT = 8080;

export const perconaMongodb: HelmAddon<PerconaMongodbValues> = {
  name: "percona-mongodb-operator",
  why: "Runs MongoDB in the cluster: shards, replica sets, routers and their backups",
  needs: [],
  after: ["prometheus-operator-crds"],
  namespace: "psmdb-system",
  monitors: [{ name: "operator", pods: PODS, port: METRICS_PORT }],
  network: (context) => ({
    flows: [toApis(), ...measured(prometheusOn(context, METRICS_PORT))],
    policies: {
      servers: { podSelector: {}, policyTypes: ["Egress"], egress: [{ to: [EVERY_POD], ports: tcp(27_017) }] },
    },
  }),
  release: {
    chart: "psmdb-operator",
    repository: "https://percona.github.io/percona-helm-charts",
    version: "1.22.0",
    source:
      "https://github.com/percona/percona-helm-charts/blob/psmdb-operator-1.22.0/charts/psmdb-operator/Chart.yaml",
  },
  values: ({ replicas, placement }) => ({
    replicaCount: replicas,
    resources: resources("100m", "256Mi"),
    watchAllNamespaces: true,
    disableTelemetry: true,
    logStructured: true,
    podSecurityContext: { ...RESTRICTED_POD, runAsUser: USER, runAsGroup: USER },
    securityContext: RESTRICTED_CONTAINER,
    ...placement,
  }),
};
