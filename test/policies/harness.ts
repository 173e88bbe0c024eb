import type { PolicyResource, ResourceValidationPolicy, StackValidationPolicy } from "@pulumi/policy";
import * as proxies from "@pulumi/policy/proxy.js";
import * as secrets from "@pulumi/policy/secret.js";
import { toPolicies } from "../../policies/framework/adapter.ts";
import type { AdapterOptions } from "../../policies/framework/adapter.ts";
import type { Policy } from "../../policies/framework/policy.ts";
import { containerHasLimits } from "../../policies/resource-limits/container-has-limits.ts";

/** What the SDK wraps properties in; its declarations leave it out. */
const { unknownCheckingProxy } = proxies as unknown as {
  unknownCheckingProxy: (properties: object) => Record<string, unknown>;
};

const { secretsPreservingProxy } = secrets as unknown as {
  secretsPreservingProxy: (properties: object) => Record<string, unknown>;
};

/** What the engine sends for a text that is not known in preview. */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

export interface Fake {
  readonly type: string;
  readonly name: string;
  readonly props: Record<string, unknown>;
  /** The provider's name in the same list. */
  readonly provider?: string;
  /** Names of the resources that each property comes from. */
  readonly from?: Readonly<Record<string, readonly string[]>>;
  /** What the stack policy is handed at the end, where it is not the inputs. */
  readonly outputs?: Record<string, unknown>;
  /** The resource option of the same name. */
  readonly ignoreChanges?: readonly string[];
}

export interface Found {
  readonly policy: string;
  readonly level: string;
  readonly message: string;
  /** The logical name of the resource that it is about; empty for the stack. */
  readonly name: string;
}

type Config = Record<string, unknown>;

/**
 * Runs policies the way the policy SDK does, without an engine: each resource as it is registered, then all together, with
 * the SDK's own proxies, so that reading an unknown value throws here too.
 */
export function run(
  policies: readonly Policy[],
  resources: readonly Fake[],
  config: Record<string, Config> = {},
  stack = "dev",
  options: AdapterOptions = {},
): Found[] {
  const found: Found[] = [];
  const made = toPolicies(policies, options);
  for (const resource of resources) {
    for (const policy of made)
      if ("validateResource" in policy) analyze(policy, resource, resources, config, stack, found);
  }
  for (const policy of made) {
    const { validateStack } = policy as Partial<StackValidationPolicy>;
    if (validateStack) analyzeStack({ ...policy, validateStack }, resources, config, stack, found);
  }
  return found;
}

/**
 * A resource's inputs after the policy's remediation, as the SDK asks for it where its level is `remediate`; `undefined`
 * where there is nothing to mend. Secrets are instances of the SDK's `Secret`.
 */
export function remediated(
  policy: Policy,
  resource: Fake,
  config: Config = {},
  stack = "dev",
): Record<string, unknown> | undefined {
  const [made] = toPolicies([policy]);
  if (!made || !("remediateResource" in made) || !made.remediateResource) return undefined;
  const result = made.remediateResource({
    ...resourceArgs(resource, [resource], config, stack),
    props: unknownCheckingProxy(secretsPreservingProxy(resource.props)),
  });
  return result as Record<string, unknown> | undefined;
}

/**
 * What one policy says, as `level: message` lines. A policy over the whole stack has a policy beside it that sees each
 * resource as it is registered, as in the pack.
 */
export function say(policy: Policy, resources: readonly Fake[], config: Config = {}, stack = "dev"): string[] {
  const beside = "checkStack" in policy ? [containerHasLimits] : [];
  return run([...beside, policy], resources, { [policy.name]: config }, stack)
    .filter((found) => found.policy === policy.name)
    .map(({ level, message }) => `${level}: ${message}`);
}

function urn(resource: Fake, stack: string): string {
  return `urn:pulumi:${stack}::shop::${resource.type}::${resource.name}`;
}

function report(
  policy: { name: string; enforcementLevel?: string },
  config: Config | undefined,
  found: Found[],
  own: string,
) {
  const level =
    typeof config?.enforcementLevel === "string" ? config.enforcementLevel : (policy.enforcementLevel ?? "");
  return (violation: unknown) => {
    const {
      message,
      urn: about,
      enforcementLevel,
    } = violation as { message: string; urn?: string; enforcementLevel?: string };
    found.push({
      policy: policy.name,
      level: enforcementLevel ?? level,
      message,
      name: about?.split("::").at(-1) ?? own,
    });
  };
}

function provider(resource: Fake, resources: readonly Fake[], stack: string) {
  const made = resources.find(({ name }) => name === resource.provider);
  return made && { provider: { type: made.type, name: made.name, urn: urn(made, stack), props: proxied(made.props) } };
}

function proxied(props: Record<string, unknown>): Record<string, unknown> {
  return unknownCheckingProxy(structuredClone(props));
}

const OPTIONS = {
  protect: false,
  aliases: [],
  additionalSecretOutputs: [],
  customTimeouts: { createSeconds: 0, updateSeconds: 0, deleteSeconds: 0 },
};

function optionsOf({ ignoreChanges = [] }: Fake) {
  return { ...OPTIONS, ignoreChanges: [...ignoreChanges] };
}

function common(config: Config | undefined) {
  const { enforcementLevel: _level, ...settings } = config ?? {};
  return {
    stackTags: new Map<string, string>(),
    getConfig: <T extends object>() => settings as T,
    notApplicable: (): never => {
      throw new Error("not applicable");
    },
  };
}

function analyze(
  policy: ResourceValidationPolicy,
  resource: Fake,
  resources: readonly Fake[],
  config: Record<string, Config>,
  stack: string,
  found: Found[],
): void {
  const { validateResource } = policy;
  const checks = typeof validateResource === "function" ? [validateResource] : (validateResource ?? []);
  for (const check of checks) {
    void check(
      resourceArgs(resource, resources, config[policy.name], stack),
      report(policy, config[policy.name], found, resource.name),
    );
  }
}

function resourceArgs(resource: Fake, resources: readonly Fake[], config: Config | undefined, stack: string) {
  return {
    ...common(config),
    type: resource.type,
    name: resource.name,
    urn: urn(resource, stack),
    props: proxied(resource.props),
    opts: optionsOf(resource),
    isType: () => false,
    asType: () => undefined,
    ...provider(resource, resources, stack),
  };
}

function analyzeStack(
  policy: StackValidationPolicy,
  resources: readonly Fake[],
  config: Record<string, Config>,
  stack: string,
  found: Found[],
): void {
  const made = new Map(
    resources.map((resource): [string, PolicyResource] => [
      resource.name,
      {
        type: resource.type,
        name: resource.name,
        urn: urn(resource, stack),
        props: proxied(resource.outputs ?? resource.props),
        opts: optionsOf(resource),
        dependencies: [],
        propertyDependencies: {},
        isType: () => false,
        asType: () => undefined,
        ...provider(resource, resources, stack),
      },
    ]),
  );
  for (const { name, from = {} } of resources) {
    const target = made.get(name);
    if (!target) continue;
    for (const [property, names] of Object.entries(from)) {
      target.propertyDependencies[property] = names.flatMap((source) => made.get(source) ?? []);
    }
    target.dependencies = Object.values(target.propertyDependencies).flat();
  }
  void policy.validateStack(
    { ...common(config[policy.name]), resources: [...made.values()] },
    report(policy, config[policy.name], found, ""),
  );
}
