import type { IServiceMonitor } from "@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1";
import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { expansionOf, workload } from "@groundwork/lib/expanders/build";
import { expandRabbitmqCluster } from "@groundwork/lib/expanders/kinds/rabbitmq-cluster";
import { container } from "@groundwork/lib/expanders/read";
import type { Memory } from "@groundwork/lib/quantity";
import type { Peers, PodPeers, TierFlow } from "../cluster/flow-policies.ts";
import { HTTPS, TierNamespace } from "../cluster/tier-namespace.ts";
import { password } from "../workload/password.ts";
import type { Endpoint } from "../workload/spec.ts";
import { DEFINER, DEFINER_SIZE, kubernetesDefiner } from "./kubernetes-definer.ts";
import { RABBITMQ_API } from "./operator-kinds.ts";
import { checkBroker, rabbitmqClusterSpec } from "./operator-spec.ts";
import type { BrokerShape } from "./operator-spec.ts";
import type { Rabbitmq, RabbitmqSpec } from "./spec.ts";

export interface OperatorRabbitmqArgs {
  /** The system that it belongs to. */
  readonly system: string;
  readonly spec: RabbitmqSpec;
  /** Namespace of its own; default `<system>-rabbitmq`. */
  readonly namespace?: string;
  /** Pods that may connect, e.g. all of the system's namespace. */
  readonly clients: readonly PodPeers[];
  /** Nodes, an odd number over as many zones as there are; default 3. */
  readonly nodes?: number;
  /** Of each node; default `10Gi`. */
  readonly storage?: Memory;
  /** Default: the Kubernetes cluster's default class. */
  readonly storageClass?: string;
  readonly placement?: BrokerShape["placement"];
  /** Whether clients connect by TLS, with a certificate of the issuer; default plain, within the cluster. */
  readonly tls?: { readonly issuer: string; readonly issuerKind: "Issuer" | "ClusterIssuer" };
  /** Namespace of Prometheus; absent: no metrics are collected. */
  readonly monitoring?: string;
  /** Whether the broker refuses deletion. */
  readonly protect: boolean;
}

const NAME = "rabbitmq";
const USER_SECRET = "rabbitmq-user";
const TLS_SECRET = "rabbitmq-tls";
const AMQP = 5672;
const AMQPS = 5671;
const MANAGEMENT = 15672;
const METRICS = 15692;
/** epmd, distribution and its tools. https://www.rabbitmq.com/docs/networking#ports */
const BETWEEN_NODES = [4369, 25672];
const NODES = { "app.kubernetes.io/name": NAME };

/**
 * RabbitMQ under its cluster operator: nodes over the zones, quorum queues unless a queue says otherwise, so that a
 * confirmed message survives the loss of a node or a zone. It is one region's own: what is queued in a region that is lost
 * comes back with it, and what never comes back is lost; see {@link rabbitmqPromotion}.
 *
 * Needs the cluster's Kubernetes provider and the add-on rabbitmq-cluster-operator; with `tls` cert-manager, too.
 */
export class OperatorRabbitmq extends pulumi.ComponentResource implements Rabbitmq {
  readonly endpoint: Endpoint;
  readonly management: Endpoint;
  readonly tls: boolean;
  readonly vhost: string;
  readonly user: string;
  readonly secret: pulumi.Output<string>;
  readonly metrics: Endpoint;
  /** What a workload that needs it may connect to. */
  readonly peers: readonly Peers[];

  constructor(name: string, args: OperatorRabbitmqArgs, opts: pulumi.ComponentResourceOptions) {
    super("groundwork:rabbitmq:OperatorRabbitmq", name, {}, opts);
    const { spec, system } = args;
    const namespaceName = args.namespace ?? `${system}-rabbitmq`;
    const shape = shapeOf(args);
    checkBroker(shape);
    this.tls = args.tls !== undefined;
    this.vhost = spec.vhost;
    this.user = spec.vhost;
    this.secret = password(`${name}-password`, { parent: this });
    const place = new TierNamespace(
      `${name}-place`,
      {
        namespace: namespaceName,
        holds: expansionsOf(shape, namespaceName),
        flows: flowsOf(args),
        protect: args.protect,
      },
      { parent: this },
    );
    const at = (port: number): Endpoint => ({ host: pulumi.interpolate`${NAME}.${place.namespace}.svc`, port });
    this.endpoint = at(this.tls ? AMQPS : AMQP);
    this.management = at(MANAGEMENT);
    this.metrics = at(METRICS);
    this.peers = [{ pods: { namespace: namespaceName, labels: NODES }, port: this.endpoint.port }];
    const context: Context = { name, args, shape, namespace: place.namespace, parent: this };
    const user = createUser(context, this.user, this.secret);
    const cluster = createCluster(context, [place, user, ...createCertificate(context)]);
    createBudget(context);
    if (args.monitoring !== undefined) createMonitor(context);
    if (spec.topology !== undefined)
      kubernetesDefiner(
        `${name}-definer`,
        {
          system,
          namespace: place.namespace,
          host: NAME,
          managementPort: MANAGEMENT,
          vhost: this.vhost,
          user: this.user,
          secret: USER_SECRET,
          topology: spec.topology,
        },
        this,
        [cluster],
      );
    this.registerOutputs({ endpoint: this.endpoint.host });
  }
}

