/** The versions that are built, here and nowhere else. EKS runs the same minor version: stacks' `eks.version`. */
export const VERSIONS = {
  /** https://github.com/kubernetes/kubernetes/releases */
  kubernetes: "1.36.3",
  /** https://github.com/etcd-io/etcd/releases; the one that Kubernetes 1.36 is tested with is 3.6. */
  etcd: "3.6.8",
  /** https://github.com/kubernetes-sigs/kwok/releases */
  kwok: "0.8.0",
} as const;

/** `go` line of Kubernetes' own go.mod: an older toolchain would have to download a newer one of itself. */
export const MINIMUM_GO_VERSION = "1.26.0";

/** Kubernetes' libraries are published apart from it, as version 0 of the same number. */
export const LIBRARIES_VERSION = `v0${VERSIONS.kubernetes.slice(1)}`;

/** One folder in the cache for each combination, so that two checkouts of Groundwork do not take turns in building. */
export const BUILD_NAME = `kubernetes-${VERSIONS.kubernetes}-etcd-${VERSIONS.etcd}-kwok-${VERSIONS.kwok}`;
