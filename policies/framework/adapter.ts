import type {
  Policies,
  PolicyProviderResource,
  PolicyResource,
  ReportViolation,
  ResourceValidationArgs,
  ResourceValidationPolicy,
  StackValidationArgs,
  StackValidationPolicy,
} from "@pulumi/policy";
import { MISCONFIGURED } from "@groundwork/lib/policy-findings";
import { Exceptions, nameOf } from "./exceptions.ts";
import { collector, send } from "./findings.ts";
import type { Finding } from "./findings.ts";
import { known } from "./known.ts";
import { mended, revealed, unwrapped } from "./mend.ts";
import type { Policy, Report, Resource, ResourcePolicy, StackPolicy } from "./policy.ts";
import { COMMON_KEYS, configSchema, resolve, unknownKeys } from "./settings.ts";
import type { Level, Values } from "./settings.ts";
import { Stack, matches } from "./stack.ts";

/** What both forms of the SDK's arguments have in common. */
interface Seen {
  readonly urn: string;
  readonly type: string;
  readonly name: string;
  readonly props: object;
  readonly provider?: PolicyProviderResource;
}

export interface AdapterOptions {
  /** The day by which exceptions expire, `YYYY-MM-DD`. Default: today in UTC. */
  readonly today?: string;
}

const ROOT = "pulumi:pulumi:Stack";

/**
 * The pack in the form that the policy SDK wants. Resources are remembered as they are registered: stack policies are
 * handed outputs, which are empty in preview where the provider itself is not known yet (the kubeconfig of a cluster that
 * is yet to be made), so they would see nothing of what is going to be in that cluster.
 */
export function toPolicies(pack: readonly Policy[], options: AdapterOptions = {}): Policies {
  const memory = new Memory(pack);
  const today = options.today ?? new Date().toISOString().slice(0, 10);
  return pack.map((policy) => {
    const held = new Held(policy, today);
    return "check" in policy ? toResourcePolicy(policy, held, memory) : toStackPolicy(policy, held, memory);
  });
}

/** What holds for a policy in the stack that is looked at. A process serves one stack with one configuration. */
interface Terms {
  readonly stack: string;
  readonly values: Values<Policy["settings"]>;
  readonly level: Level | undefined;
  readonly exceptions: Exceptions;
  /** What is wrong with the policy's part of the config file. */
  readonly problems: readonly Finding[];
}

class Held {
  readonly #policy: Policy;
  readonly #today: string;
  #terms: Terms | undefined;
  /** The engine asks for remediations only where the config's own level says so, which nobody else is told. */
  remediates = false;

  constructor(policy: Policy, today: string) {
    this.#policy = policy;
    this.#today = today;
  }

  get known(): Terms | undefined {
    return this.#terms;
  }

  terms(config: Readonly<Record<string, unknown>>, urn: string): Terms {
    return (this.#terms ??= this.#read(config, stackOf(urn)));
  }

  #read(config: Readonly<Record<string, unknown>>, stack: string): Terms {
    const { settings, name } = this.#policy;
    const { values, level } = resolve(settings, config, stack);
    const exceptions = new Exceptions(name, config, stack, this.#today);
    const keys = [...Object.keys(settings), ...COMMON_KEYS].join(", ");
    const problems: Finding[] = unknownKeys(settings, config).map((key) => ({
      message: `${MISCONFIGURED}sets ${name}.${key}, which does not exist; its keys are ${keys}.`,
      level: "mandatory",
    }));
    if (level === "remediate" && !this.remediates) {
      const instead =
        "remediate" in this.#policy
          ? `, which the engine cannot do for one stack alone; set ${name}.enforcementLevel to remediate, and in ${name}.stacks the level of all others`
          : ", but it has no remediation; set it to mandatory";
      const message = `${MISCONFIGURED}sets ${name}.stacks to remediate for stack ${stack}${instead}.`;
      problems.push({ message, level: "mandatory" });
    }
    return { stack, values, level, exceptions, problems: [...problems, ...exceptions.problems] };
  }
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

function toResourcePolicy(policy: ResourcePolicy, held: Held, memory: Memory): ResourceValidationPolicy {
  const looksAt = remembered(policy.types);
  const { remediate } = policy;
  const seen: Seen[] = [];
  return {
    ...metadata(policy),
    validateResource: (args, report) => {
      const terms = held.terms(args.getConfig(), args.urn);
      if (terms.level === "disabled") return;
      if (args.type === ROOT) tell(report, terms, terms.problems);
      const matching = looksAt(args.type);
      const resource = memory.read(policy.name, args, matching);
      if (!matching || !resource) return;
      if (terms.exceptions.hold) seen.push(args);
      run(terms, args.urn, report, (into) => policy.check(resource, terms.values, into));
    },
    ...(remediate && { remediateResource: remediation(looksAt, held, remediate) }),
    // only what has exceptions has anything to say at the end
    get validateStack() {
      if (held.known?.exceptions.hold !== true) return undefined;
      return (_args: StackValidationArgs, report: ReportViolation) => tell(report, held.known, leftovers(held, seen));
    },
  };
}

function remediation(
  looksAt: (type: string) => boolean,
  held: Held,
  remediate: NonNullable<ResourcePolicy["remediate"]>,
) {
  return (args: ResourceValidationArgs) => {
    held.remediates = true;
    const { values, level, exceptions } = held.terms(args.getConfig(), args.urn);
    if (!looksAt(args.type) || exceptions.covers(args.urn)) return undefined;
    if (level !== undefined && level !== "remediate") return undefined;
    const raw = unwrapped(args.props);
    const props = revealed(raw);
    if (!props) return undefined;
    const resource = toResource({ ...args, props });
    const after = remediate(resource, values);
    return after && mended(raw, resource.inputs, after);
  };
}

function toStackPolicy(policy: StackPolicy, held: Held, memory: Memory): StackValidationPolicy {
  const looksAt = remembered(policy.types);
  return {
    ...metadata(policy),
    validateStack: (args, report) => {
      const [any] = args.resources;
      if (!any) return;
      const terms = held.terms(args.getConfig(), any.urn);
      if (terms.level === "disabled") return;
      tell(report, terms, terms.problems);
      const matching = args.resources.filter(({ type }) => looksAt(type));
      if (matching.length === 0) return;
      const stack = new Stack(
        matching.map((resource) => memory.recall(resource)),
        new Map(args.resources.map((resource): [string, PolicyResource] => [resource.urn, resource])),
      );
      run(terms, undefined, report, (into) => policy.checkStack(stack, terms.values, into));
      tell(report, terms, leftovers(held, matching));
    },
  };
}

function run(terms: Terms, urn: string | undefined, report: ReportViolation, check: (into: Report) => void): void {
  const findings: Finding[] = [];
  check(collector(findings, undefined));
  tell(report, terms, terms.exceptions.apply(findings, urn));
}

/** Whatever has no level of its own has the stack's, or the one that the SDK knows from the config. */
function tell(report: ReportViolation, terms: Terms | undefined, findings: readonly Finding[]): void {
  // what could not be remediated is a violation
  const level = terms?.level === "remediate" ? "mandatory" : terms?.level;
  const own = level === undefined || level === "disabled" ? {} : { level };
  send(
    report,
    findings.map((finding) => ({ ...own, ...finding })),
  );
}

function leftovers({ known: terms }: Held, resources: readonly Seen[]): readonly Finding[] {
  if (!terms?.exceptions.hold) return [];
  const named = resources.map(({ urn }) => ({ urn, name: nameOf(urn) }));
  return terms.exceptions.leftovers(named, terms.stack);
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
