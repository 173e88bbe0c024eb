import type { PolicyResource, ReportViolation, ResourceValidationArgs, StackValidationArgs } from "@pulumi/policy";
import { nameOf } from "./exceptions.ts";
import { collector, send } from "./findings.ts";
import type { Finding } from "./findings.ts";
import type { Policy, Report, Resource, ResourcePolicy, StackPolicy } from "./policy.ts";
import { matcher, toResource } from "./seen.ts";
import type { Seen } from "./seen.ts";
import { Stack } from "./stack.ts";
import { Held } from "./terms.ts";
import type { Terms } from "./terms.ts";

const ROOT = "pulumi:pulumi:Stack";

/** A policy while the pack runs. */
interface Entry<P extends Policy> {
  readonly policy: P;
  readonly held: Held;
  readonly looksAt: (type: string) => boolean;
  /** What has been found and not been told yet, by the URN of the resource that was looked at; empty for the stack. */
  readonly pending: Map<string, readonly Finding[]>;
}

export interface ResourceEntry extends Entry<ResourcePolicy> {
  isAsked: boolean;
  /** Resources that went by before the policy's configuration was known: it looks at them when it is asked. */
  readonly waiting: Set<string>;
  /** What it looked at, where it has exceptions that may turn out to be good for nothing. */
  readonly looked: Seen[];
}

export interface StackEntry extends Entry<StackPolicy> {
  isDecided: boolean;
}

/**
 * The SDK asks every policy about every resource, and hands all resources to each policy over the stack: with 250 policies
 * and 1,700 resources asking takes longer than looking. So the first policy that is asked looks for all the others that
 * the type concerns, and those have something to be asked only where something was found. A policy's configuration is
 * told to nobody but itself; until it has been asked once, it looks for itself.
 *
 * Resources are remembered as they are registered: policies over the stack are handed outputs, which are empty in preview
 * where the provider itself is not known yet (the kubeconfig of a cluster that is yet to be made), so they would see
 * nothing of what is going to be in that cluster.
 */
export class Dispatch {
  readonly resources: readonly ResourceEntry[];
  readonly stacks: readonly StackEntry[];
  readonly #isWanted: (type: string) => boolean;
  readonly #concerned = new Map<string, readonly ResourceEntry[]>();
  readonly #seen = new Map<string, Resource>();
  #first: ResourceEntry | undefined;
  #firstOfStack: StackEntry | undefined;

  constructor(pack: readonly Policy[], today: string) {
    const entry = <P extends Policy>(policy: P): Entry<P> => ({
      policy,
      held: new Held(policy, today),
      looksAt: matcher(policy.types),
      pending: new Map(),
    });
    this.resources = pack
      .filter((policy) => "check" in policy)
      .map((policy) => ({ ...entry(policy), isAsked: false, waiting: new Set(), looked: [] }));
    this.stacks = pack
      .filter((policy) => "checkStack" in policy)
      .map((policy) => ({ ...entry(policy), isDecided: false }));
    this.#isWanted = matcher(this.stacks.flatMap(({ policy }) => policy.types));
  }

  /** Whether the SDK needs to ask the policy about the resource that it is at. */
  mustAsk(entry: ResourceEntry): boolean {
    return !entry.isAsked || entry === this.#first || entry.pending.size + entry.waiting.size > 0;
  }

  /** Whether a policy over the stack should be asked about a resource, only to hear its configuration. */
  mustHear({ held }: StackEntry): boolean {
    return held.known === undefined && this.#first !== undefined;
  }

  mustAskOfStack(entry: StackEntry): boolean {
    const isFirst = this.#firstOfStack === undefined || entry === this.#firstOfStack;
    return isFirst || !entry.isDecided || entry.pending.size > 0;
  }

