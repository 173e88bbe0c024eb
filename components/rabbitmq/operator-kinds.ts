import type { Size } from "@groundwork/lib/quantity";

/**
 * The fields of the cluster operator's kind that we write; no maintained npm package has them.
 * https://github.com/rabbitmq/cluster-operator/blob/v2.22.5/config/crd/bases/rabbitmq.com_rabbitmqclusters.yaml
 */
export const RABBITMQ_API = "rabbitmq.com/v1beta1";

export interface RabbitmqClusterSpec {
  /** Nodes; an odd number, so that a majority can always be told. Cannot be lowered. */
  readonly replicas: number;
  readonly image: string;
  readonly resources: { readonly requests: Size; readonly limits: Size };
  /** Of each node; the volume can grow and not shrink. */
  readonly persistence: { readonly storage: string; readonly storageClassName?: string };
  readonly rabbitmq: {
    /** Lines of rabbitmq.conf after the operator's own. */
    readonly additionalConfig: string;
  };
  /** Where user and password come from; default: the operator makes them up. */
  readonly secretBackend: { readonly externalSecret: { readonly name: string } };
  /** A certificate of ours; the secret has `tls.crt` and `tls.key`. Default: plain connections only. */
  readonly tls?: { readonly secretName: string; readonly disableNonTLSListeners: boolean };
  readonly tolerations?: readonly {
    readonly key?: string;
    readonly operator?: "Exists" | "Equal";
    readonly value?: string;
    readonly effect?: "NoSchedule" | "PreferNoSchedule" | "NoExecute";
  }[];
  /** How long a node may take to hand over its leaders before it stops; a week by default, which holds up every drain. */
  readonly terminationGracePeriodSeconds: number;
  /** Laid over the objects that the operator makes; containers are matched by name. */
  readonly override: {
    readonly statefulSet: {
      readonly spec: {
        readonly template: {
          readonly spec: {
            readonly securityContext: object;
            readonly nodeSelector?: Readonly<Record<string, string>>;
            readonly topologySpreadConstraints: readonly object[];
            readonly containers: readonly { readonly name: string; readonly securityContext: object }[];
            readonly initContainers: readonly { readonly name: string; readonly securityContext: object }[];
          };
        };
      };
    };
  };
}
