import type { Changes } from "@groundwork/lib/rehearsal-report";
import { stripVTControlCharacters } from "node:util";

/**
 * What `pulumi --event-log` writes, one JSON document a line: apitype.EngineEvent of the Pulumi SDK, as far as we read it.
 * https://github.com/pulumi/pulumi/blob/v3.200.0/sdk/go/common/apitype/events.go
 */
export interface EngineEvent {
  readonly sequence: number;
  /** Unix time in seconds. */
  readonly timestamp: number;
  readonly diagnosticEvent?: {
    readonly urn?: string;
    readonly message: string;
    readonly severity: "debug" | "info" | "info#err" | "warning" | "error";
    readonly ephemeral?: boolean;
  };
  readonly resourcePreEvent?: { readonly metadata: StepMetadata; readonly planning?: boolean };
  readonly resOutputsEvent?: { readonly metadata: StepMetadata; readonly planning?: boolean };
  readonly resOpFailedEvent?: { readonly metadata: StepMetadata; readonly status: number; readonly steps: number };
  readonly policyEvent?: {
    readonly resourceUrn?: string;
    readonly message: string;
    readonly policyName: string;
    readonly policyPackName: string;
    readonly policyPackVersion: string;
    readonly enforcementLevel: string;
  };
  readonly policyAnalyzeSummaryEvent?: PolicySummary;
  readonly policyAnalyzeStackSummaryEvent?: PolicySummary;
  readonly summaryEvent?: {
    readonly durationSeconds: number;
    readonly resourceChanges: Readonly<Record<string, number>>;
    /** Keys are `<pack>` or `<pack>|local|<path>`, values are versions. */
    readonly PolicyPacks?: Readonly<Record<string, string>>;
    readonly isPreview: boolean;
  };
  readonly errorEvent?: { readonly error: string };
  readonly cancelEvent?: object;
}

/** The policies of a pack that looked at one resource, or at the whole stack. */
interface PolicySummary {
  readonly resourceUrn?: string;
  readonly policyPackName: string;
  readonly policyPackVersion: string;
  readonly passed?: readonly string[];
  readonly failed?: readonly string[];
}

/** One thing that the engine does to one resource. */
export interface StepMetadata {
  /** `create`, `update`, `delete`, `same`, `replace`, `create-replacement`, `delete-replaced`, `read`, `refresh`, `import` ... */
  readonly op: string;
  readonly urn: string;
  readonly type: string;
  readonly old: StepState | null;
  readonly new: StepState | null;
  /** Properties that force a replacement. */
  readonly keys?: readonly string[];
  /** Properties that differ. */
  readonly diffs?: readonly string[];
  readonly detailedDiff: Readonly<Record<string, { readonly diffKind: string; readonly inputDiff: boolean }>> | null;
  /** False for the two halves of a replacement, which count as one change. */
  readonly logical?: boolean;
  /** Reference of the provider: its URN and id joined by `::`. */
  readonly provider: string;
}

/** A resource before or after a step. The engine has replaced secrets by `[secret]`. */
export interface StepState {
  readonly type: string;
  readonly urn: string;
  readonly id: string;
  readonly custom?: boolean;
  readonly parent: string;
  readonly protect?: boolean;
  readonly retainOnDelete?: boolean;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly outputs: Readonly<Record<string, unknown>>;
  readonly provider: string;
}

export interface PolicyViolation {
  readonly pack: string;
  readonly policy: string;
  /** `mandatory` stops an update, `advisory` only tells. */
  readonly level: "mandatory" | "advisory";
  /** The resource; the stack's own URN, or empty, for a policy that looks at the whole stack. */
  readonly urn: string;
  readonly message: string;
}

export interface Diagnostic {
  readonly urn?: string;
  readonly severity: "info" | "warning" | "error";
  readonly message: string;
}