interface Context {
  readonly name: string;
  readonly args: OperatorRabbitmqArgs;
  readonly shape: BrokerShape;
  readonly namespace: pulumi.Output<string>;
  readonly parent: pulumi.Resource;
}

function shapeOf({ spec, nodes, storage, storageClass, placement, tls }: OperatorRabbitmqArgs): BrokerShape {
  return {
    name: NAME,
    spec,
    userSecret: USER_SECRET,
    ...(nodes !== undefined && { nodes }),
    ...(storage !== undefined && { storage }),
    ...(storageClass !== undefined && { storageClass }),
    ...(placement !== undefined && { placement }),
    ...(tls !== undefined && { tlsSecret: TLS_SECRET }),
  };
}

function expansionsOf(shape: BrokerShape, namespace: string) {
  const definer = workload("Deployment", {
    namespace,
    name: DEFINER,
    containers: [container("definer", DEFINER_SIZE)],
  });
  return [
    expandRabbitmqCluster({ namespace, name: NAME, spec: { ...rabbitmqClusterSpec(shape) }, metadata: {} }),
    ...(shape.spec.topology === undefined ? [] : [expansionOf(definer)]),
  ];
}

function flowsOf({ clients, monitoring, tls, spec }: OperatorRabbitmqArgs): TierFlow[] {
  const own = (labels: PodPeers["labels"], port: number): Peers => ({ pods: { labels }, port });
  const between = BETWEEN_NODES.map((port) => own(NODES, port));
  const definer = { "app.kubernetes.io/name": DEFINER };
  return [
    {
      name: "nodes",
      pods: NODES,
      ingress: [
        ...clients.map((pods): Peers => ({ pods, port: tls === undefined ? AMQP : AMQPS })),
        ...between,
        own(definer, MANAGEMENT),
        ...(monitoring === undefined ? [] : [{ pods: { namespace: monitoring, labels: {} }, port: METRICS }]),
      ],
      // to the API server, where the nodes find each other
      egress: [...between, HTTPS],
    },
    ...(spec.topology === undefined ? [] : [{ name: "definer", pods: definer, egress: [own(NODES, MANAGEMENT)] }]),
  ];
}

/** As the operator reads an external secret: a snippet of rabbitmq.conf and the same as keys. https://www.rabbitmq.com/kubernetes/operator/using-operator#credentials */
function createUser(
  { name, namespace, parent }: Context,
  user: string,
  secret: pulumi.Output<string>,
): kubernetes.core.v1.Secret {
  return new kubernetes.core.v1.Secret(
    `${name}-user`,
    {
      metadata: { name: USER_SECRET, namespace },
      stringData: {
        username: user,
        password: secret,
        "default_user.conf": pulumi.interpolate`default_user = ${user}\ndefault_pass = ${secret}\n`,
      },
    },
    { parent },
  );
}

function createCertificate({ name, args, namespace, parent }: Context): pulumi.Resource[] {
  if (args.tls === undefined) return [];
  const spec = {
    secretName: TLS_SECRET,
    dnsNames: [pulumi.interpolate`${NAME}.${namespace}.svc`, pulumi.interpolate`*.${NAME}-nodes.${namespace}`],
    issuerRef: { name: args.tls.issuer, kind: args.tls.issuerKind, group: "cert-manager.io" },
    privateKey: { algorithm: "ECDSA", size: 256, rotationPolicy: "Always" },
  };
  const metadata = { name: TLS_SECRET, namespace };
  return [
    new kubernetes.apiextensions.CustomResource(
      `${name}-certificate`,
      { apiVersion: "cert-manager.io/v1", kind: "Certificate", metadata, spec },
      { parent },
    ),
  ];
}

function createCluster(
  { name, args, shape, namespace, parent }: Context,
  dependsOn: pulumi.Resource[],
): kubernetes.apiextensions.CustomResource {
  return new kubernetes.apiextensions.CustomResource(
    `${name}-cluster`,
    {
      apiVersion: RABBITMQ_API,
      kind: "RabbitmqCluster",
      metadata: { name: NAME, namespace },
      spec: rabbitmqClusterSpec(shape),
    },
    { parent, dependsOn, protect: args.protect },
  );
}

/** The operator makes none. A quorum queue goes on while a majority of its nodes does. */
function createBudget({ name, namespace, parent }: Context): void {
  new kubernetes.policy.v1.PodDisruptionBudget(
    `${name}-budget`,
    { metadata: { name: NAME, namespace }, spec: { maxUnavailable: 1, selector: { matchLabels: NODES } } },
    { parent },
  );
}

function createMonitor({ name, args, namespace, parent }: Context): void {
  const fixed = { job: "rabbitmq", system: args.system, part: "rabbitmq", tier: "rabbitmq" };
  const relabelings = Object.entries(fixed).map(([targetLabel, replacement]) => ({ targetLabel, replacement }));
  const spec = {
    selector: { matchLabels: NODES },
    endpoints: [{ port: "prometheus", interval: "15s", relabelings }],
  } satisfies IServiceMonitor["spec"];
  new kubernetes.apiextensions.CustomResource(
    `${name}-monitor`,
    { apiVersion: "monitoring.coreos.com/v1", kind: "ServiceMonitor", metadata: { name: NAME, namespace }, spec },
    { parent },
  );
}
