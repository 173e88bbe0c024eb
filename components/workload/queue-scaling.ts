import type { IScaledObject, ITriggerAuthentication } from "@kubernetes-models/keda/keda.sh/v1alpha1";
import * as kubernetes from "@pulumi/kubernetes";
import type { ComponentResource, Input } from "@pulumi/pulumi";

/** Replicas by what waits in a queue of RabbitMQ: it tells what is to do before the CPU does. */
export interface QueueScaling {
  /** Name of the queue. */
  readonly queue: string;
  /** Messages that may wait for each replica before one more is added. */
  readonly messagesPerReplica: number;
  readonly min: number;
  readonly max: number;
}

export interface QueueScalingArgs extends QueueScaling {
  readonly metadata: {
    readonly name: string;
    readonly namespace: Input<string>;
    readonly labels: Record<string, string>;
  };
  /** What is scaled. */
  readonly target: { readonly apiVersion: string; readonly kind: string; readonly name: Input<string> };
  /** `amqp://user:password@host:port/vhost`; a secret. */
  readonly uri: Input<string>;
}

const API = "keda.sh/v1alpha1";

/** Seconds between two looks at the queue. KEDA's own default is 30. https://keda.sh/docs/latest/reference/scaledobject-spec/ */
const POLLING_SECONDS = 15;

/** As the autoscalers of the other workloads scale down. */
const SCALE_DOWN_WINDOW = 300;

/** KEDA's ScaledObject, which makes a HorizontalPodAutoscaler; needs the add-on keda. */
export function createQueueScaling(name: string, args: QueueScalingArgs, parent: ComponentResource): void {
  const { metadata } = args;
  const queue = { ...metadata, name: `${metadata.name}-queue` };
  const secret = new kubernetes.core.v1.Secret(
    `${name}-queue`,
    { metadata: queue, type: "Opaque", stringData: { uri: args.uri } },
    { parent },
  );
  const authentication = {
    secretTargetRef: [{ parameter: "host", name: queue.name, key: "uri" }],
  } satisfies ITriggerAuthentication["spec"];
  const trusted = new kubernetes.apiextensions.CustomResource(
    `${name}-queue-authentication`,
    { apiVersion: API, kind: "TriggerAuthentication", metadata: queue, spec: authentication },
    { parent, dependsOn: [secret] },
  );
  new kubernetes.apiextensions.CustomResource(
    `${name}-queue-scaling`,
    { apiVersion: API, kind: "ScaledObject", metadata, spec: { ...scaling(args), scaleTargetRef: args.target } },
    { parent, dependsOn: [trusted] },
  );
}

function scaling({ metadata, queue, messagesPerReplica, min, max }: QueueScalingArgs) {
  return {
    minReplicaCount: min,
    maxReplicaCount: max,
    pollingInterval: POLLING_SECONDS,
    advanced: {
      horizontalPodAutoscalerConfig: {
        behavior: { scaleDown: { stabilizationWindowSeconds: SCALE_DOWN_WINDOW } },
      },
    },
    triggers: [
      {
        type: "rabbitmq",
        metadata: { protocol: "amqp", queueName: queue, mode: "QueueLength", value: String(messagesPerReplica) },
        authenticationRef: { name: `${metadata.name}-queue` },
      },
    ],
  } satisfies Omit<NonNullable<IScaledObject["spec"]>, "scaleTargetRef">;
}
