import { kubernetesQuantity } from "../kubernetes-quantity.ts";
import type { Amounts, ExpandedWorkload, Plain, PodContainer, Toleration } from "./expansion.ts";

export function plain(value: unknown): Plain {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Plain) : {};
}

export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function text(value: unknown, otherwise = ""): string {
  return typeof value === "string" ? value : otherwise;
}

export function count(value: unknown, otherwise: number): number {
  return typeof value === "number" ? value : otherwise;
}

/** What lies below, e.g. `at(values, "prometheus", "prometheusSpec")`; empty where anything on the way is missing. */
export function at(value: unknown, ...steps: readonly string[]): Plain {
  return steps.reduce<Plain>((below, step) => plain(below[step]), plain(value));
}

/** Whether a chart's switch is on: `enabled` as written, else the chart's own default. */
export function enabled(value: unknown, otherwise: boolean): boolean {
  const written = plain(value).enabled;
  return typeof written === "boolean" ? written : otherwise;
}

/** A container from a chart's `resources`; whatever the values leave out, the chart leaves out too. */
export function container(
  name: string,
  resources: unknown,
  kind: PodContainer["kind"] = "container",
  image = "",
): PodContainer {
  const own = plain(resources);
  return { name, image, requests: amounts(own.requests), limits: amounts(own.limits), kind };
}

export function amounts(value: unknown): Amounts {
  const cpu = kubernetesQuantity(plain(value).cpu);
  const memory = kubernetesQuantity(plain(value).memory);
  return { ...(cpu !== undefined && { cpu }), ...(memory !== undefined && { memory }) };
}

/** Bytes of a storage quantity such as `50Gi`; 0 where it is none. */
export function bytes(value: unknown): number {
  return kubernetesQuantity(value) ?? 0;
}

/** Where pods may run and how important they are, from values or a pod spec with Kubernetes' own names. */
export function placement(
  value: unknown,
): Pick<ExpandedWorkload, "nodeSelector" | "tolerations" | "priorityClassName"> {
  const own = plain(value);
  const selector = plain(own.nodeSelector) as Readonly<Record<string, string>>;
  const tolerations = list(own.tolerations) as readonly Toleration[];
  const priorityClassName = text(own.priorityClassName);
  return {
    ...(Object.keys(selector).length > 0 && { nodeSelector: selector }),
    ...(tolerations.length > 0 && { tolerations }),
    ...(priorityClassName !== "" && { priorityClassName }),
  };
}

/** A release's usual object name: `<release>`, if it contains the chart's name, else `<release>-<chart>`; at most 63 characters. */
export function fullname(release: string, chart: string, values: Plain = {}): string {
  const override = text(values.fullnameOverride);
  if (override !== "") return cut(override);
  const name = text(values.nameOverride, chart);
  return cut(release.includes(name) ? release : `${release}-${name}`);
}

function cut(name: string): string {
  return name.slice(0, 63).replace(/-+$/, "");
}
