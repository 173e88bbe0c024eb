import { BadInput } from "@groundwork/lib/errors";
import { choices } from "@groundwork/lib/suggest";
import { environmentOf } from "./environment.ts";
import type { Key, Target } from "./key.ts";
import type { KeyName, Settings } from "./keys.ts";
import { KEYS } from "./keys.ts";
import type { EnvironmentConfig } from "./types.ts";
import { shown } from "./values.ts";

type Raw = Partial<Record<KeyName, unknown>>;

const PLACEHOLDER = /^<.*>$/;
/** In plain text they would end up in the repository. */
const SECRETS: readonly KeyName[] = [
  "slackWebhookUrl",
  "smtpPassword",
  "pulumiAccessToken",
  "secretDriftTokens",
  "cloudflareToken",
];
const NAMES = Object.keys(KEYS) as KeyName[];

/**
 * The pure core of the reader. `values` are all configuration values as the engine hands them over: `namespace:key` to
 * text, where structured values are JSON. Other namespaces (provider settings such as `aws:profile`) are left alone.
 */
export function parseConfig(
  project: string,
  values: Readonly<Record<string, string>>,
  isSecret: (key: string) => boolean = () => false,
): EnvironmentConfig {
  const own = Object.entries(values).filter(([name]) => name.startsWith(`${project}:`));
  const texts = new Map(own.map(([name, value]) => [name.slice(project.length + 1), value]));
  for (const name of texts.keys()) refuseUnknown(project, name);
  const raw = Object.fromEntries(
    NAMES.map((name) => [
      name,
      guarded(project, name, isSecret, () => rawValue(KEYS[name], texts.get(name), `${project}:${name}`)),
    ]),
  ) as Raw;
  const read = <K extends KeyName>(name: K): Settings[K] =>
    guarded(project, name, isSecret, () => typed(project, name, raw)) as Settings[K];
  const target = read("target");
  for (const name of SECRETS) refusePlainSecret(project, name, texts.get(name), isSecret);
  for (const name of NAMES) refuseOtherTarget(project, name, target, raw);
  return environmentOf(project, Object.fromEntries(NAMES.map((name) => [name, read(name)])) as unknown as Settings);
}

function refusePlainSecret(
  project: string,
  name: KeyName,
  written: string | undefined,
  isSecret: (key: string) => boolean,
): void {
  if (written === undefined || ["", "{}"].includes(written) || isSecret(`${project}:${name}`)) return;
  throw new BadInput(
    `${project}:${name} is written in plain text; set it with \`pulumi config set --secret ${name}\` and change the value, which may be known by now.`,
  );
}

function refuseUnknown(project: string, name: string): void {
  if (!Object.hasOwn(KEYS, name))
    throw new BadInput(`${project}:${name} is not a configuration key; ${choices(name, NAMES)}.`);
}

/** Keeps the value of a secret key out of the message. */
function guarded<T>(project: string, name: KeyName, isSecret: (key: string) => boolean, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof BadInput && isSecret(`${project}:${name}`)) {
      throw new BadInput(
        `${project}:${name} is not valid (its value is secret and not shown); write what Pulumi.yaml says of it.`,
      );
    }
    throw error;
  }
}

/** Structured and numeric values arrive as JSON; plain text does not. */
function rawValue(definition: Key<unknown>, written: string | undefined, key: string): unknown {
  if (written === undefined || definition.type === "string") return refusePlaceholders(written, key);
  try {
    return refusePlaceholders(JSON.parse(written), key);
  } catch (error) {
    if (error instanceof BadInput) throw error;
    refusePlaceholders(written, key);
    return written;
  }
}

function refusePlaceholders(value: unknown, key: string): unknown {
  if (typeof value === "string" && PLACEHOLDER.test(value)) {
    throw new BadInput(`${key} is still the placeholder ${shown(value)}; write your own value in the stack file.`);
  }
  if (Array.isArray(value)) value.forEach((item, index) => refusePlaceholders(item, `${key}[${index}]`));
  else if (typeof value === "object" && value !== null) {
    for (const [name, item] of Object.entries(value)) refusePlaceholders(item, `${key}.${name}`);
  }
  return value;
}

function isUnset(definition: Key<unknown>, value: unknown): boolean {
  return (
    value === undefined ||
    (definition.unset !== undefined && JSON.stringify(value) === JSON.stringify(definition.unset))
  );
}

function refuseOtherTarget(project: string, name: KeyName, target: Target, raw: Raw): void {
  const definition: Key<unknown> = KEYS[name];
  if (definition.only === undefined || definition.only.includes(target) || isUnset(definition, raw[name])) return;
  throw new BadInput(
    `${project}:${name} is set, but target is ${target}; remove it or set target to ${definition.only.join(" or ")}.`,
  );
}

function typed(project: string, name: KeyName, raw: Raw): unknown {
  const definition: Key<unknown> = KEYS[name];
  const isForeign = definition.only !== undefined && !definition.only.includes(raw.target as Target);
  if (isForeign) return definition.unset;
  const isMissing = raw[name] === undefined || (raw[name] === "" && definition.unset === "");
  return definition.read(
    isMissing && definition.unset !== "" ? definition.unset : isMissing ? undefined : raw[name],
    `${project}:${name}`,
  );
}
