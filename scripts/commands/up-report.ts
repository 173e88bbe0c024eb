import Table from "cli-table3";
import type { Changes, Engine, OperationResult, PolicyViolation, Step } from "../rehearsal/engine/index.ts";

/** How an `up` ended. */
export type UpResult =
  "updated" | "unchanged" | "declined" | "stopped by policy" | "preview failed" | "update failed" | "interrupted";

export interface UpOutcome {
  readonly stack: string;
  readonly engine: Engine;
  readonly preview: OperationResult;
  /** Missing when nothing was updated. */
  readonly update?: OperationResult;
  readonly result: UpResult;
  /** What to do about a failure that is not the program's. */
  readonly hint?: string | undefined;
}

const STACK_TYPE = "pulumi:pulumi:Stack";
/** Read from top to bottom: what destroys data comes first. */
const order = ["replace", "delete", "update", "create", "import"];
const done: Readonly<Record<string, string>> = {
  create: "created",
  update: "updated",
  delete: "deleted",
  "create-replacement": "created the replacement of",
  "delete-replaced": "deleted the replaced",
  import: "imported",
};

/** The stack itself carries the outputs: when only those differ there is something to store all the same. */
export function changesAnything({ changes, steps }: OperationResult): boolean {
  if (changes.create + changes.update + changes.replace + changes.delete > 0) return true;
  const stack = steps.find(({ type }) => type === STACK_TYPE);
  return JSON.stringify(stack?.old?.outputs) !== JSON.stringify(stack?.new?.outputs);
}

/** One line for a step that changed something. */
export function describeStep({ op, urn, type }: Pick<Step, "op" | "urn" | "type">): string[] {
  const verb = done[op];
  return verb === undefined || type === STACK_TYPE ? [] : [`${verb} ${type} ${nameOf(urn)}`];
}

export function renderPreview(preview: OperationResult): string {
  const changed = changedSteps(preview);
  const table = new Table({ head: ["change", "type", "name", "because of"], style: { head: [], border: [] } });
  for (const { op, type, urn, replaceKeys, diffs } of changed) {
    table.push([op, type, nameOf(urn), (op === "replace" ? replaceKeys : diffs).join(", ")]);
  }
  const lines = [
    ...(changed.length === 0 ? [] : [table.toString()]),
    changed.length === 0 ? `${sentence(preview.changes)}; only outputs of the stack change` : sentence(preview.changes),
    ...policyLines(preview),
  ];
  return `${[...lines, ...warnings(preview)].join("\n")}\n`;
}

export function renderOutcome({ stack, preview, update, result, hint }: UpOutcome): string {
  const lines: string[] = [];
  if (result === "stopped by policy")
    lines.push(...policyLines(preview), `${stack}: a mandatory policy stopped it, nothing was changed`);
  if (result === "preview failed") lines.push(...errors(preview), `${stack}: the preview failed, nothing was changed`);
  if (result === "unchanged") lines.push(...policyLines(preview), `${stack}: nothing to change`);
  if (result === "declined") lines.push(`${stack}: not confirmed, nothing was changed`);
  if (result === "updated" && update !== undefined) {
    lines.push(`${stack}: updated in ${update.seconds.toFixed(1)} s, ${sentence(update.changes)}`);
  }
  if (result === "update failed" && update !== undefined) {
    lines.push(
      ...policyLines(update),
      ...errors(update),
      `${stack}: the update failed after ${sentence(update.changes)}; the next one goes on from here`,
    );
  }
  if (hint !== undefined) lines.push(`${stack}: ${hint}`);
  if (result === "interrupted") {
    lines.push(
      update === undefined
        ? `${stack}: interrupted, nothing was changed`
        : `${stack}: interrupted after ${sentence(update.changes)}; the next one goes on from here`,
    );
  }
  return `${lines.join("\n")}\n`;
}

/** What `--json` prints. */
export function upDocument({ stack, engine, preview, update, result, hint }: UpOutcome): object {
  const operation = ({ seconds, changes, diagnostics }: OperationResult): object => ({
    seconds,
    changes,
    diagnostics: diagnostics.filter(({ severity }) => severity !== "info"),
  });
  const last = update ?? preview;
  return {
    stack,
    result,
    ...(hint === undefined ? {} : { hint }),
    engine: { version: engine.version, source: engine.source },
    preview: operation(preview),
    ...(update === undefined ? {} : { update: operation(update) }),
    steps: changedSteps(last).map(({ op, urn, type, outcome, replaceKeys, diffs }) => ({
      op,
      urn,
      type,
      outcome,
      replaceKeys,
      diffs,
    })),
    policy: { packs: last.packs, violations: last.violations },
  };
}

function changedSteps({ steps }: OperationResult): Step[] {
  return steps
    .filter(({ op, logical }) => logical && order.includes(op))
    .sort((a, b) => order.indexOf(a.op) - order.indexOf(b.op) || a.urn.localeCompare(b.urn));
}

function sentence({ create, update, replace, delete: deleted, same }: Changes): string {
  const counts = { create, update, replace, delete: deleted, same };
  const parts = Object.entries(counts).filter(([, count]) => count > 0);
  return parts.length === 0 ? "no resources" : parts.map(([what, count]) => `${count} ${what}`).join(", ");
}

function policyLines({ packs, violations }: OperationResult): string[] {
  const ran = packs.map(({ name, version, policies }) => `policy pack ${name} ${version}: ${policies.length} policies`);
  const sorted = [...violations].sort((a, b) => b.level.localeCompare(a.level) || a.policy.localeCompare(b.policy));
  return [...ran, ...sorted.map(violationLine)];
}

function violationLine({ level, policy, urn, message }: PolicyViolation): string {
  const subject = urn === "" ? "the stack" : nameOf(urn);
  return `  ${level} ${policy}, ${subject}: ${message.split("\n").join("\n    ")}`;
}

function errors({ diagnostics, stderr }: OperationResult): string[] {
  const told = diagnostics
    .filter(({ severity }) => severity === "error")
    .map(({ urn, message }) => withSubject(urn, message));
  return told.length > 0 ? told : [stderr];
}

function warnings({ diagnostics }: OperationResult): string[] {
  return diagnostics
    .filter(({ severity }) => severity === "warning")
    .map(({ urn, message }) => `warning: ${withSubject(urn, message)}`);
}

function withSubject(urn: string | undefined, message: string): string {
  return urn === undefined || urn === "" ? message : `${nameOf(urn)}: ${message}`;
}

/** The last part of a URN: the logical name, which is what the program calls the resource. */
function nameOf(urn: string): string {
  return urn.split("::").slice(3).join("::");
}
