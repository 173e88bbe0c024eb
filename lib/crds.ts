/** A kind that a cluster knows only once an add-on has declared it. */
export interface CustomKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  /** As in the API's paths and in RBAC rules. */
  readonly plural: string;
  readonly namespaced: boolean;
  /** The add-on (components/cluster/addons) whose chart brings it. */
  readonly addon: string;
  /** The chart (lib/expanders/releases.ts) that brings it. */
  readonly chart: string;
}

const kinds = (
  addon: string,
  chart: string,
  apiVersion: string,
  namespaced: boolean,
  names: Readonly<Record<string, string>>,
): readonly CustomKind[] => {
  const [group = "", version = ""] = apiVersion.split("/");
  return Object.entries(names).map(([kind, plural]) => ({ group, version, kind, plural, namespaced, addon, chart }));
};

/** Custom kinds that Groundwork writes or could write, by the chart that declares them. */
export const CUSTOM_KINDS: readonly CustomKind[] = [
  ...kinds("karpenter", "karpenter", "karpenter.sh/v1", false, { NodePool: "nodepools", NodeClaim: "nodeclaims" }),
  ...kinds("karpenter", "karpenter", "karpenter.k8s.aws/v1", false, { EC2NodeClass: "ec2nodeclasses" }),
];

export function customKind(apiVersion: string, kind: string): CustomKind | undefined {
  return CUSTOM_KINDS.find((known) => `${known.group}/${known.version}` === apiVersion && known.kind === kind);
}