export interface PolicyPackRun {
  readonly name: string;
  readonly version: string;
  /** Folder that it was run from, as given to `--policy-pack`. */
  readonly path?: string;
  /** Names of the policies that looked at something, sorted. */
  readonly policies: readonly string[];
  /** Whether it has looked at the whole stack too, which is the last that it does: then all its policies are named. */
  readonly lookedAtAll: boolean;
}

export interface Step {
  readonly op: string;
  readonly urn: string;
  readonly type: string;
  readonly provider?: string;
  readonly old?: StepState;
  readonly new?: StepState;
  /** False for the two halves of a replacement (`create-replacement`, `delete-replaced`). */
  readonly logical: boolean;
  /** Properties that force a replacement, then those that differ. */
  readonly replaceKeys: readonly string[];
  readonly diffs: readonly string[];
  readonly detailedDiff: Readonly<Record<string, { readonly diffKind: string; readonly inputDiff: boolean }>>;
  /** `started` is what a killed engine leaves: nobody knows whether it took effect. */
  readonly outcome: "started" | "done" | "failed";
}

/** What a list of engine events amounts to. */
export interface EventSummary {
  readonly changes: Changes;
  readonly violations: readonly PolicyViolation[];
  readonly diagnostics: readonly Diagnostic[];
  readonly packs: readonly PolicyPackRun[];
  readonly steps: readonly Step[];
  /** The engine has told that it ended, be it with an error; false when it was killed or never started. */
  readonly ended: boolean;
}

/** Takes off the engine's colour tags such as `<{%reset%}>`, and terminal escapes that a program put into its own message. */
export function plainText(message: string): string {
  return stripVTControlCharacters(message.replace(/<\{%[^%]*%\}>/g, ""));
}

/**
 * What the engine puts before a provider's reason: the type and name that the diagnostic's URN tells already, and the whole
 * value, which can be pages long. https://github.com/pulumi/pulumi/blob/v3.200.0/sdk/go/common/diag/errors.go
 */
const invalidInput = /^\S+ resource '.*?'(?:: property (?<property>\S+) value \{.*?\})? has a problem: (?<reason>.*)$/s;

/** The provider's own reason, with the property's path where the reason does not name it. */
function reasonOf(message: string): string {
  const { property, reason } = invalidInput.exec(message)?.groups ?? {};
  if (reason === undefined) return message;
  return property === undefined || reason.includes(property) ? reason : `${property}: ${reason}`;
}

interface PackSeen {
  readonly version: string;
  path?: string;
  readonly policies: Set<string>;
  lookedAtAll: boolean;
}

/** The CLI's warning about our own language and policy hosts, when the CLI itself lies in a folder that is not ours. */
const ownPlugin = /^using pulumi-(language-nodejs|analyzer-policy) from \$PATH at /;

/** Adds up events as they arrive. */
export class EventReader {
  readonly #steps = new Map<string, Step>();
  readonly #violations: PolicyViolation[] = [];
  readonly #diagnostics: Diagnostic[] = [];
  readonly #packs = new Map<string, PackSeen>();
  #counted: Readonly<Record<string, number>> | undefined;
  #ended = false;

  add(event: EngineEvent): void {
    if (event.resourcePreEvent) this.#step(event.resourcePreEvent.metadata, "started");
    if (event.resOutputsEvent) this.#step(event.resOutputsEvent.metadata, "done");
    if (event.resOpFailedEvent) this.#step(event.resOpFailedEvent.metadata, "failed");
    if (event.policyEvent) this.#violation(event.policyEvent);
    if (event.policyAnalyzeSummaryEvent) this.#looked(event.policyAnalyzeSummaryEvent);
    if (event.policyAnalyzeStackSummaryEvent) this.#looked(event.policyAnalyzeStackSummaryEvent).lookedAtAll = true;
    if (event.diagnosticEvent) this.#diagnostic(event.diagnosticEvent);
    if (event.errorEvent)
      this.#diagnostics.push({ severity: "error", message: plainText(event.errorEvent.error).trim() });
    if (event.summaryEvent) this.#summary(event.summaryEvent);
    if (event.cancelEvent) this.#ended = true;
  }

