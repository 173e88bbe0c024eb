import type { Field } from "./field.ts";
import type { Kind } from "./token.ts";

// https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#names
const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const LABEL_1123 = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const LABEL_1035 = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;
const PATH_SEGMENT = /^(?!\.{1,2}$)[^/%]+$/;
// https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set
const QUALIFIED = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;
const LABEL_VALUE = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/;
/** https://kubernetes.io/docs/concepts/overview/working-with-objects/annotations/ and apimachinery's TotalAnnotationSizeLimitB */
const ANNOTATION_BYTES = 256 * 1024;

export function dnsLabel(field: Field): void {
  field.matches(
    LABEL_1123,
    63,
    "write a DNS label: at most 63 lower case letters, digits and `-`, a letter or digit at both ends",
  );
}

export function dnsSubdomain(field: Field): void {
  field.matches(
    SUBDOMAIN,
    253,
    "write a DNS name: at most 253 lower case letters, digits, `-` and `.`, a letter or digit at both ends of each part",
  );
}

function serviceName(field: Field): void {
  field.matches(
    LABEL_1035,
    63,
    "write a DNS-1035 label: at most 63 lower case letters, digits and `-`, a letter first, a letter or digit last",
  );
}

export function objectName(field: Field, { kind }: Kind): void {
  if (kind === "Namespace") dnsLabel(field);
  else if (kind === "Service") serviceName(field);
  else if (/^(Cluster)?Role(Binding)?$/.test(kind))
    field.matches(PATH_SEGMENT, 253, "write a name without `/` and `%`");
  else dnsSubdomain(field);
  // a CronJob appends 11 characters for its Jobs: https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/
  if (kind === "CronJob") field.matches(/^/, 52, "write at most 52 characters: a CronJob appends 11 for its Jobs");
  if (kind === "PriorityClass") field.matches(/^(?!system-)/, 253, "write a name that does not start with system-");
}

function isQualifiedName(key: string): boolean {
  const [name = "", prefix, ...more] = key.split("/").reverse();
  if (more.length > 0 || name.length > 63 || !QUALIFIED.test(name)) return false;
  return prefix === undefined || (prefix.length <= 253 && SUBDOMAIN.test(prefix));
}

const KEY = "write the key as [prefix/]name: a DNS prefix, then at most 63 letters, digits, `-`, `_` and `.`";

export function labels(map: Field): void {
  for (const [key, value] of map.entries) {
    value.refuseIf(!isQualifiedName(key), KEY);
    labelValue(value);
  }
}

function labelValue(value: Field): void {
  value.matches(LABEL_VALUE, 63, "write at most 63 letters, digits, `-`, `_` and `.`, a letter or digit at both ends");
}

export function annotations(map: Field): void {
  let bytes = 0;
  for (const [key, value] of map.entries) {
    value.refuseIf(!isQualifiedName(key.toLowerCase()), KEY);
    bytes += key.length + Buffer.byteLength(value.text ?? "");
  }
  map.refuseIf(bytes > ANNOTATION_BYTES, `write at most ${ANNOTATION_BYTES} bytes of annotations`);
}

/** https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#resources-that-support-set-based-requirements */
export function labelSelector(selector: Field): void {
  labels(selector.at("matchLabels"));
  for (const requirement of selector.at("matchExpressions").items) {
    const operator = requirement.at("operator");
    operator.oneOf("In", "NotIn", "Exists", "DoesNotExist");
    const values = requirement.at("values");
    const needs = operator.text === "In" || operator.text === "NotIn";
    values.refuseIf(
      needs && !values.unknown && values.items.length === 0,
      `write at least one value for ${operator.text}`,
    );
    values.refuseIf(
      /Exist/.test(operator.text ?? "") && values.items.length > 0,
      "leave it out for Exists and DoesNotExist",
    );
  }
}

/** Whether a selector picks these labels; `undefined` while a part of either is not known. */
export function selects(selector: Field, picked: Field): boolean | undefined {
  let open = selector.unknown || picked.unknown;
  for (const [key, wanted] of selector.at("matchLabels").entries) {
    const value = picked.at(key);
    if (wanted.unknown || value.unknown) open = true;
    else if (wanted.text !== value.text) return false;
  }
  for (const requirement of selector.at("matchExpressions").items) {
    const [key, operator] = [requirement.at("key").text, requirement.at("operator").text];
    if (key === undefined || operator === undefined) continue;
    const value = picked.at(key);
    const values = requirement.at("values").items;
    if (value.unknown || values.some((each) => each.unknown)) open = true;
    else if (
      !satisfies(
        operator,
        value.text,
        values.map((each) => each.text),
      )
    )
      return false;
  }
  return open ? undefined : true;
}

function satisfies(operator: string, value: string | undefined, values: readonly (string | undefined)[]): boolean {
  if (operator === "Exists") return value !== undefined;
  if (operator === "DoesNotExist") return value === undefined;
  const among = value !== undefined && values.includes(value);
  return operator === "In" ? among : !among;
}
