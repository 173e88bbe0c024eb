import { rmSync } from "node:fs";
import { join } from "node:path";
import type { DesiredState } from "@groundwork/lib/desired-state";
import { BadInput } from "@groundwork/lib/errors";
import type { QuotaReport, ViolationReport } from "@groundwork/lib/rehearsal-report";
import { causeOf } from "../cause.ts";
import type { OperationResult, Step } from "../engine/index.ts";
import type { PlannedFailure } from "../planned.ts";
import { type Session, diskFull, tellsDiskFull } from "../session.ts";
import { plannedQuotas } from "./quotas.ts";
import { type Sketch, inRegion, readPlan, sketchesOfPreview } from "./sketch.ts";

/** What one stack is going to be, what of the account's quotas that takes and what the policy pack says of it. */
export interface Desired {
  readonly state: DesiredState;
  readonly quotas: readonly QuotaReport[];
  readonly violations: readonly ViolationReport[];
  /** `name@version` of the pack that looked at it. */
  readonly pack: string | null;
}

type Outcome = OperationResult & { readonly planned: readonly PlannedFailure[] };

/** What a preview of the session's program comes to, and what the policy pack says of it. */
export interface Planned {
  readonly result: Outcome;
  readonly sketches: readonly Sketch[];
  readonly policy: Policy;
}

/** @throws BadInput where the program cannot be previewed; violations of policies are a finding, not a failure */
export async function plan(session: Session, what: string, signal?: AbortSignal): Promise<Planned> {
  const guarded = await preview(session, "preview", true, what, signal);
  // the engine writes no plan of what a mandatory policy refuses
  const { result, sketches } =
    guarded.result.exitCode === 0 ? guarded : await preview(session, "preview-unguarded", false, what, signal);
  return { result, sketches, policy: policyOf(guarded.result) };
}

async function preview(
  session: Session,
  name: string,
  withPack: boolean,
  what: string,
  signal: AbortSignal | undefined,
): Promise<Omit<Planned, "policy">> {
  const file = join(session.folders.temporary, `${name}.plan.json`);
  try {
    const result = await session.operate("preview", name, withPack, ["--save-plan", file]);
    refuseFailure(session, result, what, signal);
    return { result, sketches: sketchesOfPreview(result.steps, readPlan(file)) };
  } finally {
    rmSync(file, { force: true });
  }
}

/** @throws BadInput naming what was tried and the first thing that failed */
export function refuseFailure(session: Session, result: Outcome, what: string, signal?: AbortSignal): void {
  if (signal?.aborted === true) throw new Error("interrupted: nothing was changed");
  if ([result.stderr, ...result.diagnostics.map(({ message }) => message)].some(tellsDiskFull)) {
    throw diskFull(session.folders.home);
  }
  if (result.badInput !== undefined) throw new BadInput(`${what}: ${result.badInput}`);
  const [first] = result.planned;
  if (first !== undefined) throw new BadInput(`${what}: ${first.urn}: ${first.failure.path}: ${first.failure.reason}`);
  const isRefusedByPolicy = result.violations.some(({ level }) => level === "mandatory");
  const failed = result.diagnostics.some(({ severity, urn }) => severity === "error" && urn !== undefined);
  if (result.exitCode === 0 || (isRefusedByPolicy && !failed)) return;
  const replaced = result.steps.find(({ op, outcome }) => op === "create-replacement" && outcome === "failed");
  throw new BadInput(
    `${what}: ${replaced === undefined ? "" : replacementText(replaced)}${firstLine(causeOf(result))}`,
  );
}

/** Of an error that a program did not catch, Node first shows where; what it says comes after. */
function firstLine(cause: string): string {
  const lines = cause.split("\n").map((line) => line.trim());
  const [line = "the engine gave no reason"] = lines.filter((each) => each !== "");
  if (!line.endsWith("unhandled exception:")) return line;
  const thrown = lines.find((each) => /^(Uncaught )?\w*(Error|Exception)\b.*: /.test(each));
  return thrown === undefined ? line.replace(/:$/, "") : `the program ends with ${thrown}`;
}

/** What fails is one thing, that something is to be replaced is the graver one. */
function replacementText({ urn, replaceKeys }: Step): string {
  const why = replaceKeys.length === 0 ? "" : ` because of ${replaceKeys.join(", ")}`;
  return `${urn.slice(urn.lastIndexOf("::") + 2)} would be replaced${why}, which the cloud refuses: `;
}

export async function desiredOf(
  session: Session,
  stack: string,
  sketches: readonly Sketch[],
  policy: Policy,
): Promise<Desired> {
  const target = session.configured("target");
  const placed = inRegion(sketches, session.configured("aws:region"));
  const resources = placed.map(({ resource }) => resource);
  return {
    state: { stack, target: typeof target === "string" ? target : null, resources },
    quotas: await plannedQuotas(placed, session.settings.quotas),
    ...policy,
  };
}

export type Policy = Pick<Desired, "pack" | "violations">;

/** The pack that looked, and what it found, in the same order each time. */
export function policyOf({ packs, violations }: OperationResult): Policy {
  const [pack] = packs;
  const reports = violations.map(({ policy, level, urn, message }): ViolationReport => ({
    policy,
    level,
    urn: urn === "" ? null : urn,
    message,
  }));
  const sorted = new Map(reports.map((each) => [JSON.stringify([each.policy, each.urn, each.message]), each]));
  return {
    pack: pack === undefined ? null : `${pack.name}@${pack.version}`,
    violations: [...sorted.keys()].sort().flatMap((key) => sorted.get(key) ?? []),
  };
}
