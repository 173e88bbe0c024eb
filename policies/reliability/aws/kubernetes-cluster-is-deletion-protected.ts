import { requires } from "../../aws/requirement.ts";

export const kubernetesClusterIsDeletionProtected = requires(
  {
    name: "kubernetes-cluster-is-deletion-protected",
    family: "reliability",
    severity: "low",
    level: "advisory",
    description: "EKS clusters cannot be deleted before somebody has lifted their protection.",
    why: "With the cluster all that runs in it is gone, and everything that its claims held.",
    fix: "Write deletionProtection: true where it counts, e.g. mandatory for the production stack in the policy config.",
    control: {
      name: "Amazon EKS: Protect clusters from accidental deletion",
      url: "https://docs.aws.amazon.com/eks/latest/userguide/deletion-protection.html",
    },
    types: ["aws:eks/cluster:Cluster"],
  },
  { path: "deletionProtection", value: true, otherwise: false, harm: "one wrong command deletes it" },
);
