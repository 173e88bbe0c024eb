import type {
  Policies,
  ReportViolation,
  ResourceValidation,
  ResourceValidationArgs,
  ResourceValidationPolicy,
  StackValidation,
  StackValidationPolicy,
} from "@pulumi/policy";
import { Dispatch, leftovers, tell } from "./dispatch.ts";
import type { ResourceEntry, StackEntry } from "./dispatch.ts";
import { mended, revealed, unwrapped } from "./mend.ts";
import type { Policy } from "./policy.ts";
import { toResource } from "./seen.ts";
import { configSchema } from "./settings.ts";

export interface AdapterOptions {
  /** The day by which exceptions expire, `YYYY-MM-DD`. Default: today in UTC. */
  readonly today?: string;
}

/** The pack in the form that the policy SDK wants. The SDK reads each policy's functions anew whenever it asks. */
export function toPolicies(pack: readonly Policy[], options: AdapterOptions = {}): Policies {
  const dispatch = new Dispatch(pack, options.today ?? new Date().toISOString().slice(0, 10));
  const made = new Map<Policy, ResourceValidationPolicy | StackValidationPolicy>([
    ...dispatch.resources.map((entry) => [entry.policy, toResourcePolicy(entry, dispatch)] as const),
    ...dispatch.stacks.map((entry) => [entry.policy, toStackPolicy(entry, dispatch)] as const),
  ]);
  return pack.flatMap((policy) => made.get(policy) ?? []);
}

function toResourcePolicy(entry: ResourceEntry, dispatch: Dispatch): ResourceValidationPolicy {
  const { policy, held, looked } = entry;
  const ask: ResourceValidation[] = [(args, report) => dispatch.ask(entry, args, report)];
  const none: ResourceValidation[] = [];
  const atTheEnd: StackValidation = (_args, report) => tell(report, held.known, leftovers(held.known, looked));
  return {
    ...metadata(policy),
    get validateResource() {
      return dispatch.mustAsk(entry) ? ask : none;
    },
    ...(policy.remediate && { remediateResource: (args: ResourceValidationArgs) => remediation(entry, args) }),
    // only what has exceptions has anything to say at the end
    get validateStack() {
      return held.known?.exceptions.hold === true ? atTheEnd : undefined;
    },
  };
}

function remediation({ policy, held, looksAt }: ResourceEntry, args: ResourceValidationArgs) {
  held.remediates = true;
  const { values, level, exceptions } = held.terms(args.getConfig(), args.urn);
  if (!looksAt(args.type) || exceptions.covers(args.urn)) return undefined;
  if (level !== undefined && level !== "remediate") return undefined;
  const raw = unwrapped(args.props);
  const props = revealed(raw);
  if (!props) return undefined;
  const resource = toResource({ ...args, props });
  const after = policy.remediate?.(resource, values);
  return after && mended(raw, resource.inputs, after);
}

function toStackPolicy(entry: StackEntry, dispatch: Dispatch): StackValidationPolicy {
  const hear: ResourceValidation = (args) => void entry.held.terms(args.getConfig(), args.urn);
  const ask: StackValidation = (args, report: ReportViolation) => dispatch.askOfStack(entry, args, report);
  const policy = {
    ...metadata(entry.policy),
    get validateResource() {
      return dispatch.mustHear(entry) ? hear : undefined;
    },
    get validateStack() {
      return dispatch.mustAskOfStack(entry) ? ask : undefined;
    },
  };
  return policy as typeof policy & { readonly validateStack: StackValidation };
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
