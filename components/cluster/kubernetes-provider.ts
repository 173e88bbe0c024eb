import type * as aws from "@pulumi/aws";
import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

/**
 * What becomes of a cluster's objects while nobody reaches it: `skip` leaves them and their state as they are, `delete`
 * also forgets them when they are refreshed or deleted, for a region that never comes back. Otherwise an update fails.
 * https://www.pulumi.com/registry/packages/kubernetes/api-docs/provider/#skipupdateunreachable_nodejs
 */
export type Unreachable = "skip" | "delete";

/**
 * Access to the cluster by whoever runs Pulumi: `aws eks get-token` signs with the caller's own AWS credentials each
 * time, so the kubeconfig holds no secret. https://docs.aws.amazon.com/eks/latest/userguide/create-kubeconfig.html
 */
export function createKubernetesProvider(
  name: string,
  cluster: aws.eks.Cluster,
  region: string,
  dependsOn: pulumi.Resource[],
  parent: pulumi.Resource,
  unreachable?: Unreachable,
): kubernetes.Provider {
  return new kubernetes.Provider(
    `${name}-kubernetes`,
    {
      kubeconfig: kubeconfig(cluster, region),
      enableServerSideApply: true,
      ...(unreachable !== undefined && { skipUpdateUnreachable: true }),
      ...(unreachable === "delete" && { deleteUnreachable: true }),
    },
    { parent, dependsOn },
  );
}

export function kubeconfig(cluster: aws.eks.Cluster, region: string): pulumi.Output<string> {
  const name = "eks";
  return pulumi.jsonStringify({
    apiVersion: "v1",
    kind: "Config",
    "current-context": name,
    clusters: [
      {
        name,
        cluster: {
          server: cluster.endpoint,
          "certificate-authority-data": cluster.certificateAuthority.data,
        },
      },
    ],
    contexts: [{ name, context: { cluster: name, user: name } }],
    users: [
      {
        name,
        user: {
          exec: {
            apiVersion: "client.authentication.k8s.io/v1",
            command: "aws",
            args: ["eks", "get-token", "--cluster-name", cluster.name, "--region", region, "--output", "json"],
            interactiveMode: "Never",
          },
        },
      },
    ],
  });
}
