import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { isCustomGroup } from "@groundwork/lib/expanders/expand";
import type { Segments } from "../../paths.ts";
import type { Field } from "./field.ts";
import { type Kind, kindOf } from "./token.ts";

/** What a compiled JSON schema says against a value (Ajv). */
interface SchemaError {
  readonly instancePath: string;
  readonly keyword: string;
  readonly params: Readonly<Record<string, unknown>>;
}

interface Validate {
  (data: unknown): boolean;
  errors?: readonly SchemaError[] | null;
}

const require = createRequire(import.meta.url);
const loaded = new Map<string, Validate | undefined>();

/**
 * The compiled schema of a kind from kubernetes-models, which is generated from the API server's own OpenAPI document.
 * Loaded synchronously, on first use: a Deployment's schema is a hundred files, most programs use ten kinds.
 */
function validatorOf(token: string): Validate | undefined {
  if (!loaded.has(token)) loaded.set(token, load(token));
  return loaded.get(token);
}

function load(token: string): Validate | undefined {
  const kind = kindOf(token);
  if (!kind) return undefined;
  if (isCustomGroup(kind.group)) return loadCustom(kind);
  const capitalised = (word: string) => word.charAt(0).toUpperCase() + word.slice(1);
  const group = capitalised(kind.group.split(".")[0] ?? "");
  const name = `IoK8sApi${group}${capitalised(kind.version)}${kind.kind}`;
  const file = fileURLToPath(import.meta.resolve(`kubernetes-models/_schemas/${name}`));
  return existsSync(file) ? (require(file) as { validate: Validate }).validate : undefined;
}

/** Packages of kinds that add-ons declare. Their schemas are files with names of their own, which only their classes tell. */
const CUSTOM_PACKAGES = [
  ...["argo-rollouts", "cert-manager", "external-secrets", "gateway-api", "istio", "karpenter", "keda"],
  "prometheus-operator",
];

function loadCustom({ group, version, kind }: Kind): Validate | undefined {
  const roots = require.resolve.paths("@kubernetes-models/base") ?? [];
  const files = roots.flatMap((root) =>
    CUSTOM_PACKAGES.map((name) => join(root, "@kubernetes-models", name, group, version, `${kind}.js`)),
  );
  const found = files.find(existsSync);
  const schema = found && /from"([./]+_schemas\/\w+\.js)"/.exec(readFileSync(found, "utf8"))?.[1];
  if (found === undefined || schema === undefined) return undefined;
  return (require(join(dirname(found), schema)) as { validate: Validate }).validate;
}

/** Adds what the schema of the API server says against an object. */
export function checkSchema(token: string, object: Field): void {
  const validate = validatorOf(token);
  if (!validate || validate(object.value)) return;
  const errors = validate.errors ?? [];
  const alternatives = new Set(errors.filter(isAlternative).map(({ instancePath }) => instancePath));
  for (const error of errors) {
    // what each alternative lacks is noise beside "none of them fits"
    if (alternatives.has(error.instancePath) && !isAlternative(error)) continue;
    const steps = stepsOf(error.instancePath, object.value);
    const field = steps.reduce<Field>(
      (at, step) => (typeof step === "number" ? (at.items[step] ?? at) : at.at(step)),
      object,
    );
    if (error.keyword === "required") field.at(String(error.params.missingProperty)).require();
    else if (field.present) field.refuse(reasonOf(error));
  }
}

function isAlternative({ keyword }: SchemaError): boolean {
  return keyword === "oneOf" || keyword === "anyOf";
}

/** A JSON pointer, with the elements of lists as numbers. */
function stepsOf(pointer: string, root: unknown): Segments {
  const names = pointer.split("/").slice(1);
  let value = root;
  return names.map((name) => {
    const step = name.replaceAll("~1", "/").replaceAll("~0", "~");
    const isItem = Array.isArray(value);
    value = typeof value === "object" && value !== null ? (value as Record<string, unknown>)[step] : undefined;
    return isItem ? Number(step) : step;
  });
}

const FORMATS: Readonly<Record<string, string>> = {
  byte: "base64 text",
  "date-time": "a time such as 2026-11-21T08:00:00Z",
  int32: "a whole number of 32 bits",
  int64: "a whole number of 64 bits",
  quantity: "a quantity such as 500m, 2, 512Mi or 1.5Gi",
};

function reasonOf({ keyword, params }: SchemaError): string {
  if (keyword === "type")
    return `write ${["object", "array", "integer"].includes(String(params.type)) ? "an" : "a"} ${String(params.type)}`;
  if (keyword === "format")
    return `write ${FORMATS[String(params.format)] ?? `a value of the format ${String(params.format)}`}`;
  if (keyword === "enum") return `write one of ${(params.allowedValues as unknown[]).map(String).join(", ")}`;
  if (keyword === "additionalProperties")
    return `field "${String(params.additionalProperty)}" is not declared in the schema`;
  if (keyword === "oneOf" || keyword === "anyOf") return "write a number or a text of the documented form";
  return `it breaks the rule ${keyword} ${JSON.stringify(params)}`;
}
