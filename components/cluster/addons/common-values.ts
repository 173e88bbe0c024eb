import type { Input } from "@pulumi/pulumi";
import type { Size } from "@groundwork/lib/quantity";
import type { Placement } from "./context.ts";

/** Kubernetes' `resources` of a container. */
export interface ResourceValues {
  readonly requests: Size;
  readonly limits: Size;
}

/** The service account that the chart makes; its name is what the AWS role is given to. */
export interface ServiceAccountValues {
  readonly create: true;
  readonly name: string;
}

/** What is in every node's way, e.g. the DNS that policies need first, must not wait for one. */
export const IN_KUBE_SYSTEM = "nobody: kube-system stays open";

/** Whether a chart makes an object of the Prometheus operator for itself. */
export interface MonitorValues {
  readonly enabled: boolean;
}

/** Placement of pods, by Kubernetes' own names. */
export type PlacementValues = Placement;

/** A pod's or container's security context, by Kubernetes' own names. */
export type SecurityValues = Readonly<Record<string, unknown>>;

/** An environment variable of a container. */
export interface EnvironmentValue {
  readonly name: string;
  readonly value?: Input<string>;
  readonly valueFrom?: { readonly secretKeyRef: { readonly name: string; readonly key: string } };
}
