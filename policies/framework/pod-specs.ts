import { isPatch, kindOf, label, podSpecPath, unknownNamespace, WORKLOAD } from "./kubernetes.ts";
import { at, listAt, plainAt, textAt, unknownAt } from "./known.ts";
import type { Plain } from "./known.ts";
import { resourcePolicy } from "./policy.ts";
import type { Report, Resource, ResourcePolicy } from "./policy.ts";
import { fits, patterns } from "./settings.ts";
import type { Setting, Settings, Values } from "./settings.ts";

/** Kinds beside Kubernetes' own workloads that carry a pod's spec, and where. */
const TEMPLATES: Readonly<Record<string, string>> = {
  "kubernetes:core/v1:ReplicationController": "spec.template.spec",
  "kubernetes:argoproj.io/v1alpha1:Rollout": "spec.template.spec",
  "kubernetes:keda.sh/v1alpha1:ScaledJob": "spec.jobTargetRef.template.spec",
};

/** Everything that shows the engine the spec of a pod. */
export const POD_TYPES: readonly (string | RegExp)[] = [WORKLOAD, ...Object.keys(TEMPLATES)];

/** A pod's spec or one of its containers. */
export interface Part {
  readonly resource: Resource;
  /** For messages: `Deployment shop`, `Container api of Deployment shop`. */
  readonly name: string;
  /** Where it is in the inputs, with dots alone. */
  readonly path: string;
  readonly fields: Plain;
  /** Of a `...Patch`: what is missing may be in the object that is patched. */
  readonly partial: boolean;
}

export interface Container extends Part {
  readonly kind: "container" | "init" | "sidecar" | "ephemeral";
}

export interface Pod extends Part {
  /** Init containers first. */
  readonly containers: readonly Container[];
  /** Fields that only Linux has say nothing about it. */
  readonly windows: boolean;
  /** Where the list of containers is not known yet. */
  readonly unknown?: string;
}

/** The pod of a resource; `undefined` where there is none, e.g. in a Rollout that takes over a Deployment. */
export function podOf(resource: Resource): Pod | undefined {
  const path = TEMPLATES[resource.type] ?? podSpecPath(resource.type);
  const unknown = unknownAt(resource.unknown, path);
  const spec = at(resource.inputs, path);
  if ((typeof spec !== "object" || spec === null) && unknown === undefined) return undefined;
  const fields = plainAt(resource.inputs, path);
  const name = label(resource);
  const partial = isPatch(resource.type);
  const part = { resource, name, path, fields, partial };
  const containers = ["initContainers", "containers", "ephemeralContainers"].flatMap((list) =>
    containersOf(part, list),
  );
  const hidden = fields.containers === undefined ? unknownAt(resource.unknown, `${path}.containers`) : undefined;
  const windows = at(fields, "os.name") === "windows";
  return { ...part, containers, windows, ...(hidden !== undefined && { unknown: hidden }) };
}

function containersOf(pod: Part, list: string): Container[] {
  return listAt(pod.fields, list).map((_, index) => {
    const fields = plainAt(pod.fields, `${list}.${index}`);
    const name = `Container ${textAt(fields, "name") ?? `${list}[${index}]`} of ${pod.name}`;
    return { ...pod, name, path: `${pod.path}.${list}.${index}`, fields, kind: kindIn(list, fields) };
  });
}

function kindIn(list: string, fields: Plain): Container["kind"] {
  if (list === "ephemeralContainers") return "ephemeral";
  if (list === "containers") return "container";
  return fields.restartPolicy === "Always" ? "sidecar" : "init";
}

/** A field's whole path as people write it: `spec.containers[0].image`. */
export function pathOf({ path }: Part, field: string): string {
  return `${path}.${field}`.replaceAll(/\.(\d+)(?=\.|$)/g, "[$1]");
}

/** The first of the fields that is not known yet. */
export function unknownIn({ resource, path }: Part, ...fields: readonly string[]): string | undefined {
  if (resource.unknown.length === 0) return undefined;
  return unknownAt(resource.unknown, ...fields.map((field) => `${path}.${field}`));
}

/**
 * Judges one field: undecided while it is not known, silent where a patch leaves it alone. `fault` says what is wrong in a
 * sentence that goes on from the part's name.
 */
export function judge(
  report: Report,
  part: Part,
  field: string,
  what: string,
  fault: (value: unknown, path: string) => string | undefined,
): void {
  judgeIn(report, part, [part], field, what, fault);
}