  summary(): EventSummary {
    const steps = [...this.#steps.values()];
    return {
      changes: countChanges(this.#counted ?? countSteps(steps)),
      violations: [...this.#violations],
      diagnostics: [...this.#diagnostics],
      packs: [...this.#packs].map(([name, { policies, ...pack }]) => ({
        name,
        ...pack,
        policies: [...policies].sort(),
      })),
      steps,
      ended: this.#ended,
    };
  }

  /** A component reports its outputs twice, when it is registered and when its own outputs are: one step all the same. */
  #step(metadata: StepMetadata, outcome: Step["outcome"]): void {
    const key = `${metadata.op} ${metadata.urn} ${metadata.op === "delete-replaced" ? (metadata.old?.id ?? "") : ""}`;
    const before = this.#steps.get(key);
    this.#steps.set(key, {
      op: metadata.op,
      urn: metadata.urn,
      type: metadata.type,
      ...(metadata.provider === "" ? {} : { provider: metadata.provider }),
      ...(metadata.old === null ? {} : { old: metadata.old }),
      ...(metadata.new === null ? {} : { new: metadata.new }),
      logical: metadata.logical ?? false,
      replaceKeys: metadata.keys ?? before?.replaceKeys ?? [],
      diffs: metadata.diffs ?? before?.diffs ?? [],
      detailedDiff: metadata.detailedDiff ?? before?.detailedDiff ?? {},
      outcome: before?.outcome === "failed" ? "failed" : outcome,
    });
  }

  #violation(event: NonNullable<EngineEvent["policyEvent"]>): void {
    this.#violations.push({
      pack: event.policyPackName,
      policy: event.policyName,
      level: event.enforcementLevel === "mandatory" ? "mandatory" : "advisory",
      urn: event.resourceUrn ?? "",
      message: plainText(event.message).trim(),
    });
  }

  #looked(event: PolicySummary): PackSeen {
    const pack = this.#pack(event.policyPackName, event.policyPackVersion);
    for (const policy of [...(event.passed ?? []), ...(event.failed ?? [])]) pack.policies.add(policy);
    return pack;
  }

  #diagnostic(event: NonNullable<EngineEvent["diagnosticEvent"]>): void {
    const message = plainText(event.message).trim();
    // the SDK's own trace of each call, which the CLI hides too
    if (event.severity === "debug" || event.ephemeral === true || message === "") return;
    if (ownPlugin.test(message)) return;
    this.#diagnostics.push({
      ...(event.urn === undefined ? {} : { urn: event.urn }),
      severity: event.severity === "info#err" ? "info" : event.severity,
      message: event.urn === undefined ? message : reasonOf(message),
    });
  }

  #summary(event: NonNullable<EngineEvent["summaryEvent"]>): void {
    this.#counted = event.resourceChanges;
    for (const [key, version] of Object.entries(event.PolicyPacks ?? {})) {
      const [name = key, , path] = key.split("|");
      const pack = this.#pack(name, version);
      if (path !== undefined) pack.path = path;
    }
  }

  #pack(name: string, version: string): PackSeen {
    const known = this.#packs.get(name) ?? {
      version: version.replace(/^v/, ""),
      policies: new Set<string>(),
      lookedAtAll: false,
    };
    this.#packs.set(name, known);
    return known;
  }
}

function countSteps(steps: readonly Step[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const step of steps) {
    if (step.logical && step.outcome === "done") counts[step.op] = (counts[step.op] ?? 0) + 1;
  }
  return counts;
}

/** Reads of existing resources and refreshes that found nothing new change nothing. */
function countChanges(counts: Readonly<Record<string, number>>): Changes {
  const sum = (...ops: string[]): number => ops.reduce((total, op) => total + (counts[op] ?? 0), 0);
  return {
    create: sum("create", "import"),
    update: sum("update"),
    replace: sum("replace", "import-replacement"),
    delete: sum("delete", "discard", "remove-pending-replace"),
    same: sum("same", "read", "refresh"),
  };
}
