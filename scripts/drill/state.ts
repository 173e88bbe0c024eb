import { plain, text } from "../rehearsal/clouds/tables/values.ts";
import type { StateResource } from "../rehearsal/deployment.ts";

const CLUSTER = "aws:eks/cluster:Cluster";
const STACK = "pulumi:pulumi:Stack";

export function ofType(resources: readonly StateResource[], type: string): readonly StateResource[] {
  return resources.filter((resource) => resource.type === type && resource.delete !== true);
}

/** The stack's own outputs. */
export function outputsOf(resources: readonly StateResource[]): Readonly<Record<string, unknown>> {
  return plain(ofType(resources, STACK)[0]?.outputs);
}

/** By reference of a Kubernetes provider (URN and id): the AWS region of the cluster that it talks to. */
export function regionsOfProviders(resources: readonly StateResource[]): ReadonlyMap<string, string> {
  const clusters = ofType(resources, CLUSTER).map(({ outputs = {} }) => ({
    endpoint: text(outputs["endpoint"]),
    region: text(outputs["arn"]).split(":")[3] ?? "",
  }));
  const providers = ofType(resources, "pulumi:providers:kubernetes").flatMap(({ urn, id = "", inputs = {} }) => {
    const kubeconfig = JSON.stringify(inputs["kubeconfig"] ?? "");
    const cluster = clusters.find(({ endpoint }) => endpoint !== "" && kubeconfig.includes(endpoint));
    return cluster === undefined ? [] : [[`${urn}::${id}`, cluster.region] as const];
  });
  return new Map(providers);
}
