import type {
  Policies,
  PolicyProviderResource,
  PolicyResource,
  ReportViolation,
  ResourceValidationPolicy,
  StackValidationPolicy,
} from "@pulumi/policy";
import { known } from "./known.ts";
import type { Policy, Report, Resource, ResourcePolicy, StackPolicy } from "./policy.ts";
import { configSchema, resolve, unknownKeys } from "./settings.ts";
import { Stack, matches } from "./stack.ts";

/** What both forms of the SDK's arguments have in common. */
interface Seen {
  readonly urn: string;
  readonly type: string;
  readonly name: string;
  readonly props: object;
  readonly provider?: PolicyProviderResource;
}

interface Finding {
  readonly message: string;
  readonly urn?: string;
  readonly level?: "advisory" | "mandatory";
}

/**
 * The SDK passes an object on as it is, which its declarations do not say: only so a message comes without the policy's
 * description before it, and a single finding can have a level of its own.
 * https://github.com/pulumi/pulumi-policy/blob/main/sdk/nodejs/policy/server.ts
 */
type ReportObject = (violation: { message: string; urn?: string; enforcementLevel?: "advisory" | "mandatory" }) => void;

const ROOT = "pulumi:pulumi:Stack";

/**
 * The pack in the form that the policy SDK wants. Resources are remembered as they are registered: stack policies are
 * handed outputs, which are empty in preview where the provider itself is not known yet (the kubeconfig of a cluster that
 * is yet to be made), so they would see nothing of what is going to be in that cluster.
 */
export function toPolicies(pack: readonly Policy[]): Policies {
  const memory = new Memory(pack);
  return pack.map((policy) => ("check" in policy ? toResourcePolicy(policy, memory) : toStackPolicy(policy, memory)));
}

class Memory {
  readonly #wanted: (type: string) => boolean;
  readonly #seen = new Map<string, { readonly by: string; readonly resource: Resource }>();

  constructor(pack: readonly Policy[]) {
    this.#wanted = remembered(pack.filter((policy) => "checkStack" in policy).flatMap((policy) => policy.types));
  }

  /** The policies of a pack look at a resource one after the other; the first that is enabled reads it for all. */
  read(by: string, seen: Seen, force: boolean): Resource | undefined {
    if (!force && !this.#wanted(seen.type)) return undefined;
    const entry = this.#seen.get(seen.urn);
    if (entry && entry.by !== by) return entry.resource;
    const resource = toResource(seen);
    this.#seen.set(seen.urn, { by, resource });
    return resource;
  }

  /** Nothing at all of a resource means that nobody saw its inputs and its provider is not known yet. */
  recall(seen: Seen): Resource {
    const before = this.#seen.get(seen.urn)?.resource;
    if (before) return before;
    const resource = toResource(seen);
    return Object.keys(seen.props).length > 0 ? resource : { ...resource, unknown: [[]] };
  }
}

function toResourcePolicy(policy: ResourcePolicy, memory: Memory): ResourceValidationPolicy {
  const looksAt = remembered(policy.types);
  return {
    ...metadata(policy),
    validateResource: (args, report) => {
      if (args.type === ROOT) return checkKeys(policy, args.getConfig(), report);
      const matching = looksAt(args.type);
      const resource = memory.read(policy.name, args, matching);
      if (!matching || !resource) return;
      run(policy, args.getConfig(), stackOf(args.urn), report, (settings, into) => {
        policy.check(resource, settings, into);
      });
    },
  };
}

function toStackPolicy(policy: StackPolicy, memory: Memory): StackValidationPolicy {
  const looksAt = remembered(policy.types);
  return {
    ...metadata(policy),
    validateStack: (args, report) => {
      checkKeys(policy, args.getConfig(), report);
      const matching = args.resources.filter(({ type }) => looksAt(type));
      const [first] = matching;
      if (!first) return;
      const graph = new Map(args.resources.map((resource): [string, PolicyResource] => [resource.urn, resource]));
      const stack = new Stack(
        matching.map((resource) => memory.recall(resource)),
        graph,
      );
      run(policy, args.getConfig(), stackOf(first.urn), report, (settings, into) => {
        policy.checkStack(stack, settings, into);
      });
    },
  };
}

function run(
  policy: Policy,
  config: Record<string, unknown>,
  stack: string,
  report: ReportViolation,
  check: (settings: Record<string, unknown>, into: Report) => void,
): void {
  const { values, level } = resolve(policy.settings, config, stack);
  if (level === "disabled") return;
  const findings: Finding[] = [];
  check(values, collector(findings, level));
  // a policy may find one thing on two ways; who reads the result wants to see it once, in the same place each time
  const sorted = new Map(findings.map((finding) => [`${finding.urn ?? ""}\n${finding.message}`, finding]));
  for (const key of [...sorted.keys()].sort()) send(report, sorted.get(key));
}

function collector(findings: Finding[], level: Finding["level"]): Report {
  const add = (message: string, urn: string | undefined, own: Finding["level"]) =>
    findings.push({ message, ...(urn !== undefined && { urn }), ...(own !== undefined && { level: own }) });
  return {
    violation: (message, urn) => add(message, urn, level),
    advice: (message, urn) => add(message, urn, "advisory"),
    undecided: (path, what, urn) =>
      add(`Undecided until up: ${path} is not known in preview, so ${what} cannot be checked yet.`, urn, "advisory"),
  };
}

function send(report: ReportViolation, finding: Finding | undefined): void {
  if (!finding) return;
  const { message, urn, level } = finding;
  (report as unknown as ReportObject)({
    message,
    ...(urn !== undefined && { urn }),
    ...(level !== undefined && { enforcementLevel: level }),
  });
}

function checkKeys(policy: Policy, config: Record<string, unknown>, report: ReportViolation): void {
  const known = [...Object.keys(policy.settings), "stacks", "enforcementLevel"].join(", ");
  for (const key of unknownKeys(policy.settings, config)) {
    const message = `The policy config sets ${policy.name}.${key}, which does not exist; its keys are ${known}.`;
    send(report, { message, level: "mandatory" });
  }
}

function metadata(policy: Policy) {
  return {
    name: policy.name,
    description: policy.description,
    enforcementLevel: policy.level,
    severity: policy.severity,
    configSchema: configSchema(policy.settings),
    remediationSteps: policy.fix,
    url: policy.control.url,
    tags: [policy.family],
  };
}

function toResource({ urn, type, name, props, provider }: Seen): Resource {
  const { value, unknown } = known(props);
  return {
    urn,
    type,
    name,
    inputs: value,
    unknown,
    ...(provider && { provider: { urn: provider.urn, properties: known(provider.props).value } }),
  };
}

/** `urn:pulumi:<stack>::<project>::<types>::<name>` */
function stackOf(urn: string): string {
  return urn.split("::", 1)[0]?.slice("urn:pulumi:".length) ?? "";
}

/** Most types come by hundreds of times, so each is matched against the expressions once. */
function remembered(types: readonly (string | RegExp)[]): (type: string) => boolean {
  const decided = new Map<string, boolean>();
  return (type) => {
    const before = decided.get(type);
    if (before !== undefined) return before;
    const now = matches(type, types);
    decided.set(type, now);
    return now;
  };
}
