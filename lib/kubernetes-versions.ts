import { BadInput } from "./errors.ts";

/** A Kubernetes minor version that a cluster may have. */
export interface KubernetesVersion {
  readonly version: string;
  /**
   * Last day of EKS's standard support; none where AWS has not said it yet (14 months after the release). A cluster whose
   * support type is STANDARD is then upgraded by EKS itself.
   * https://docs.aws.amazon.com/eks/latest/userguide/kubernetes-versions.html
   */
  readonly standardSupportUntil?: string;
  /** EKS's add-on of the same minor version, which must not be newer than the control plane. */
  readonly kubeProxy: string;
}

/** Oldest first. https://endoflife.date/amazon-eks */
export const KUBERNETES_VERSIONS: readonly KubernetesVersion[] = [
  {
    version: "1.35",
    standardSupportUntil: "2027-03-27",
    // https://github.com/zalando-incubator/kubernetes-on-aws/pull/11668
    kubeProxy: "v1.35.3-eksbuild.13",
  },
  // `aws eks describe-addon-versions --addon-name kube-proxy --kubernetes-version 1.36`
  { version: "1.36", kubeProxy: "v1.36.0-eksbuild.21" },
];

export const NEWEST_KUBERNETES = "1.36";

export function kubernetesVersion(version: string, key = "kubernetesVersion"): KubernetesVersion {
  const found = KUBERNETES_VERSIONS.find((known) => known.version === version);
  if (found !== undefined) return found;
  const offered = KUBERNETES_VERSIONS.map((known) => `"${known.version}"`).join(" or ");
  throw new BadInput(`${key} is ${JSON.stringify(version)}; write ${offered}, in quotes.`);
}