  ask(entry: ResourceEntry, args: ResourceValidationArgs, report: ReportViolation): void {
    const terms = entry.held.terms(args.getConfig(), args.urn);
    if (terms.level !== "disabled" && args.type === ROOT) tell(report, terms, terms.problems);
    this.#first ??= entry;
    entry.isAsked = true;
    if (entry === this.#first) this.#look(args);
    else if (entry.waiting.delete(args.urn)) lookAt(entry, terms, this.#seen.get(args.urn) ?? toResource(args), args);
    tell(report, terms, entry.pending.get(args.urn) ?? []);
    entry.pending.delete(args.urn);
  }

  askOfStack(entry: StackEntry, args: StackValidationArgs, report: ReportViolation): void {
    const [any] = args.resources;
    if (!any) return;
    const terms = entry.held.terms(args.getConfig(), any.urn);
    this.#firstOfStack ??= entry;
    if (entry === this.#firstOfStack) for (const other of this.stacks) other.isDecided = false;
    if (!entry.isDecided) this.#lookAtStack(args.resources);
    tell(report, terms, entry.pending.get("") ?? []);
    entry.pending.delete("");
  }

  #look(args: ResourceValidationArgs): void {
    const concerned = this.#concernedBy(args.type);
    const isWanted = this.#isWanted(args.type);
    if (concerned.length === 0 && !isWanted) return;
    const resource = toResource(args);
    if (isWanted) this.#seen.set(args.urn, resource);
    for (const entry of concerned) {
      const terms = entry.held.known;
      if (terms) lookAt(entry, terms, resource, args);
      else entry.waiting.add(args.urn);
    }
  }

  #concernedBy(type: string): readonly ResourceEntry[] {
    const before = this.#concerned.get(type);
    if (before) return before;
    const concerned = this.resources.filter(({ looksAt }) => looksAt(type));
    this.#concerned.set(type, concerned);
    return concerned;
  }

  #lookAtStack(resources: readonly PolicyResource[]): void {
    const graph = new Map(resources.map((resource): [string, PolicyResource] => [resource.urn, resource]));
    const recalled = resources
      .filter(({ type }) => this.#isWanted(type))
      .map((resource) => this.#recall(resource))
      .sort((a, b) => (a.urn < b.urn ? -1 : 1));
    for (const entry of this.stacks) {
      const terms = entry.held.known;
      if (!terms || entry.isDecided) continue;
      entry.isDecided = true;
      if (terms.level === "disabled") continue;
      const matching = recalled.filter(({ type }) => entry.looksAt(type));
      const findings: Finding[] = [];
      if (matching.length > 0) {
        entry.policy.checkStack(new Stack(matching, graph), terms.values, collector(findings, undefined));
      }
      const left = terms.exceptions.apply(findings, undefined);
      const all = [...terms.problems, ...left, ...leftovers(terms, matching)];
      if (all.length > 0) entry.pending.set("", all);
    }
  }

  /** Nothing at all of a resource means that nobody saw its inputs and its provider is not known yet. */
  #recall(seen: Seen): Resource {
    const before = this.#seen.get(seen.urn);
    if (before) return before;
    const resource = toResource(seen);
    return Object.keys(seen.props).length > 0 ? resource : { ...resource, unknown: [[]] };
  }
}

function lookAt(entry: ResourceEntry, terms: Terms, resource: Resource, args: Seen): void {
  if (terms.level === "disabled") return;
  if (terms.exceptions.hold) entry.looked.push(args);
  const findings: Finding[] = [];
  const into: Report = collector(findings, undefined);
  entry.policy.check(resource, terms.values, into);
  const left = terms.exceptions.apply(findings, args.urn);
  if (left.length > 0) entry.pending.set(args.urn, left);
}

/** Whatever has no level of its own has the stack's, or the one that the SDK knows from the config. */
export function tell(report: ReportViolation, terms: Terms | undefined, findings: readonly Finding[]): void {
  // what could not be remediated is a violation
  const level = terms?.level === "remediate" ? "mandatory" : terms?.level;
  const own = level === undefined || level === "disabled" ? {} : { level };
  send(
    report,
    findings.map((finding) => ({ ...own, ...finding })),
  );
}

export function leftovers(
  terms: Terms | undefined,
  resources: readonly Seen[] | readonly Resource[],
): readonly Finding[] {
  if (!terms?.exceptions.hold || terms.level === "disabled") return [];
  // a resource that is replaced goes by twice
  const named = new Map(resources.map(({ urn }) => [urn, { urn, name: nameOf(urn) }]));
  return terms.exceptions.leftovers([...named.values()], terms.stack);
}
