import type { PolicyConfigJSONSchema } from "@pulumi/policy/schema.js";
import { kubernetesQuantity } from "@groundwork/lib/kubernetes-quantity";

/** One threshold of a policy: its default and what else it may be. */
export interface Setting<T = unknown> {
  readonly default: T;
  readonly schema: PolicyConfigJSONSchema;
}

export type Settings = Readonly<Record<string, Setting>>;

export type Values<S extends Settings> = { readonly [Key in keyof S]: S[Key]["default"] };

export type Level = "advisory" | "mandatory" | "remediate" | "disabled";

/** A count or amount; `least` and `most` bound what may be configured. */
export function number(value: number, description: string, least = 0, most?: number): Setting<number> {
  const bounds = most === undefined ? { minimum: least } : { minimum: least, maximum: most };
  return { default: value, schema: { type: "number", ...bounds, default: value, description } };
}

export function flag(value: boolean, description: string): Setting<boolean> {
  return { default: value, schema: { type: "boolean", default: value, description } };
}

/** An amount of memory or storage in Kubernetes' notation, e.g. `512Mi`. */
export function memory(value: string, description: string): Setting<string> {
  const pattern = "^[0-9]+(\\.[0-9]+)?(Ki|Mi|Gi|Ti|k|M|G|T)?$";
  return { default: value, schema: { type: "string", pattern, default: value, description } };
}

/** Patterns, in which `*` stands for any text. */
export function patterns(value: readonly string[], description: string): Setting<readonly string[]> {
  return {
    default: value,
    schema: { type: "array", items: { type: "string", minLength: 1 }, default: [...value], description },
  };
}

/** Bytes of a {@link memory} setting. */
export function bytes(value: string): number {
  return kubernetesQuantity(value) ?? 0;
}

/** Whether a text fits one of the patterns. */
export function fits(text: string, allowed: readonly string[]): boolean {
  return allowed.some((pattern) => glob(pattern).test(text));
}

function glob(pattern: string): RegExp {
  const literal = (text: string) => text.replaceAll(/[.+?^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`^${pattern.split("*").map(literal).join(".*")}$`);
}

const LEVELS: Level[] = ["advisory", "mandatory", "remediate", "disabled"];

/** Left wide open on purpose: what is wrong with an exception is told in a sentence, not by the engine. */
const EXCEPTIONS: PolicyConfigJSONSchema = {
  type: "array",
  description:
    "Single resources that the policy leaves alone until a date: { resource: URN or logical name, reason, expires: YYYY-MM-DD }.",
};

/** The schema that the engine checks a policy's part of the config file against. */
export function configSchema(settings: Settings): { properties: Record<string, PolicyConfigJSONSchema> } {
  const own = Object.fromEntries(Object.entries(settings).map(([name, setting]) => [name, setting.schema]));
  // without the defaults: what a stack does not say stays what the policy says
  const inner = Object.fromEntries(
    Object.entries(own).map(([name, { default: _default, ...schema }]): [string, PolicyConfigJSONSchema] => [
      name,
      schema,
    ]),
  );
  const level: PolicyConfigJSONSchema = { type: "string", enum: LEVELS };
  return {
    properties: {
      ...own,
      exceptions: EXCEPTIONS,
      stacks: {
        type: "object",
        description:
          "The same keys and enforcementLevel for single stacks, by stack name; * stands for any text. Exceptions add to those above.",
        additionalProperties: {
          type: "object",
          properties: { ...inner, exceptions: EXCEPTIONS, enforcementLevel: level },
          additionalProperties: false,
        },
      },
    },
  };
}

/** What holds for one stack: defaults, then the config file, then the file's part for this stack. */
export function resolve<S extends Settings>(
  settings: S,
  config: Readonly<Record<string, unknown>>,
  stack: string,
): { values: Values<S>; level?: Level } {
  const own = stackParts(config, stack);
  const merged = Object.assign({}, config, ...own) as Record<string, unknown>;
  const values = Object.fromEntries(
    Object.entries(settings).map(([name, setting]) => [name, merged[name] ?? setting.default]),
  ) as Values<S>;
  const level = own.length > 0 ? LEVELS.find((known) => known === merged.enforcementLevel) : undefined;
  return level === undefined ? { values } : { values, level };
}

/** The parts of a policy's config that are for this stack; the more literal pattern last, so that "prod-eu" beats "prod*". */
export function stackParts(
  config: Readonly<Record<string, unknown>>,
  stack: string,
): readonly Readonly<Record<string, unknown>>[] {
  return Object.entries(asObject(config.stacks))
    .filter(([pattern]) => fits(stack, [pattern]))
    .sort(([a], [b]) => literal(a) - literal(b) || (a < b ? -1 : 1))
    .map(([, value]) => asObject(value));
}

function literal(pattern: string): number {
  return pattern.replaceAll("*", "").length + (pattern.includes("*") ? 0 : 1000);
}

/** Keys that every policy has in the config file, beside its own settings. */
export const COMMON_KEYS: readonly string[] = ["exceptions", "stacks", "enforcementLevel"];

/** Keys of the config file that the policy does not have; the engine itself lets them pass. */
export function unknownKeys(settings: Settings, config: Readonly<Record<string, unknown>>): string[] {
  return Object.keys(config).filter((key) => !COMMON_KEYS.includes(key) && !Object.hasOwn(settings, key));
}

function asObject(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}
