import type * as docker from "@pulumi/docker";

/** A data tier of one system on one Docker Engine. */
export interface DockerTierArgs<Spec> {
  /** The system that it belongs to, for labels. */
  readonly system: string;
  readonly spec: Spec;
  readonly networks: readonly docker.Network[];
  /** Whether its data volume refuses deletion. */
  readonly protect: boolean;
  /** The port of the Docker host at which clients of the host reach it; default: not published. */
  readonly hostPort?: number;
}
