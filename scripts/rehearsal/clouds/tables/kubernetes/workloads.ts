import type { Field } from "./field.ts";
import { labelSelector, selects } from "./names.ts";
import { podSpec, podTemplate, quantity } from "./pod.ts";

const PERCENT = /^\d+%$/;

/** A selector that never changes its mind: it must pick the pods of its own template. */
function selectorOfTemplate(spec: Field): void {
  const selector = spec.at("selector");
  selector.require("write matchLabels that the template's labels have");
  labelSelector(selector);
  const empty = selector.present && selector.entries.length === 0;
  selector.refuseIf(
    empty,
    "empty selector is invalid for a workload; write matchLabels that the template's labels have",
  );
  const picked = selects(selector, spec.at("template", "metadata", "labels"));
  spec
    .at("template", "metadata", "labels")
    .refuseIf(picked === false, "`selector` does not match template `labels`; write the same labels in both");
}

function amountOrPercent(field: Field): void {
  const wrong = field.text !== undefined && !PERCENT.test(field.text);
  field.refuseIf(wrong, "write a number or a percentage, e.g. 25%");
  field.range(0);
}

const isZero = (field: Field) => field.number === 0 || field.text === "0%";

/** https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/deployment-v1/#DeploymentSpec */
export function deployment(object: Field): void {
  const spec = object.at("spec");
  for (const name of ["replicas", "minReadySeconds", "revisionHistoryLimit"]) spec.at(name).range(0);
  const strategy = spec.at("strategy");
  strategy.at("type").oneOf("Recreate", "RollingUpdate");
  const rolling = strategy.at("rollingUpdate");
  rolling.refuseIf(
    rolling.present && strategy.at("type").text === "Recreate",
    "may not be specified when strategy `type` is 'Recreate'",
  );
  const [surge, unavailable] = [rolling.at("maxSurge"), rolling.at("maxUnavailable")];
  amountOrPercent(surge);
  amountOrPercent(unavailable);
  unavailable.refuseIf(isZero(surge) && isZero(unavailable), "may not be 0 when `maxSurge` is 0");
  const deadline = spec.at("progressDeadlineSeconds");
  const ready = spec.at("minReadySeconds").number ?? 0;
  deadline.refuseIf(deadline.number !== undefined && deadline.number <= ready, "must be greater than minReadySeconds");
  selectorOfTemplate(spec);
  podTemplate(spec.at("template"), ["Always"]);
}

/** https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/stateful-set-v1/#StatefulSetSpec */
export function statefulSet(object: Field): void {
  const spec = object.at("spec");
  for (const name of ["replicas", "minReadySeconds", "revisionHistoryLimit"]) spec.at(name).range(0);
  spec.at("podManagementPolicy").oneOf("OrderedReady", "Parallel");
  spec.at("updateStrategy", "type").oneOf("OnDelete", "RollingUpdate");
  selectorOfTemplate(spec);
  for (const claim of spec.at("volumeClaimTemplates").items) claimSpec(claim.at("spec"));
  statefulTemplate(spec);
}

/** Each claim template is a volume of the pods, too. */
function statefulTemplate(spec: Field): void {
  const template = spec.at("template");
  const claims = spec.at("volumeClaimTemplates").items.map((claim) => claim.at("metadata", "name").value);
  const pod = template.at("spec");
  if (claims.length === 0 || !pod.present) return podTemplate(template, ["Always"]);
  const own = pod.at("volumes").items.map((volume) => volume.value);
  const virtual = claims.map((name) => ({ name, ephemeral: {} }));
  podTemplate(template.with({ ...template.object, spec: { ...pod.object, volumes: [...own, ...virtual] } }), [
    "Always",
  ]);
}

/** https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/daemon-set-v1/#DaemonSetSpec */
export function daemonSet(object: Field): void {
  const spec = object.at("spec");
  const rolling = spec.at("updateStrategy", "rollingUpdate");
  spec.at("updateStrategy", "type").oneOf("OnDelete", "RollingUpdate");
  amountOrPercent(rolling.at("maxSurge"));
  amountOrPercent(rolling.at("maxUnavailable"));
  selectorOfTemplate(spec);
  podTemplate(spec.at("template"), ["Always"]);
}

export function replicaSet(object: Field): void {
  object.at("spec", "replicas").range(0);
  selectorOfTemplate(object.at("spec"));
  podTemplate(object.at("spec", "template"), ["Always"]);
}

export function pod(object: Field): void {
  podSpec(object.at("spec"), ["Always", "OnFailure", "Never"]);
}

/** https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/job-v1/#JobSpec */
export function job(object: Field): void {
  jobSpec(object.at("spec"));
}

function jobSpec(spec: Field): void {
  for (const name of ["parallelism", "completions", "backoffLimit", "ttlSecondsAfterFinished"]) spec.at(name).range(0);
  spec.at("activeDeadlineSeconds").range(1);
  spec.at("completionMode").oneOf("NonIndexed", "Indexed");
  podTemplate(spec.at("template"), ["OnFailure", "Never"]);
}

/** https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#schedule-syntax */
export function cronJob(object: Field): void {
  const spec = object.at("spec");
  const schedule = spec.at("schedule");
  schedule.refuseIf(
    schedule.text !== undefined && !isCron(schedule.text),
    "write five cron fields, e.g. 0 3 * * *, or @daily",
  );
  spec.at("concurrencyPolicy").oneOf("Allow", "Forbid", "Replace");
  for (const name of ["successfulJobsHistoryLimit", "failedJobsHistoryLimit", "startingDeadlineSeconds"])
    spec.at(name).range(0);
  jobSpec(spec.at("jobTemplate", "spec"));
}

const CRON_RANGES = [
  [0, 59],
  [0, 23],
  [1, 31],
  [1, 12],
  [0, 7],
] as const;
const CRON_NAMES = /^(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|sun|mon|tue|wed|thu|fri|sat)$/i;

function isCron(text: string): boolean {
  if (/^@(?:yearly|annually|monthly|weekly|daily|midnight|hourly|every \S+)$/.test(text)) return true;
  const fields = text.trim().split(/\s+/);
  return fields.length === 5 && fields.every((field, index) => isCronField(field, CRON_RANGES[index] ?? [0, 0]));
}

function isCronField(field: string, [min, max]: readonly [number, number]): boolean {
  return field.split(",").every((part) => {
    const [range = "", step] = part.split("/");
    if (step !== undefined && !/^[1-9]\d*$/.test(step)) return false;
    if (range === "*" || range === "?") return true;
    return range
      .split("-")
      .every(
        (value) => CRON_NAMES.test(value) || (/^\d+$/.test(value) && Number(value) >= min && Number(value) <= max),
      );
  });
}

/** https://kubernetes.io/docs/concepts/storage/persistent-volumes/#persistentvolumeclaims */
export function persistentVolumeClaim(object: Field): void {
  claimSpec(object.at("spec"));
}

function claimSpec(spec: Field): void {
  const modes = spec.at("accessModes");
  modes.refuseIf(
    modes.absent || (modes.present && modes.items.length === 0),
    "write at least one access mode, e.g. ReadWriteOnce",
  );
  for (const mode of modes.items) mode.oneOf("ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany", "ReadWriteOncePod");
  const storage = spec.at("resources", "requests", "storage");
  storage.require("write how much storage, e.g. 10Gi");
  quantity(storage);
  storage.refuseIf(storage.quantity === 0, "must be greater than zero");
}
