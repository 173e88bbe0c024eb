import { URN_LABEL, URN_TAG } from "@groundwork/lib/identity";

/** The URN that a resource's properties say it carries: AWS in `tags`, Docker in `labels`, Kubernetes in annotations. */
export function urnTag(properties: Readonly<Record<string, unknown>> | undefined): string | undefined {
  const { tags, labels, metadata } = (properties ?? {}) as {
    readonly tags?: Readonly<Record<string, unknown>>;
    readonly labels?: unknown;
    readonly metadata?: { readonly annotations?: Readonly<Record<string, unknown>> };
  };
  const label = Array.isArray(labels)
    ? (labels as { readonly label?: unknown; readonly value?: unknown }[]).find((one) => one.label === URN_LABEL)
    : undefined;
  const found = tags?.[URN_TAG] ?? label?.value ?? metadata?.annotations?.[URN_LABEL];
  return typeof found === "string" ? found : undefined;
}