/** As {@link judge}, for a field that a container has from its pod where it does not set it itself. */
export function judgeInherited(
  report: Report,
  pod: Pod,
  container: Container,
  field: string,
  what: string,
  fault: (value: unknown, path: string) => string | undefined,
): void {
  judgeIn(report, container, [container, pod], field, what, fault);
}

function judgeIn(
  report: Report,
  part: Part,
  holders: readonly Part[],
  field: string,
  what: string,
  fault: (value: unknown, path: string) => string | undefined,
): void {
  for (const holder of holders) {
    const unknown = unknownIn(holder, field);
    if (unknown !== undefined) return report.undecided(unknown, `${what} of ${part.name}`);
    if (at(holder.fields, field) !== undefined) {
      return tell(report, part, fault(at(holder.fields, field), pathOf(holder, field)));
    }
  }
  if (!part.partial) tell(report, part, fault(undefined, pathOf(part, field)));
}

function tell(report: Report, part: Part, fault: string | undefined): void {
  if (fault !== undefined) report.violation(`${part.name} ${fault}`);
}

/** What pods of the cluster itself need is not the program's to decide. */
export const EXEMPT = patterns(
  ["kube-system", "kube-public", "kube-node-lease"],
  "Namespaces that are left out, e.g. those of node agents; * stands for any text.",
);

interface PodRules<S extends Settings> extends Omit<ResourcePolicy<S>, "check" | "types"> {
  /** What is decided, where the containers themselves are not known: `the capabilities of the containers`. */
  readonly subject?: string;
  readonly checkPod: (pod: Pod, settings: Values<S>, report: Report) => void;
}

type Exempting<S extends Settings> = S & { readonly exempt: Setting<readonly string[]> };

/** A policy over every pod outside the exempt namespaces. */
export function podPolicy<S extends Settings>(policy: PodRules<S>): ResourcePolicy {
  const { subject, checkPod, remediate, ...rules } = policy;
  const { name } = rules;
  return resourcePolicy<Exempting<S>>({
    ...rules,
    settings: { ...rules.settings, exempt: EXEMPT },
    types: POD_TYPES,
    check(resource, values, report) {
      const pod = podOf(resource);
      const into = pod && outside(resource, values.exempt, report, name);
      if (!pod || !into) return;
      if (subject !== undefined && pod.unknown !== undefined) {
        into.undecided(pod.unknown, `${subject} of ${pod.name}`);
      }
      checkPod(pod, values, into);
    },
    ...(remediate && {
      remediate: (resource: Resource, values: Values<Exempting<S>>) =>
        mayMend(resource, values.exempt) ? remediate(resource, values) : undefined,
    }),
  });
}

/** A patch leaves to the object what it does not say, and an exempt namespace, or one that may be, is left alone. */
function mayMend(resource: Resource, exempt: readonly string[]): boolean {
  if (isPatch(resource.type)) return false;
  return exempt.length === 0 || (unknownNamespace(resource) === undefined && !fits(namespaceIn(resource), exempt));
}

/**
 * Where to report what is found in an object: nowhere in an exempt namespace; while the namespace is not known nothing is
 * wrong yet, since it may be an exempt one.
 */
export function outside(
  resource: Resource,
  exempt: readonly string[],
  report: Report,
  policy: string,
): Report | undefined {
  const unknown = unknownNamespace(resource);
  if (unknown === undefined) return fits(namespaceIn(resource), exempt) ? undefined : report;
  if (exempt.length === 0) return report;
  const open = () =>
    report.undecided(unknown, `whether ${label(resource)}, which does not follow ${policy}, is in an exempt namespace`);
  return { ...report, violation: open, advice: open };
}

function namespaceIn({ inputs, provider }: Resource): string {
  return textAt(inputs, "metadata.namespace") ?? textAt(provider?.properties, "namespace") ?? "default";
}

/** Inputs with one value in place of another, or beside what was there; nothing of the given inputs changes. */
export function withValue(inputs: Plain, path: string, value: unknown): Plain {
  return put(inputs, path.split("."), value) as Plain;
}

function put(holder: unknown, [key, ...rest]: readonly string[], value: unknown): unknown {
  if (key === undefined) return value;
  if (Array.isArray(holder)) {
    return holder.map((element: unknown, index) => (String(index) === key ? put(element, rest, value) : element));
  }
  const fields = typeof holder === "object" && holder !== null ? (holder as Plain) : {};
  return { ...fields, [key]: put(fields[key], rest, value) };
}

/** Whether pods of the kind come and go by themselves: a run that ends is no service. */
export function runsToTheEnd(type: string): boolean {
  return ["Job", "CronJob", "ScaledJob"].includes(kindOf(type));
}
