export type Labels = Readonly<Record<string, string>>;

/**
 * One condition on a label, as node affinity has them.
 * https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/#operators
 */
export interface Requirement {
  readonly key: string;
  /** Gte and Lte are Karpenter's own. https://karpenter.sh/docs/concepts/nodepools/#spectemplatespecrequirements */
  readonly operator: "In" | "NotIn" | "Exists" | "DoesNotExist" | "Gt" | "Lt" | "Gte" | "Lte";
  readonly values?: readonly string[];
}

/** Whether labels fulfil a requirement. A label that is not there counts as fulfilling where `isOpen` says so. */
export function fulfils(
  labels: Labels,
  { key, operator, values = [] }: Requirement,
  isOpen: (key: string) => boolean = () => false,
): boolean {
  const value = labels[key];
  if (value === undefined && isOpen(key)) return true;
  const [bound = ""] = values;
  switch (operator) {
    case "In":
      return value !== undefined && values.includes(value);
    case "NotIn":
      return value === undefined || !values.includes(value);
    case "Exists":
      return value !== undefined;
    case "DoesNotExist":
      return value === undefined;
    case "Gt":
      return Number(value) > Number(bound);
    case "Lt":
      return Number(value) < Number(bound);
    case "Gte":
      return Number(value) >= Number(bound);
    case "Lte":
      return Number(value) <= Number(bound);
  }
}
