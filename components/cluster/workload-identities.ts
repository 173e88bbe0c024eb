import { ComponentResource } from "@pulumi/pulumi";
import type { ComponentResourceOptions, Input, Resource } from "@pulumi/pulumi";
import type { Permission, WorkloadSpec } from "../workload/spec.ts";
import type { Statement } from "./iam.ts";
import { podIdentity } from "./pod-identity.ts";

export interface WorkloadIdentitiesArgs {
  readonly clusterName: Input<string>;
  /** Of the system whose workloads they are. */
  readonly namespace: string;
  readonly workloads: readonly Pick<WorkloadSpec, "name" | "permissions">[];
}

/**
 * A role of its own at AWS for each workload of a system in one region, which may do what the workload's spec says and
 * nothing else, so nothing at all where it says nothing. It is there all the same: a pod gets its role when it starts, so a
 * permission that is given later takes no restart, and whatever a workload does at AWS stands under its own name in
 * CloudTrail. Needs the region's AWS provider.
 *
 * An account has 1,000 roles unless more are asked for, a cluster 5,000 associations.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
 * https://docs.aws.amazon.com/eks/latest/userguide/pod-identities.html
 */
export class WorkloadIdentities extends ComponentResource {
  /** What the workloads' pods wait for. */
  readonly ready: readonly Resource[];

  constructor(name: string, args: WorkloadIdentitiesArgs, opts: ComponentResourceOptions) {
    super("groundwork:cluster:WorkloadIdentities", name, {}, opts);
    const { clusterName, namespace, workloads } = args;
    this.ready = workloads.map(({ name: workload, permissions = [] }) => {
      const statements = permissions.map(statementOf);
      const identity = { clusterName, namespace, serviceAccount: workload, statements };
      return podIdentity(`${name}-${workload}`, identity, this).ready;
    });
    this.registerOutputs({});
  }
}

function statementOf({ actions, resources }: Permission, index: number): Statement {
  return { Sid: `Own${index + 1}`, Effect: "Allow", Action: actions, Resource: resources };
}
